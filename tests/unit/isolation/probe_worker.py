"""A worker for tests that tries, from inside a profile, what no worker may do."""

import ctypes
import fcntl
import mmap
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE, sealed
from edge_app.isolation.worker import serve

LIBC = ctypes.CDLL(None, use_errno=True)
_NO_RESERVE = 0x4000


@dataclass(frozen=True)
class Prey:
    """What the test has made for a probe to go after.

    Attributes:
        folder: Holds a file "file" and an empty folder "folder".
        readable: A file that the profile allows to be read.
    """

    folder: Path
    port: int
    parent: int
    readable: Path

    @property
    def file(self) -> Path:
        return self.folder / "file"

    def renew(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "folder").mkdir(parents=True)
        self.file.write_bytes(b"precious")

    def is_untouched(self) -> bool:
        found = sorted(p.name for p in self.folder.iterdir())
        return found == ["file", "folder"] and self.file.read_bytes() == b"precious"


def checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def forked(_: Prey) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def dialled(prey: Prey) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as plug:
        plug.settimeout(1)
        plug.connect(("127.0.0.1", prey.port))


def sent(prey: Prey) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.sendto(b"x", ("127.0.0.1", prey.port))


def thread_started(_: Prey) -> None:
    thread = threading.Thread(target=time.monotonic)
    thread.start()
    thread.join()


def memory_taken(_: Prey) -> None:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NO_RESERVE
    mmap.mmap(-1, 1 << 40, flags=flags).close()


def file_grown(_: Prey) -> None:
    os.truncate(os.memfd_create("large"), 1 << 40)


def mode_of_an_open_file_changed(prey: Prey) -> None:
    os.fchmod(os.open(prey.readable, os.O_RDONLY), 0o600)


def mounted(prey: Prey) -> None:
    folder = str(prey.folder).encode()
    checked(LIBC.mount(b"none", folder, b"tmpfs", 0, None))
    LIBC.umount2(folder, 2)  # MNT_DETACH: whoever may mount leaves nothing behind


def children_of(prey: Prey) -> None:
    Path(f"/proc/{prey.parent}/task/{prey.parent}/children").read_bytes()


PROBES: dict[str, Callable[[Prey], object]] = {
    "open a network socket": lambda _: socket.socket(socket.AF_INET).close(),
    "open a local socket": lambda _: socket.socket(socket.AF_UNIX).close(),
    "make a pair of sockets": lambda _: socket.socketpair(),
    "connect to a listener": dialled,
    "send a datagram": sent,
    "read the accounts": lambda _: Path("/etc/passwd").read_bytes(),
    "list the homes": lambda _: list(Path("/home").iterdir()),
    "read the clinic's data": lambda prey: prey.file.read_bytes(),
    "write a new file": lambda prey: (prey.folder / "new").write_bytes(b"x"),
    "change a file": lambda prey: prey.file.open("r+b").close(),
    "cut a file short": lambda prey: os.truncate(prey.file, 0),
    "make a folder": lambda prey: (prey.folder / "made").mkdir(),
    "remove a folder": lambda prey: (prey.folder / "folder").rmdir(),
    "remove a file": lambda prey: prey.file.unlink(),
    "rename a file": lambda prey: prey.file.rename(prey.folder / "renamed"),
    "link to a file": lambda prey: (prey.folder / "link").symlink_to("/etc"),
    "link a file twice": lambda prey: os.link(prey.file, prey.folder / "twice"),
    "make a pipe with a name": lambda prey: os.mkfifo(prey.folder / "pipe"),
    "change a file's mode": lambda prey: prey.file.chmod(0o600),
    "change an open file's mode": mode_of_an_open_file_changed,
    "change a file's owner": lambda prey: os.chown(prey.file, os.getuid(), os.getgid()),
    "change a file's times": lambda prey: os.utime(prey.file, (1, 1)),
    "run a program": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606  that is the probe
    "start a program": lambda _: subprocess.run(["/bin/true"], check=True),
    "fork": forked,
    "signal the parent": lambda prey: os.kill(prey.parent, 0),
    "signal everybody": lambda _: os.kill(-1, 0),
    "queue a signal": lambda prey: signal.pidfd_send_signal(os.pidfd_open(prey.parent), 0),
    "see the parent's children": children_of,
    "trace the parent": lambda prey: checked(LIBC.ptrace(0x4206, prey.parent, 0, 0)),
    "read the parent's memory": lambda prey: Path(f"/proc/{prey.parent}/mem").open("rb").close(),
    "read the parent's environment": lambda prey: Path(f"/proc/{prey.parent}/environ").read_bytes(),
    "limit the parent": lambda prey: resource.prlimit(prey.parent, resource.RLIMIT_CORE),
    "have namespaces of its own": lambda _: checked(LIBC.unshare(0x10000000)),
    "mount": mounted,
    "dump its memory": lambda _: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20)),
    "take 1 TiB of addresses": memory_taken,
    "take a file of 1 TiB": file_grown,
}
HARMLESS: dict[str, Callable[[Prey], object]] = {
    "start a thread": thread_started,
    "read its package": lambda prey: prey.readable.read_bytes(),
    "read a module": lambda _: Path(os.__file__).read_bytes(),
    "read the processor's kind": lambda _: Path("/proc/cpuinfo").read_bytes(),
    "map memory": lambda _: mmap.mmap(-1, 1 << 20).close(),
    "look at its own pipe": lambda _: fcntl.fcntl(2, fcntl.F_GETFL),
}


def tried(name: str, prey: Prey) -> str:
    """Return what came of one probe."""
    try:
        ({**PROBES, **HARMLESS})[name](prey)
    except (OSError, ValueError, MemoryError, subprocess.SubprocessError) as error:
        return f"refused: {error}"
    return "succeeded"


def tried_apart(name: str, prey: Prey) -> str:
    """Return what comes of one probe without a sandbox, in a process that it may use up."""
    prey.renew()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if tried(name, prey) == "succeeded" else 1)
    return "refused" if os.waitpid(pid, 0)[1] else "succeeded"


if __name__ == "__main__":
    kind, folder, port, parent, readable = sys.argv[1:]
    prey = Prey(Path(folder), int(port), int(parent), Path(readable))
    if kind == "unconfined":
        for name in PROBES:
            sys.stdout.write(f"{name}: {tried_apart(name, prey)}\n")
            sys.stdout.flush()
    else:
        profile = sealed(prey.readable) if kind == "sealed" else HOLDING_A_DEVICE
        serve(lambda question: Message(tried(question.head.decode(), prey).encode()), profile)

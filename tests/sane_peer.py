"""SANE's own `test` back end, here and behind `saned` on loopback, as a scanner to test with."""

import atexit
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

from edge_app.compose.devices import scanners
from edge_app.domain.image import CapturedImage
from edge_app.ports import DeviceInfo, OpenScanner, Scanner
from hardware.sane.library import is_installed
from hardware.sane.session import session

NAME = "test:0"
_SETTLED_S = 10.0
_addresses = count()
_SETTINGS = """\
number_of_devices 1
mode {mode}
depth 8
resolution_min 1.0
resolution_max 1200.0
resolution_quant 1.0
resolution 50.0
test-picture "Color pattern"
geometry_min 0.0
geometry_max 200.0
geometry_quant 1.0
br_x 80.0
br_y 100.0
"""


def configured(folder: Path, *, backend: str = "test", mode: str = "Color") -> Path:
    """Return `folder` as a configuration of SANE with one back end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dll.d").mkdir(exist_ok=True)
    (folder / "dll.conf").write_text(f"{backend}\n")
    (folder / "test.conf").write_text(_SETTINGS.format(mode=mode))
    (folder / "net.conf").write_text("")
    (folder / "saned.conf").write_text("127.0.0.0/8\n")
    return folder


@lru_cache
def configured_for_this_process() -> Path:
    """Return the one folder for tests in this process: SANE looks only once where it lies."""
    folder = Path(mkdtemp(prefix="sane-"))
    atexit.register(shutil.rmtree, folder)
    return configured(folder)


@lru_cache
def why_not_here() -> str:
    """Return what this machine lacks, or nothing."""
    if not is_installed():
        return "libsane.so.1 is not installed (apt install libsane1)"
    if shutil.which("scanimage") is None or saned() is None:
        return "scanimage or saned is not installed (apt install sane-utils)"
    os.environ["SANE_CONFIG_DIR"] = str(configured_for_this_process())
    try:
        with session() as (library, line):
            found = line.ask(lambda: library.devices(is_local=True), 10.0)
    finally:
        del os.environ["SANE_CONFIG_DIR"]
    return "" if found else "SANE here has no test back end"


def saned() -> str | None:
    """Return the program that serves scanners, also where it is not on a user's path."""
    return shutil.which("saned", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


needed = pytest.mark.skipif(bool(why_not_here()), reason=why_not_here())


def a_scanner(folder: Path, name: str = NAME, *, frame_s: float = 20.0, choices=(), settings=()):
    """Return the scanner as the program has it: a process of its own, set by a profile."""
    path = folder / "scanner.toml"
    lines = ['kind = "sane"', f"frame_s = {frame_s}", "[choices]"]
    lines += [f'{key} = "{word}"' for key, word in dict(choices).items()]
    lines += ["[settings]", *(f"{key} = {value}" for key, value in dict(settings).items())]
    path.write_text("\n".join(lines))
    return scanners([f"{path}:{name}"])[0]


def scanned_by_scanimage(*options: str, name: str = NAME) -> np.ndarray:
    """Return what SANE's own program reads, [h, w, 3], uint8 or uint16."""
    done = subprocess.run(
        ["scanimage", "-d", name, "--format=pnm", *options],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return _from_pnm(done.stdout)


def _from_pnm(content: bytes) -> np.ndarray:
    lines = [line for line in content.split(b"\n", 6)[:5] if not line.startswith(b"#")]
    magic, (width, height) = lines[0], map(int, lines[1].split())
    size = {b"P4": (width + 7) // 8 * height, b"P5": width * height, b"P6": 3 * width * height}
    is_wide = magic != b"P4" and int(lines[2]) > 255
    body = content[-size[magic] * (2 if is_wide else 1) :]
    if magic == b"P4":
        dark = np.unpackbits(np.frombuffer(body, np.uint8).reshape(height, -1), axis=1)
        levels = ((1 - dark[:, :width]) * np.uint8(255))[..., None]
    else:
        levels = np.frombuffer(body, ">u2" if is_wide else np.uint8).reshape(height, width, -1)
    return np.broadcast_to(levels, (height, width, 3))


class Server:
    """`saned` at an address of its own; its child serves one client, and holds the scanner."""

    def __init__(self, folder: Path, mode: str = "Gray") -> None:
        self._folder = configured(folder, mode=mode)
        which = next(_addresses)
        self.address = (
            f"127.{which % 200 + 2}.{os.getpid() % 250 + 1}.{os.getpid() // 250 % 250 + 1}"
        )
        self.name = f"net:{self.address}:{NAME}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Plug the scanner in."""
        self._process = subprocess.Popen(
            [saned(), "-l", "-e", "-b", self.address, "-p", "6566"],
            env={**os.environ, "SANE_CONFIG_DIR": str(self._folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _SETTLED_S
        while not self._listens():
            assert self._process.poll() is None, "saned ended at once"
            assert time.monotonic() < until, "saned does not listen"
            time.sleep(0.02)

    def serving(self) -> list[int]:
        """Return the processes that serve a client now."""
        listening = self._process.pid
        children = Path(f"/proc/{listening}/task/{listening}/children").read_text().split()
        return [int(pid) for pid in children if _is_alive(int(pid))]

    def kill_serving(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End, or stop, whoever serves; who connects anew is served."""
        for pid in self.serving():
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    def pull(self) -> None:
        """Pull the scanner out: nobody serves and nobody listens."""
        self.kill_serving()
        self._process.kill()
        self._process.wait()

    def _listens(self) -> bool:
        local = "".join(f"{int(part):02X}" for part in reversed(self.address.split(".")))
        return f"{local}:19A6" in Path("/proc/net/tcp").read_text()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def served(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str = "Gray") -> Iterator[Server]:
    """Start a server, and have this program's children reach scanners only through the network."""
    server = Server(folder / "server", mode)
    client = configured(folder / "client", backend="net")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(client))
    server.start()
    try:
        yield server
    finally:
        server.pull()


class _OtherPages:
    def __init__(self, device: OpenScanner) -> None:
        self._device = device
        self._pages = 0

    def frame(self) -> CapturedImage | None:
        self._pages += 1
        self._device.adjust("br-y", 20 + self._pages)
        return self._device.frame()

    def __getattr__(self, name: str) -> object:
        return getattr(self._device, name)


class OtherPages:
    """A scanner with somebody who lays another page on its glass before each scan.

    The test back end shows one picture for ever; a real page is never twice the same.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner

    def info(self) -> DeviceInfo:
        return self._scanner.info()

    @contextmanager
    def open(self) -> Iterator[_OtherPages]:
        with self._scanner.open() as device:
            yield _OtherPages(device)

"""Aravis' own simulated GigE Vision camera on loopback, as a camera to test with."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest

from edge_app.compose.devices import scanners
from hardware.genicam.library import is_installed

PROGRAM = "arv-fake-gv-camera-0.8"
SERIAL = f"T{os.getpid()}"
PLACE = f"Aravis-Fake-{SERIAL}"
_LISTENS = "0100007F:0F74"  # 127.0.0.1, port 3956, which the GigE Vision standard fixes
_SETTLED_S = 20.0
_TURNS = Path(tempfile.gettempdir()) / f"edge-app-gige-port-{os.getuid()}.lock"


@lru_cache
def why_not_here() -> str:
    """Return what this machine lacks, or nothing."""
    if not is_installed():
        return "libaravis-0.8.so.0 is not installed (apt install libaravis-0.8-0)"
    if shutil.which(PROGRAM) is None:
        return f"{PROGRAM} is not installed (apt install aravis-tools)"
    return ""


needed = pytest.mark.skipif(bool(why_not_here()), reason=why_not_here())


class FakeCamera:
    """The camera; one at a time on a machine."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def plug(self, *options: str) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            [PROGRAM, "-i", "127.0.0.1", "-s", SERIAL, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _SETTLED_S
        while not is_port_taken():
            assert self._process.poll() is None, "the fake camera ended at once"
            assert time.monotonic() < until, "the fake camera does not listen"
            time.sleep(0.01)

    def send(self, how: signal.Signals) -> None:
        """Stop it for a while, or have it go on."""
        os.kill(self._process.pid, how)

    def pull(self) -> None:
        """End it at once, as a cable that is pulled out."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def is_port_taken() -> bool:
    return _LISTENS in Path("/proc/net/udp").read_text()


@contextmanager
def its_turn() -> Iterator[FakeCamera]:
    """Yield the camera, not plugged in; waits for other tests on this machine that use it."""
    with _TURNS.open("a") as turns:
        fcntl.flock(turns, fcntl.LOCK_EX)
        if is_port_taken():
            pytest.skip("port 3956 of 127.0.0.1 is in use by something else")
        camera = FakeCamera()
        try:
            yield camera
        finally:
            camera.pull()


def a_camera(folder: Path, *, frame_s: float = 8.0, choices=(), settings=(), more: str = ""):
    """Return the camera as the program has it: a process of its own, set by a profile."""
    path = folder / "camera.toml"
    lines = ['kind = "genicam"', f"frame_s = {frame_s}", more, "[choices]"]
    lines += [f'{key} = "{word}"' for key, word in dict(choices).items()]
    lines += ["[settings]", *(f'"{key}" = {value}' for key, value in dict(settings).items())]
    path.write_text("\n".join(lines))
    return scanners([f"{path}:{PLACE}"])[0]

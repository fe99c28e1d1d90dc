"""Real streams on loopback to test with: gst-rtsp-server, and a small MJPEG camera of our own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.gstreamer.library import is_installed, library

ROOT = Path(__file__).parents[2]
_SYSTEM_PYTHON = Path("/usr/bin/python3")
_UNPACKED = ROOT / "build" / "gst-rtsp-server"
_SETTLED_S = 20.0
_ELEMENTS = ("videotestsrc", "appsink", "rtspsrc", "rtpjpegdepay", "souphttpsrc", "multipartdemux", "jpegdec")  # fmt: skip


def _is_complete() -> bool:
    return is_installed() and all(library().has_element(name) for name in _ELEMENTS)


def _environment() -> dict[str, str]:
    """Return the environment in which the system's Python finds gst-rtsp-server."""
    found = {**os.environ}
    for folder in _UNPACKED.glob("usr/lib/*"):
        found["LD_LIBRARY_PATH"] = str(folder)
        found["GI_TYPELIB_PATH"] = str(folder / "girepository-1.0")
    return found


def _has_rtsp_server() -> bool:
    asked = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if not _SYSTEM_PYTHON.exists() or not shutil.which(str(_SYSTEM_PYTHON)):
        return False
    command = [_SYSTEM_PYTHON, "-c", asked]
    return not subprocess.run(command, env=_environment(), capture_output=True).returncode


needed = pytest.mark.skipif(
    not _is_complete(), reason="GStreamer's base and good plugins are absent"
)
rtsp_needed = pytest.mark.skipif(
    not _is_complete() or not _has_rtsp_server(), reason="gst-rtsp-server is absent"
)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


class Camera:
    """A server in a process of its own, on one port for its whole life."""

    def __init__(self, *command: str | Path, scheme: str, arguments: tuple[str, ...] = ()) -> None:
        self.port = free_port()
        self._scheme = scheme
        self._command = [*map(str, command), str(self.port), *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, path: str = "/live", login: str = "") -> str:
        return f"{self._scheme}://{login}127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        """Start it and return once it answers."""
        self._process = subprocess.Popen(self._command, env=_environment(), cwd=ROOT)
        until = time.monotonic() + _SETTLED_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, "the camera did not start"
                assert time.monotonic() < until
                time.sleep(0.05)

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def _running(camera: Camera) -> Iterator[Camera]:
    try:
        camera.start()
        yield camera
    finally:
        camera.kill()


def rtsp_camera(*login: str):
    side = ROOT / "tests" / "peers" / "rtsp_side.py"
    return _running(Camera(_SYSTEM_PYTHON, side, scheme="rtsp", arguments=login))


def mjpeg_camera():
    return _running(Camera(sys.executable, "-m", "tests.peers.mjpeg_side", scheme="http"))


@contextmanager
def stopped(camera: Camera, seconds: float) -> Iterator[None]:
    camera.send(signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        camera.send(signal.SIGCONT)
    yield

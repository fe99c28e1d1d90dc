"""Real streams on loopback to test with: gst-rtsp-server, and a small MJPEG camera of our own."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from edge_app.compose.devices import scanners
from edge_app.ports import Scanner
from hardware.gstreamer.library import is_installed, library

ROOT = Path(__file__).parents[2]
_SYSTEM_PYTHON = Path("/usr/bin/python3")
_UNPACKED = ROOT / "build" / "gst-rtsp-server"
_SETTLED_S = 20.0
_ELEMENTS = (
    "videotestsrc", "appsink", "rtspsrc", "rtpjpegdepay", "souphttpsrc", "multipartdemux",
    "jpegdec",
)  # fmt: skip


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
    if not _SYSTEM_PYTHON.exists():
        return False
    command = [_SYSTEM_PYTHON, "-c", asked]
    done = subprocess.run(command, check=False, env=_environment(), capture_output=True)
    return not done.returncode


def _absent() -> str:
    if _is_complete():
        return ""
    return "GStreamer is not complete (apt install gstreamer1.0-plugins-base, -good)"


needed = pytest.mark.skipif(bool(_absent()), reason=_absent())
rtsp_needed = pytest.mark.skipif(
    bool(_absent()) or not _has_rtsp_server(), reason="gst-rtsp-server or python3-gi is absent"
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
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._process.poll() is None, "the camera did not start"
                assert time.monotonic() < until
                time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._process.pid

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


def rtsp_camera(*arguments: str):
    side = ROOT / "tests" / "peers" / "rtsp_side.py"
    return _running(Camera(_SYSTEM_PYTHON, side, scheme="rtsp", arguments=arguments))


def mjpeg_camera():
    return _running(Camera(sys.executable, "-m", "tests.peers.mjpeg_side", scheme="http"))


def a_stream(folder: Path, address: str, *, frame_s: float = 4.0) -> Scanner:
    """Return the camera as the program has it: a process of its own, set by a profile."""
    path = folder / "camera.toml"
    path.write_text(f'kind = "gstreamer"\nframe_s = {frame_s}\n')
    return scanners([f"{path}:{address}"])[0]


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """Listen, and say `reply` (with the number that RTSP counts by) to each request; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=[server, reply], daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, reply: bytes) -> None:
    held = []
    with suppress(OSError):
        while True:
            client, _ = server.accept()
            held.append(client)
            asked = client.recv(65536)
            number = re.search(rb"CSeq: *(\d+)", asked)
            if reply and number:
                client.sendall(reply + b"CSeq: " + number[1] + b"\r\n\r\n")

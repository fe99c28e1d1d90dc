"""An RTSP camera of 640 x 480 pixels and 30 frames a second, for a long capture."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.video_streams import rtsp_camera


@contextmanager
def rtsp_device() -> Iterator[str]:
    """Serve, and give the name under which `edge_app.compose.devices.scanners` finds it."""
    with rtsp_camera("--size", "640", "480") as camera:
        yield f"gstreamer:{camera.address()}"

"""An RTSP camera of 640 x 480 pixels and 30 frames a second, for a long capture."""

from collections.abc import Iterator
from contextlib import contextmanager

from hardware.gstreamer.opened import OpenStream
from tests.peers.video_streams import rtsp_camera, rtsp_needed

FPS = 30
needed = rtsp_needed


@contextmanager
def rtsp_device() -> Iterator[str]:
    """Serve, and give the name under which `edge_app.compose.devices.scanners` finds it."""
    with rtsp_camera("--size", "640", "480") as camera:
        yield f"gstreamer:{camera.address()}"


def dropped(device: OpenStream) -> int:
    """Return how many frames came and were not delivered, of a driver in this process."""
    left_out = device.left_out()
    return left_out.passed + left_out.damaged + left_out.old

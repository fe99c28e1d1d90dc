"""`python -m tests.vm.camera_child PLACE`: says of each frame its corner's grey and its time."""

import sys

from edge_app.compose.clock import SystemClock
from hardware.camera.scanner import CameraScanner

CHOICES = {"pixel format": "YUYV", "resolution": "160x120", "frame rate": "20"}

if __name__ == "__main__":
    with CameraScanner(sys.argv[1], SystemClock(), CHOICES).open() as device:
        while True:
            frame = device.frame()
            print(frame.pixels[8, 8, 0], frame.monotonic_ns, flush=True)  # noqa: T201

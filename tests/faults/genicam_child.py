"""`python -m tests.faults.genicam_child PLACE`: says of each frame its first pixel and time."""

import sys

from edge_app.compose.clock import SystemClock
from hardware.genicam.scanner import GenicamScanner

if __name__ == "__main__":
    with GenicamScanner(sys.argv[1], SystemClock(), {}).open() as device:
        while True:
            frame = device.frame()
            print(frame.pixels[0, 0, 0], frame.monotonic_ns, flush=True)  # noqa: T201

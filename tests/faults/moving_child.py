"""`python -m tests.faults.moving_child FOLDER`: takes pictures, keeps them, has them moved."""

import sys
from pathlib import Path

import cv2

from edge_app.compose.clock import SystemClock
from edge_app.ports import Decision
from hardware.lent import Frame
from hardware.watch_folder.scanner import WatchChoices, WatchFolderScanner


def decoded(path):
    yield Frame(cv2.imread(str(path)))


if __name__ == "__main__":
    choices = WatchChoices(settle_s=0.1, takes_before=True, moves_saved=True)
    scanner = WatchFolderScanner(Path(sys.argv[1]), decoded, SystemClock(), choices)
    with scanner.open() as device:
        while True:
            frame = device.frame()
            sys.stdout.write(".")
            sys.stdout.flush()
            device.settle(frame.sequence, Decision.KEPT)

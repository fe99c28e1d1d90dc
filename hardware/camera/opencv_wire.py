"""The door to cameras where there is no V4L2: what is used of OpenCV's VideoCapture."""

import platform
from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

_BACKENDS = {
    "Windows": (cv2.CAP_DSHOW, cv2.CAP_MSMF),
    "Darwin": (cv2.CAP_AVFOUNDATION,),
}


class Capture(Protocol):
    """A camera that OpenCV holds; the names are OpenCV's."""

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        """Return whether there is a camera behind it."""

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        """Wait for a frame; return whether one came, and it, in BGR."""

    def get(self, propId: int, /) -> float:  # noqa: N803  OpenCV's name
        """Return a property, or 0 where the camera has none such."""

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803  OpenCV's name
        """Set a property; return whether the camera took it."""

    def release(self) -> None:
        """Let go of the camera."""


Opener = Callable[[int], Capture | None]
"""Returns the camera of a number, or None where there is none or somebody else holds it."""


def by_opencv(number: int) -> Capture | None:
    """Return the camera of a number, by the first of this system's ways that finds it."""
    for backend in _BACKENDS.get(platform.system(), (cv2.CAP_ANY,)):
        capture = cv2.VideoCapture(number, backend)
        if capture.isOpened():
            return capture
        capture.release()
    return None

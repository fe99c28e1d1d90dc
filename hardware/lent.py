"""What the program lends to drivers that get their pictures as files."""

from collections.abc import Callable, Iterator
from pathlib import Path

from edge_app.domain.image import Pixels

Frame = tuple[Pixels, tuple[float, float] | None]
"""Pixels, and their spacing in mm (down, right) where the file says it."""

Decode = Callable[[Path], Iterator[Frame]]
"""Yields each frame of one file; raises an `EdgeAppError` for a file that it refuses."""

FrameRate = Callable[[Path], float | None]
"""Returns the frames a second that a file says it was made at, or None."""

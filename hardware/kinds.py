"""What the window's side knows of kinds of device; `catalogue.py` imports the drivers."""

from collections.abc import Mapping

FINDABLE: tuple[str, ...] = ("sane", "twain", "genicam", "camera")
"""The kinds of device that can be looked for."""

FRAME_S: Mapping[str, float] = {
    "sane": 120.0,
    "twain": 120.0,
    "genicam": 8.0,
    "camera": 8.0,
    "gstreamer": 10.0,
}
"""How long a frame may take, where a kind needs more than others and no profile says."""

SEALING: frozenset[str] = frozenset({"dicom"})
"""The kinds that keep pictures while nobody is logged in, sealed; only they get the key to them."""

"""The one code path from image pixels to the detector's input, and back for its boxes."""

import hashlib
from dataclasses import dataclass, fields

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from edge_app.domain.manifest import Fit, InputSpec, Shrink

_STEPS = "fit-upper-left, linear down to one half, area below, uint8 nhwc"
_LINEAR_DOWN_TO = 0.5  # each input pixel then still draws on every image pixel


@dataclass(frozen=True, slots=True)
class DetectorInput:
    """What the graph is fed.

    Attributes:
        tensor: uint8 [1, height, width, 3], RGB.
        scale: Input pixels an image pixel, along x and along y.
        used: Width and height, in input pixels, that the image covers.
        corner: Where in the input its upper left corner lies.
    """

    tensor: NDArray[np.uint8]
    scale: tuple[float, float]
    used: tuple[int, int]
    corner: tuple[int, int] = (0, 0)

    @property
    def seen(self) -> Pixels:
        """The image as the detector sees it, uint8 [h, w, 3], without the fill."""
        (width, height), (x, y) = self.used, self.corner
        return self.tensor[0, y : y + height, x : x + width]

    def to_image(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return boxes [n, 4] in image pixels, cut at the image's edge."""
        width, height = self.used
        limit = np.array([width, height, width, height], np.float32)
        scale = np.array([*self.scale, *self.scale], np.float32)
        moved = boxes - np.array([*self.corner, *self.corner], np.float32)
        return np.asarray(np.clip(moved, 0, limit) / scale, np.float32)


def _covered(width: int, height: int, spec: InputSpec) -> tuple[int, int]:
    """Return the width and height in input pixels that an image comes to."""
    if spec.fit is Fit.STRETCH:
        return spec.width, spec.height
    fit = min(spec.width / width, spec.height / height)
    return max(1, round(width * fit)), max(1, round(height * fit))


def _filled(spec: InputSpec, used: tuple[int, int], corner: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the input [1, height, width, 3], filled where the image will not lie."""
    tensor = np.empty((1, spec.height, spec.width, 3), np.uint8)
    (width, height), (x, y) = used, corner
    rows = tensor[0, y : y + height]
    tensor[0, :y] = tensor[0, y + height :] = spec.fill
    if width < spec.width:
        rows[:, :x] = rows[:, x + width :] = spec.fill
    return tensor


def prepare(pixels: Pixels, spec: InputSpec) -> DetectorInput:
    """Return `pixels` (uint8 [h, w, 3], RGB) as the detector's input."""
    height, width = pixels.shape[:2]
    used = _covered(width, height, spec)
    scale = (used[0] / width, used[1] / height)
    spare = (spec.width - used[0], spec.height - used[1])
    x, y = (spare[0] // 2, spare[1] // 2) if spec.fit is Fit.CENTRED else (0, 0)
    tensor = _filled(spec, used, (x, y))
    is_small = spec.shrink is Shrink.AREA and min(scale) < _LINEAR_DOWN_TO
    method = cv2.INTER_AREA if is_small else cv2.INTER_LINEAR
    place = tensor[0, y : y + used[1], x : x + used[0]]
    if used[0] == spec.width:  # whole rows: written where they belong
        cv2.resize(pixels, used, dst=place, interpolation=method)
    else:
        place[:] = cv2.resize(pixels, used, interpolation=method)
    return DetectorInput(tensor, scale, used, (x, y))


def contract_hash(spec: InputSpec) -> str:
    """Return the SHA-256 of the declared steps and of the code's own version of them.

    What a package leaves at its default is not hashed, so that a step that comes new to the
    program does not change the hash of packages that do not use it.
    """
    said = {f.name: value for f in fields(spec) if (value := getattr(spec, f.name)) != f.default}
    return hashlib.sha256(_STEPS.encode() + msgspec.json.encode(said)).hexdigest()

"""Finds text in pixels: a small network looks at a picture in several sizes, tile by tile."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.geometry import Box
from edge_app.domain.image import Pixels
from edge_app.inference.package_files import REINSTALL, read_file
from edge_app.inference.providers import CPU
from edge_app.inference.session import Session, open_session

MODEL, MANIFEST = "finder.onnx", "finder.toml"
SIDE, STRIDE = 512, 4
"""Of a tile, in pixels; and of the network's answer."""
_STEP = SIDE - 64
_MOST_BYTES = 4 * 1024 * 1024
_LEAST_SIDE = 96  # a picture smaller than this is not looked at in half its size
# Of a line's height: how far beyond what was seen it is black, and how far where it goes on.
_REACH, _REACH_ALONG = 0.25, 0.8
_Chances = NDArray[np.float32]


class FinderManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands beside the network.

    Attributes:
        model_sha256: Of its file.
        chances: From which chance on a place is text, in the whole picture, in half and in quarter
            size: in small ones more looks like letters.
    """

    version: str
    model_sha256: str
    chances: tuple[float, float, float]


def load_text_finder(folder: Path) -> "NetworkTextFinder":
    """Return the finder in `folder`, once it has found the text that it is shown.

    Raises:
        DetectorRefusedError: A file is missing or another one, or it does not find what it must.
    """
    try:
        said = read_file(folder / MANIFEST, _MOST_BYTES)
        manifest = msgspec.toml.decode(said, type=FinderManifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DetectorRefusedError(
            "The text finder's description is damaged.", REINSTALL
        ) from error
    model = read_file(folder / MODEL, _MOST_BYTES)
    if sha256(model).hexdigest() != manifest.model_sha256:
        raise DetectorRefusedError("The text finder is another one than was shipped.", REINSTALL)
    finder = NetworkTextFinder(open_session(model, CPU.name), manifest)
    _ensure_sees(finder)
    return finder


@dataclass(frozen=True, slots=True)
class NetworkTextFinder:
    """Text in one picture after another, in this process."""

    session: Session
    manifest: FinderManifest

    def boxes(self, pixels: Pixels) -> tuple[Box, ...]:
        """Return boxes that cover all text found in `pixels` [h, w, 3].

        Raises:
            RuntimeStoppedError: The runtime gave up.
        """
        size = pixels.shape[0], pixels.shape[1]
        found: list[Box] = []
        for scale, least in zip(_scales(size), self.manifest.chances, strict=False):
            is_text = self._chances(_scaled(pixels, scale)) >= least
            found += _boxes_of(is_text, scale, size)
        return tuple(_joined(found))

    def _chances(self, pixels: Pixels) -> _Chances:
        """Return the chance of text in each square of STRIDE pixels."""
        rows, columns = (-(-side // STRIDE) for side in pixels.shape[:2])
        made = np.zeros((rows, columns), np.float32)
        for y, x in _places(pixels.shape[0], pixels.shape[1]):
            answer = self.session.run(_tile(pixels[y : y + SIDE, x : x + SIDE]))[0][0]
            here = made[y // STRIDE :, x // STRIDE :][: SIDE // STRIDE, : SIDE // STRIDE]
            np.maximum(here, answer[: here.shape[0], : here.shape[1]], out=here)
        return made


def _scales(size: tuple[int, int]) -> Iterator[float]:
    """Yield how the picture is looked at: as it is, in half, and in a quarter where it is large.

    Letters that are larger than the network has learnt are small enough in one of them.
    """
    yield 1.0
    if min(size) >= _LEAST_SIDE:
        yield 0.5
    if min(size) >= 4 * _LEAST_SIDE:
        yield 0.25


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    if scale == 1.0:
        return pixels
    smaller = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8)


def _tile(part: Pixels) -> Pixels:
    """Return it as the network takes it; its last row and column go on to the tile's ends."""
    below, beside = SIDE - part.shape[0], SIDE - part.shape[1]
    whole = cv2.copyMakeBorder(part, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    return np.asarray(whole[None], np.uint8)


def _places(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield the upper left corners of tiles that cover the picture, on the network's grid."""
    for y in range(0, max(1, height - SIDE + _STEP), _STEP):
        for x in range(0, max(1, width - SIDE + _STEP), _STEP):
            yield y, x


def _boxes_of(is_text: NDArray[np.bool_], scale: float, size: tuple[int, int]) -> list[Box]:
    """Return a box around each place that hangs together, a little larger than what was seen."""
    joined = cv2.dilate(is_text.astype(np.uint8), np.ones((1, 3), np.uint8))
    _, _, figures, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8))
    pixel = STRIDE / scale
    boxes = []
    for x, y, wide, high in (np.asarray(figures[1:, :4], np.float64) * pixel).tolist():
        around, along = (max(STRIDE, r * min(wide, high)) for r in (_REACH, _REACH_ALONG))
        beside, above = (along, around) if wide >= high else (around, along)
        boxes.append(
            Box(
                max(0.0, x - beside),
                max(0.0, y - above),
                min(float(size[1]), x + wide + beside),
                min(float(size[0]), y + high + above),
            )
        )
    return boxes


def _joined(boxes: list[Box]) -> list[Box]:
    """Return fewer boxes that cover the same: one that lies within another says nothing."""
    return [a for a in boxes if not any(a is not b and _is_within(a, b) for b in boxes)]


def _is_within(a: Box, b: Box) -> bool:
    is_inside = a.x0 >= b.x0 and a.y0 >= b.y0 and a.x1 <= b.x1 and a.y1 <= b.y1
    return is_inside and a != b


def _ensure_sees(finder: NetworkTextFinder) -> None:
    """Refuse a finder that misses plain text, or sees some where there is none."""
    for ground, ink in ((0, 255), (200, 20)):
        empty = np.full((160, 320, 3), ground, np.uint8)
        with_text = empty.copy()
        cv2.putText(with_text, "Name 12/05/1957", (20, 60), 0, 0.8, (ink, ink, ink), 1)
        letters = np.argwhere(with_text[..., 0] != ground)
        covered = np.zeros((160, 320), bool)
        for box in finder.boxes(with_text):
            covered[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1] = True
        if covered[letters[:, 0], letters[:, 1]].mean() < 0.98 or finder.boxes(empty):
            raise DetectorRefusedError("The text finder does not see what it must.", REINSTALL)

"""Large image files through a detector, tile by tile, without the store."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge_app.compose.files import Analysed
from edge_app.domain.error import EdgeAppError, ImageRefusedError, ReadingFailedError
from edge_app.domain.reading import not_analysed
from edge_app.exchange.large_images import banded_images
from edge_app.exchange.pictures import files_in, read_frames
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.overview import OverviewedImage
from edge_app.inference.tiling import (
    HashedImage,
    HeldImage,
    SeenTile,
    Tiling,
    concluded,
    seen_tiles,
)
from edge_app.ports import LargeImage


@dataclass(frozen=True, slots=True)
class TiledWay:
    """How pictures are cut, and what else is done on the way.

    Attributes:
        shown: Wraps the tiles of one picture, of which it is told the number: a progress bar.
        keeps_overview: Whether a small copy of each picture is made.
    """

    tiling: Tiling
    shown: Callable[[Iterable[SeenTile], int], Iterable[SeenTile]]
    keeps_overview: bool = False


def analysed_in_tiles(
    paths: list[Path],
    detector: OnnxDetector | None,
    refusal: EdgeAppError | None,
    way: TiledWay,
) -> Iterator[Analysed]:
    """Yield every picture of every file with its one reading."""
    for path in paths:
        try:
            found = files_in(path)
        except EdgeAppError as error:
            yield Analysed(path, 0, None, None, error)
            continue
        for file in found:
            yield from _of_file(file, detector, refusal, way)


def _of_file(
    path: Path, detector: OnnxDetector | None, refusal: EdgeAppError | None, way: TiledWay
) -> Iterator[Analysed]:
    number = 0
    try:
        for image in _pictures_of(path):
            kept = OverviewedImage(image) if way.keeps_overview else None
            result = _read(path, number, HashedImage(kept or image), detector, refusal, way)
            yield replace(result, overview=kept.overview()) if kept else result
            number += 1
    except EdgeAppError as error:
        yield Analysed(path, number, None, None, error)
    except OSError as error:
        why = f"The file cannot be read: {(error.strerror or 'no answer').lower()}."
        refused = ImageRefusedError(why, "Check the name and the rights.")
        yield Analysed(path, number, None, None, refused)


def _pictures_of(path: Path) -> Iterator[LargeImage]:
    """Yield the file's pictures to be walked, or each frame where they must be decoded whole."""
    if path.is_file():
        with banded_images(path) as banded:
            yield from banded
            if banded:
                return
    for frame in read_frames(path):
        yield HeldImage(frame.pixels)


def _read(
    path: Path,
    number: int,
    image: HashedImage,
    detector: OnnxDetector | None,
    refusal: EdgeAppError | None,
    way: TiledWay,
) -> Analysed:
    """Return the reading of one picture; a tile without an answer leaves it not analysed."""
    if detector is None:
        reading = not_analysed(image.whole_hash(), "", str(refusal))
        return Analysed(path, number, None, reading, None)
    grid = way.tiling.grid(image)
    try:
        seen = list(way.shown(seen_tiles(detector, image, grid), grid.n_tiles))
    except ReadingFailedError as error:
        why = f"{error.what} ({error.code})"
        reading = not_analysed(image.whole_hash(), detector.manifest.name, why)
        return Analysed(path, number, None, reading, None)
    result = concluded(detector, grid, seen, image.whole_hash())
    return Analysed(path, number, None, result.reading, None, result.tally)

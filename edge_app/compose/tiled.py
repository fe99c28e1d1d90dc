"""Large image files through a detector, tile by tile, without the store."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from edge_app.compose.files import Analysed
from edge_app.domain.error import EdgeAppError, ImageRefusedError, ReadingFailedError
from edge_app.domain.reading import not_analysed
from edge_app.exchange.large_images import banded_image
from edge_app.exchange.pictures import files_in, read_frames
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.tiling import (
    HashedImage,
    HeldImage,
    SeenTile,
    Tiling,
    concluded,
    seen_tiles,
)
from edge_app.ports import LargeImage

Shown = Callable[[Iterable[SeenTile], int], Iterable[SeenTile]]


def analysed_in_tiles(
    paths: list[Path],
    detector: OnnxDetector | None,
    refusal: EdgeAppError | None,
    tiling: Tiling,
    shown: Shown,
) -> Iterator[Analysed]:
    """Yield every picture of every file with its one reading.

    `shown` wraps the tiles of one picture, of which it is told the number: a progress bar.
    """
    for path in paths:
        try:
            found = files_in(path)
        except EdgeAppError as error:
            yield Analysed(path, 0, None, None, error)
            continue
        for file in found:
            yield from _of_file(file, detector, refusal, tiling, shown)


def _of_file(
    path: Path,
    detector: OnnxDetector | None,
    refusal: EdgeAppError | None,
    tiling: Tiling,
    shown: Shown,
) -> Iterator[Analysed]:
    number = 0
    try:
        for image in _pictures_of(path):
            if detector is None:
                reading = not_analysed(HashedImage(image).whole_hash(), "", str(refusal))
                yield Analysed(path, number, None, reading, None)
            else:
                yield _read(path, number, image, detector, tiling, shown)
            number += 1
    except EdgeAppError as error:
        yield Analysed(path, number, None, None, error)
    except OSError as error:
        why = f"The file cannot be read: {(error.strerror or 'no answer').lower()}."
        refused = ImageRefusedError(why, "Check the name and the rights.")
        yield Analysed(path, number, None, None, refused)


def _pictures_of(path: Path) -> Iterator[LargeImage]:
    """Yield the file's one picture to be walked, or each frame where it must be decoded whole."""
    if path.is_file():
        with banded_image(path) as banded:
            if banded:
                yield banded
                return
    for frame in read_frames(path):
        yield HeldImage(frame.pixels)


def _read(
    path: Path,
    number: int,
    image: LargeImage,
    detector: OnnxDetector,
    tiling: Tiling,
    shown: Shown,
) -> Analysed:
    """Return the reading of one picture; a tile without an answer leaves it not analysed."""
    hashed, grid = HashedImage(image), tiling.grid(image)
    try:
        seen = list(shown(seen_tiles(detector, hashed, grid), grid.n_tiles))
    except ReadingFailedError as error:
        why = f"{error.what} ({error.code})"
        reading = not_analysed(hashed.whole_hash(), detector.manifest.name, why)
        return Analysed(path, number, None, reading, None)
    result = concluded(detector, grid, seen, hashed.whole_hash())
    return Analysed(path, number, None, result.reading, None, result.tally)

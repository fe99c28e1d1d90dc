"""A large picture read in overlapping tiles: bounded memory, one box an object, one outcome."""

import hashlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.geometry import Box
from edge_app.domain.image import Pixels
from edge_app.domain.quality import instruction_for
from edge_app.domain.reading import (
    Certificate,
    Degree,
    Detection,
    Outcome,
    Quality,
    QualityIssue,
    Reading,
    Timing,
)
from edge_app.domain.seams import TileBoxes, merged
from edge_app.domain.tiles import Boxes, Tile, TileGrid, TileTally
from edge_app.inference.detector import OnnxDetector, Seen
from edge_app.inference.quality_gate import reason_of
from edge_app.ports import LargeImage

FIELD_PX = 640  # what the shipped detector was trained on; another tile side is another scale
OVERLAP_SHARE = 0.25
PIECE_IOS = 0.5
_NEAR_PX = 4.0  # of the detector's input: a cut cell's box ends at the edge, but for its own error
_AT_ONCE = 2  # one tile is prepared while the runtime reads the other
THREADS_A_TILE = 1  # measured: two runs of one thread do more than one run of two
_RULE = "seams 1"
_HASHED_ROWS = 512
_WORST_FIRST = tuple(QualityIssue)


@dataclass(frozen=True, slots=True)
class Tiling:
    """How a picture is cut: side of a tile in image pixels, and the share that neighbours share."""

    side_px: int = FIELD_PX
    overlap: float = OVERLAP_SHARE

    def grid(self, image: LargeImage) -> TileGrid:
        """Return the tiles of one picture."""
        overlap_px = round(self.side_px * self.overlap)
        return TileGrid(image.width, image.height, self.side_px, overlap_px)


@dataclass(frozen=True, slots=True)
class SeenTile:
    """One tile and what the detector saw in it, in the tile's own pixels."""

    tile: Tile
    seen: Seen


@dataclass(frozen=True, slots=True)
class TiledReading:
    """The one reading of the whole picture, and how its tiles fared."""

    reading: Reading
    tally: TileTally


class HeldImage:
    """Answers `LargeImage` with a picture that is in memory, or mapped into it."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self.height, self.width = int(pixels.shape[0]), int(pixels.shape[1])

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return a view of these rows; nothing is copied."""
        return self._pixels[top:bottom]


class HashedImage:
    """Answers `LargeImage` with another one, and hashes each row as it first goes by."""

    def __init__(self, image: LargeImage) -> None:
        self._image = image
        self.width, self.height = image.width, image.height
        self._digest = hashlib.sha256(repr((self.height, self.width, 3)).encode())
        self._n_hashed = 0

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return the rows of the other one."""
        band = self._image.rows(top, bottom)
        fresh = band[max(0, self._n_hashed - top) :]
        self._digest.update(np.ascontiguousarray(fresh).data)
        self._n_hashed = max(self._n_hashed, bottom)
        return band

    def whole_hash(self) -> str:
        """Return what `CapturedImage.hash` would be; rows that nobody asked for go by now.

        Raises:
            ImageRefusedError: The picture is cut off or damaged.
        """
        while self._n_hashed < self.height:
            self.rows(self._n_hashed, min(self.height, self._n_hashed + _HASHED_ROWS))
        return self._digest.hexdigest()


def seen_tiles(detector: OnnxDetector, image: LargeImage, grid: TileGrid) -> Iterator[SeenTile]:
    """Yield every tile in order; two rows of tiles are in memory at most.

    The detector is asked from two threads at once, for as many tiles each as its `batch`.

    Raises:
        ReadingFailedError: A tile got no answer, so the picture has none.
        ImageRefusedError: The picture is damaged.
    """
    floors = _floors(detector)
    under_way: deque[tuple[list[Tile], Future[list[Seen]]]] = deque()
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tile")
    try:
        for row in grid.rows():
            band = image.rows(row[0].y0, row[0].y1)
            for group in groups(row, detector.batch):
                cut = [band[:, tile.x0 : tile.x1] for tile in group]
                under_way.append((group, pool.submit(partial(_seen, detector, cut, floors))))
                while sum(len(tiles) for tiles, _ in under_way) > len(row):
                    yield from _finished(under_way)
        while under_way:
            yield from _finished(under_way)
    finally:
        pool.shutdown(cancel_futures=True)


def groups(row: Sequence[Tile], batch: int) -> list[list[Tile]]:
    """Return a row's tiles in groups that are seen at once.

    A rest of more than half a batch is one group, which the detector fills up; a smaller one is
    seen tile by tile.
    """
    cut = [list(row[n : n + batch]) for n in range(0, len(row), batch)]
    rest = cut[-1]
    return cut if 2 * len(rest) > batch else [*cut[:-1], *([tile] for tile in rest)]


def _seen(
    detector: OnnxDetector, pictures: list[Pixels], floors: NDArray[np.float32]
) -> list[Seen]:
    if len(pictures) == 1:
        return [detector.see(pictures[0], floors)]
    return detector.see_many(pictures, floors)


def _finished(
    under_way: "deque[tuple[list[Tile], Future[list[Seen]]]]",
) -> Iterator[SeenTile]:
    tiles, answer = under_way.popleft()
    for tile, seen in zip(tiles, answer.result(), strict=True):
        yield SeenTile(tile, seen)


def _floors(detector: OnnxDetector) -> NDArray[np.float32]:
    scores = dict(detector.certificate.thresholds)
    return np.array([scores[x.name] for x in detector.manifest.labels], np.float32)


def concluded(
    detector: OnnxDetector, grid: TileGrid, seen: Sequence[SeenTile], image_hash: str
) -> TiledReading:
    """Return what all tiles together say.

    No finding only where every tile was readable or bare glass; one tile that was turned away,
    or nothing but glass, and the detector cannot say, with what it did see marked all the same.
    """
    issues = Counter(s.seen.quality.issue for s in seen)
    tally = _tally(grid, issues)
    detections = _detections(detector, grid, seen)
    is_all_glass = tally.empty == tally.total
    worst = next((i for i in _WORST_FIRST if issues[i] and i is not QualityIssue.EMPTY_FIELD), None)
    issue = QualityIssue.EMPTY_FIELD if is_all_glass else worst
    quality = _quality(seen, issue, detector.manifest.modality)
    reading = Reading(
        image_hash=image_hash,
        detector=detector.manifest.name,
        version=detector.manifest.shown_version,
        outcome=_outcome(issue, detections),
        reason=reason_of(quality, detector.manifest) if is_all_glass else _reason(tally),
        detections=detections,
        quality=quality,
        certificate=_certificate(detector, grid),
        timing=_spent(seen),
    )
    rule = detector.manifest.referral
    return TiledReading(rule.advised(reading) if rule else reading, tally)


def _outcome(issue: QualityIssue | None, detections: tuple[Detection, ...]) -> Outcome:
    if issue:
        return Outcome.CANNOT_SAY
    return Outcome.FINDING if detections else Outcome.NO_FINDING


def _tally(grid: TileGrid, issues: "Counter[QualityIssue | None]") -> TileTally:
    away = {i.value: n for i in _WORST_FIRST if (n := issues[i]) and i != QualityIssue.EMPTY_FIELD}
    empty = issues[QualityIssue.EMPTY_FIELD]
    return TileTally(grid.side_px, grid.overlap_px, issues.total(), empty, away)


def _reason(tally: TileTally) -> str:
    if not tally.turned_away:
        return ""
    said = ", ".join(f"{n} {issue}" for issue, n in tally.turned_away.items())
    away = sum(tally.turned_away.values())
    marked = " What the other tiles show is marked." if away < tally.total else ""
    return f"{away} of {tally.total} tiles could not be read ({said}).{marked} Take it again."


def _marked(seen: Seen) -> tuple[Detection, ...]:
    """Return what may be marked in a tile: nothing, where it shows another kind of thing."""
    return () if seen.quality.is_strange else seen.detections


def _detections(
    detector: OnnxDetector, grid: TileGrid, seen: Sequence[SeenTile]
) -> tuple[Detection, ...]:
    labels = detector.manifest.labels
    places = {x.name: place for place, x in enumerate(labels)}
    spec = detector.manifest.input
    near_px = _NEAR_PX * grid.side_px / min(spec.width, spec.height)
    boxes: list[Boxes] = [np.zeros((0, 4))]
    cut: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
    for one in seen:
        found = [(d.box.x0, d.box.y0, d.box.x1, d.box.y1) for d in _marked(one.seen)]
        corner = np.array([one.tile.x0, one.tile.y0, one.tile.x0, one.tile.y0])
        boxes.append(np.array(found, np.float64).reshape(-1, 4) + corner)
        cut.append(grid.cut(one.tile, boxes[-1], near_px))
    every = [(n, d) for n, one in enumerate(seen) for d in _marked(one.seen)]
    found_in_tiles = TileBoxes(
        np.concatenate(boxes),
        np.array([places[d.label] for _, d in every], np.int64),
        np.array([d.score for _, d in every], np.float64),
        np.array([n for n, _ in every], np.int64),
        np.concatenate(cut),
    )
    whole = merged(found_in_tiles, detector.manifest.nms_iou, PIECE_IOS)
    columns = (whole.boxes.tolist(), whole.labels.tolist(), whole.scores.tolist())
    return tuple(
        Detection(labels[k].name, labels[k].code, score, Box(*box))
        for box, k, score in zip(*columns, strict=True)
    )


def _quality(seen: Sequence[SeenTile], issue: QualityIssue | None, modality: str) -> Quality:
    """Return the worst figures of the tiles that hold something; of all, where none does."""
    every = [s.seen.quality for s in seen]
    telling = [q for q in every if q.issue is not QualityIssue.EMPTY_FIELD] or every
    return Quality(
        sharpness=min(q.sharpness for q in telling),
        brightness=min(q.brightness for q in telling),
        clipped=max(q.clipped for q in telling),
        covered=sum(q.covered for q in every) / len(every),
        issue=issue,
        instruction=instruction_for(issue, modality) if issue else None,
        degrees=_degrees(telling),
    )


def _degrees(telling: Sequence[Quality]) -> tuple[Degree, ...]:
    """Return the worst degree of each check over the tiles."""
    most: dict[QualityIssue, float] = {}
    for degree in (d for quality in telling for d in quality.degrees):
        most[degree.issue] = max(degree.value, most.get(degree.issue, 0.0))
    return tuple(Degree(issue, value) for issue, value in most.items())


def _certificate(detector: OnnxDetector, grid: TileGrid) -> Certificate:
    """Return the detector's certificate with the cutting as a part of the pre-processing."""
    made_by = detector.certificate
    steps = f"{made_by.preprocessing_sha256} {_RULE} {grid.side_px} {grid.overlap_px}"
    return replace(made_by, preprocessing_sha256=hashlib.sha256(steps.encode()).hexdigest())


def _spent(seen: Sequence[SeenTile]) -> Timing:
    """Return the sums over the tiles, two of which run at once: more than the wall shows."""
    spent = [s.seen.timing for s in seen]
    return Timing(
        sum(t.preprocess_ms for t in spent),
        sum(t.infer_ms for t in spent),
        sum(t.decode_ms for t in spent),
    )

"""Boxes that several overlapping tiles gave, as one box an object: none cut, none double.

The measure for pieces is the intersection over the smaller box (IoS), as in SAHI (Akyon, Altinuc,
Temizel, "Slicing Aided Hyper Inference", ICIP 2022, arXiv:2202.06934), whose greedy merging
looks at every box alike. Here a piece that a tile's edge cut is told from a whole box:

1. Of whole boxes of one label from two tiles that overlap by `iou`, the better one stays.
2. A piece goes where a whole box from another tile covers at least `ios` of it; a whole box of
   another label must cover nearly all of it: whoever saw the object whole knows better what
   it is. (The share is of the piece: a small whole cell on a large cut one does not remove it.)
3. Pieces that are left, of one label, from different tiles, that overlap by `ios`, are one
   object that is larger than the overlap: they become the box around them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.tiles import Boxes

_NEARLY_ALL = 0.8
_CHUNK = 128
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TileBoxes:
    """What all tiles gave, in image pixels.

    Attributes:
        boxes: float64 [n, 4].
        labels: int64 [n].
        scores: float64 [n].
        tiles: int64 [n], which tile gave the box; within one tile nothing is merged.
        is_cut: bool [n], whether an edge inside the picture cut the box.
    """

    boxes: Boxes
    labels: Places
    scores: NDArray[np.float64]
    tiles: Places
    is_cut: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Merged:
    """One box an object, highest score first: boxes [m, 4], labels [m], scores [m]."""

    boxes: Boxes
    labels: Places
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Boxes of different tiles that overlap: `first` has the better rank.

    `ios` is the shared area over the smaller box, `of_second` over the second one.
    """

    first: Places
    second: Places
    iou: NDArray[np.float64]
    ios: NDArray[np.float64]
    of_second: NDArray[np.float64]

    def where(self, chosen: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """Yield the chosen pairs in the order of the better one's rank."""
        yield from zip(self.first[chosen].tolist(), self.second[chosen].tolist(), strict=True)


def merged(found: TileBoxes, iou: float, ios: float) -> Merged:
    """Return one box an object; `iou` tells twins, `ios` tells pieces (see the module)."""
    rank = np.lexsort((-found.scores, found.is_cut))  # whole ones first, then by score
    boxes, labels = found.boxes[rank], found.labels[rank]
    scores, is_cut = found.scores[rank], found.is_cut[rank]
    pairs = _overlapping(boxes, found.tiles[rank])
    is_same = labels[pairs.first] == labels[pairs.second]
    first_cut, second_cut = is_cut[pairs.first], is_cut[pairs.second]
    kept = np.ones(len(boxes), np.bool_)
    for better, twin in pairs.where(~second_cut & is_same & (pairs.iou >= iou)):
        kept[twin] &= not kept[better]
    covered = pairs.of_second >= np.where(is_same, ios, max(ios, _NEARLY_ALL))
    for whole, piece in pairs.where(~first_cut & second_cut & covered):
        kept[piece] &= not kept[whole]
    boxes = boxes.copy()
    owner = np.arange(len(boxes))
    for piece, other in pairs.where(first_cut & is_same & (pairs.ios >= ios)):
        if kept[piece] and kept[other]:
            _join(owner, piece, other)
    for place in np.nonzero(kept & is_cut)[0].tolist():
        _widen(boxes, kept, _root(owner, place), place)
    order = np.argsort(-scores[kept], kind="stable")
    return Merged(boxes[kept][order], labels[kept][order], scores[kept][order])


def _root(owner: Places, place: int) -> int:
    while owner[place] != place:
        place = int(owner[place])
    return place


def _join(owner: Places, one: int, other: int) -> None:
    roots = sorted((_root(owner, one), _root(owner, other)))
    owner[roots[1]] = roots[0]


def _widen(boxes: Boxes, kept: NDArray[np.bool_], root: int, place: int) -> None:
    """Take the piece at `place` into the box of the best piece of its object."""
    if root != place:
        boxes[root, :2] = np.minimum(boxes[root, :2], boxes[place, :2])
        boxes[root, 2:] = np.maximum(boxes[root, 2:], boxes[place, 2:])
        kept[place] = False


def _overlapping(boxes: Boxes, tiles: Places) -> _Pairs:
    """Return the overlapping pairs of different tiles; `boxes` are in the order of rank.

    Boxes are swept from the top in chunks, so that memory stays small with any number of them.
    """
    down = np.argsort(boxes[:, 1], kind="stable")
    tops = boxes[down, 1]
    parts = [_shared(boxes, tiles, down[:0], down[:0], np.zeros((0, 0), np.bool_))]
    for start in range(0, len(down), _CHUNK):
        upper = down[start : start + _CHUNK]
        end = int(np.searchsorted(tops, boxes[upper, 3].max()))
        lower = down[start:end]
        later = np.arange(len(lower))[None] > np.arange(len(upper))[:, None]
        parts.append(_shared(boxes, tiles, upper, lower, later))
    every = [np.concatenate([getattr(p, name) for p in parts]) for name in _Pairs.__slots__]
    order = np.lexsort((every[1], every[0]))
    return _Pairs(*(column[order] for column in every))


def _shared(
    boxes: Boxes, tiles: Places, upper: Places, lower: Places, later: NDArray[np.bool_]
) -> _Pairs:
    a, b = boxes[upper], boxes[lower]
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    i, j = np.nonzero(later & (shared > 0) & (tiles[upper][:, None] != tiles[lower][None]))
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    mine, theirs, both = area[upper[i]], area[lower[j]], shared[i, j]
    first, second = np.minimum(upper[i], lower[j]), np.maximum(upper[i], lower[j])
    smaller = np.minimum(mine, theirs)
    return _Pairs(first, second, both / (mine + theirs - both), both / smaller, both / area[second])

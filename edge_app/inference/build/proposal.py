"""Which families a graph could be of, told from the shapes of its outputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_app.domain.decoding import Decoding
from edge_app.inference.build.families import FAMILIES
from edge_app.inference.build.source import Source

_FEW = 1000  # rows of a list of boxes; a grid has more
_THREE, _FOUR = (8, 16, 32), (8, 16, 32, 64)
Shapes = Sequence[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Looked:
    """The shapes of a graph's outputs, and what they are compared with."""

    shapes: Shapes
    size: tuple[int, int]
    n_labels: int  # 0 where unknown

    def cells(self, strides: Sequence[int]) -> int:
        """Return the cells of a pyramid over the input."""
        width, height = self.size
        return sum(-(-width // s) * -(-height // s) for s in strides)

    def has_columns(self, given: int, *possible: int) -> bool:
        """Tell whether `given` less one of `possible` can be the number of labels."""
        left = [given - p for p in possible]
        return self.n_labels in left if self.n_labels else max(left) > 0


def _single(seen: Looked) -> tuple[int, int]:
    """Return rows and columns of a lone output [1, n, columns], or noughts."""
    first = seen.shapes[0]
    return first[1:] if len(seen.shapes) == 1 and len(first) == 3 else (0, 0)


def _yolov5(seen: Looked) -> bool:
    rows, columns = _single(seen)
    return rows == 3 * seen.cells(_THREE) and seen.has_columns(columns, 5)


def _yolov8(seen: Looked) -> bool:
    first = seen.shapes[0]
    is_wide = len(first) == 3 and first[2] == seen.cells(_THREE)
    if len(seen.shapes) == 2 and len(seen.shapes[1]) == 4:
        return is_wide and seen.has_columns(first[1], 4 + seen.shapes[1][1])
    return is_wide and len(seen.shapes) == 1 and seen.has_columns(first[1], 4)


def _nms_free(seen: Looked) -> bool:
    rows, columns = _single(seen)
    return columns == 6 and 0 < rows <= _FEW


def _yolox(seen: Looked) -> bool:
    rows, columns = _single(seen)
    return rows == seen.cells(_THREE) and seen.has_columns(columns, 5)


def _in_one(strides: Sequence[int], bins: int) -> Callable[[Looked], bool]:
    def fits(seen: Looked) -> bool:
        rows, columns = _single(seen)
        return rows == seen.cells(strides) and seen.has_columns(columns, 4 * bins)

    return fits


def _halves(levels: int, is_pair: Callable[[Looked, int, int], bool]) -> Callable[[Looked], bool]:
    """Return a look at outputs that give classes for each level and then sides for each."""

    def fits(seen: Looked) -> bool:
        if len(seen.shapes) != 2 * levels or any(len(s) != 3 for s in seen.shapes):
            return False
        classes, sides = seen.shapes[:levels], seen.shapes[levels:]
        return (
            [c[1] for c in classes] == [s[1] for s in sides]
            and len({c[2] for c in classes}) == len({s[2] for s in sides}) == 1
            and is_pair(seen, classes[0][2], sides[0][2])
        )

    return fits


def _is_distribution(seen: Looked, classes: int, sides: int) -> bool:
    return sides % 4 == 0 and sides >= 16 and seen.has_columns(classes, 0)


def _is_anchored(seen: Looked, classes: int, sides: int) -> bool:
    return classes <= 4 and sides == 16 and seen.has_columns(classes, 0)


def _queries(extra: int) -> Callable[[Looked], bool]:
    def fits(seen: Looked) -> bool:
        shapes = seen.shapes
        pair = len(shapes) == 2 and all(len(s) == 3 for s in shapes)
        columns = sorted((s[2] for s in shapes), key=lambda n: n == 4) if pair else [0, 0]
        few = pair and shapes[0][1] == shapes[1][1] <= _FEW
        return few and columns[1] == 4 and seen.has_columns(columns[0], extra)

    return fits


def _own(seen: Looked) -> bool:
    flat = [s[-2:] for s in seen.shapes]
    pair = len(flat) == 2 and all(len(s) == 2 for s in flat) and flat[0][0] == flat[1][0]
    return pair and flat[0][1] == 4 and flat[0][0] > _FEW and seen.has_columns(flat[1][1], 0)


def _listed(counts: Sequence[int]) -> Callable[[Looked], bool]:
    def fits(seen: Looked) -> bool:
        has_boxes = any(s[-1:] == (4,) for s in seen.shapes)
        return len(seen.shapes) in counts and has_boxes and all(len(s) < 4 for s in seen.shapes)

    return fits


def _classes(seen: Looked) -> bool:
    first = seen.shapes[0]
    return len(seen.shapes) == 1 and len(first) == 2 and seen.has_columns(first[1], 0, 1)


def _maps(seen: Looked) -> bool:
    first = seen.shapes[0]
    return len(seen.shapes) == 1 and len(first) == 4 and seen.has_columns(first[1], 0, 1)


def _masks(seen: Looked) -> bool:
    shapes = seen.shapes
    pair = len(shapes) == 2 and len(shapes[0]) == 3 and len(shapes[1]) == 4
    return pair and shapes[0][1] == shapes[1][1] and seen.has_columns(shapes[0][2], 1)


_LOOKS: Mapping[str, Callable[[Looked], bool]] = {
    "yolov8": _yolov8,
    "yolov10": _nms_free,
    "yolov5": _yolov5,
    "yolox": _yolox,
    "nanodet": _in_one(_THREE, 8),
    "nanodet-plus": _in_one(_FOUR, 8),
    "blazeface": _halves(2, _is_anchored),
    "picodet": _halves(4, _is_distribution),
    "rtdetr": _queries(0),
    "detr": _queries(1),
    "boxes-scores": _own,
    "torchvision": _listed((3,)),
    "ssd": _listed((4,)),
    "classification": _classes,
    "instance-masks": _masks,
    "semantic-masks": _maps,
}


def families_of(source: Source, outputs: Sequence[str], n_labels: int) -> list[str]:
    """Return the families whose layout `outputs` could follow, likeliest first.

    Args:
        source: The graph.
        outputs: Names of the outputs that are read, in order; none means all.
        n_labels: How many labels there are, 0 where that is not known.
    """
    shapes = [source.outputs[name] for name in (outputs or source.outputs)]
    seen = Looked(shapes, source.size, n_labels)
    fitting = [name for name, fits in _LOOKS.items() if fits(seen)]
    if source.task in ("detect", "segment"):  # Ultralytics' own exporter wrote this
        return [n for n in fitting if n in ("yolov8", "yolov10", "yolov5", "rtdetr")] or fitting
    return fitting


def _scores_before_boxes(shape: tuple[int, ...]) -> bool:
    return shape[-1:] == (4,)


def outputs_of(family: str, source: Source) -> tuple[str, ...]:
    """Return the graph's outputs in the order of the family's layout, as far as names tell it."""
    names = list(source.outputs)
    if family in ("rtdetr", "detr"):
        return tuple(sorted(names, key=lambda n: _scores_before_boxes(source.outputs[n])))
    if family not in ("torchvision", "ssd"):
        return tuple(names)
    parts = ("box", "score", "label", "count")
    same = {"class": "label", "num": "count", "prob": "score"}

    def place(name: str) -> int:
        low = name.lower()
        for other, ours in same.items():
            low = low.replace(other, ours)
        return next((i for i, part in enumerate(parts) if part in low), len(parts))

    return tuple(sorted(names, key=place))


def labels_in(family: str, source: Source, outputs: Sequence[str]) -> int:
    """Return how many labels the outputs have room for, or 0 where they do not say."""
    shapes = [source.outputs[name] for name in outputs]
    first = shapes[0]
    rooms: dict[str, Callable[[], int]] = {
        "yolov8": lambda: first[1] - 4 - (shapes[1][1] if len(shapes) == 2 else 0),
        "yolov5": lambda: first[2] - 5,
        "yolox": lambda: first[2] - 5,
        "nanodet": lambda: first[2] - 32 if len(shapes) == 1 else first[2],
        "nanodet-plus": lambda: first[2] - 32 if len(shapes) == 1 else first[2],
        "picodet": lambda: first[2],
        "blazeface": lambda: first[2],
        "rtdetr": lambda: first[2],
        "detr": lambda: first[2] - 1,
        "boxes-scores": lambda: shapes[1][-1],
        "classification": lambda: first[1],
        "instance-masks": lambda: first[2] - 1,
        "semantic-masks": lambda: first[1],
    }
    return rooms[family]() if family in rooms else 0


def _blazeface_strides(source: Source, outputs: Sequence[str]) -> tuple[int, ...]:
    """Return the strides that two and six anchors a cell of a square input come to."""
    half = len(outputs) // 2
    if half != len(_BLAZE_ANCHORS):
        return FAMILIES["blazeface"].decoding.strides
    counts = [source.outputs[name][1] for name in outputs[:half]]
    sides = [round((n / a) ** 0.5) for n, a in zip(counts, _BLAZE_ANCHORS, strict=True)]
    return tuple(source.size[0] // side for side in sides)


_BLAZE_ANCHORS = FAMILIES["blazeface"].decoding.anchors


def decoding_of(family: str, source: Source, outputs: Sequence[str]) -> Decoding:
    """Return the family's decoding, with what the shapes of this graph say."""
    decoding = FAMILIES[family].decoding
    if family == "blazeface":
        return replace(decoding, strides=_blazeface_strides(source, outputs))
    if family == "yolov8" and len(outputs) == 2:
        return replace(decoding, coefficients=source.outputs[outputs[1]][1])
    return decoding

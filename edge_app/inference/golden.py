"""Golden pictures: what a package must answer on any machine, checked before its first reading."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError
from edge_app.domain.geometry import pairwise_iou
from edge_app.domain.image import Pixels
from edge_app.domain.manifest import DetectorManifest, OperatingPoint, VariantSpec
from edge_app.inference.decoders.candidates import Candidates, Rows, chosen, layout_of
from edge_app.inference.decoders.table import rows_of
from edge_app.inference.golden_pictures import read_picture
from edge_app.inference.package import DetectorPackage, read_golden
from edge_app.inference.package_files import REINSTALL, is_plain_name, shown
from edge_app.inference.preprocess import prepare
from edge_app.inference.session import Session

ANSWERS = "golden.json"
_CELLS = 64
_SAME_THING_IOU = 0.8
_MOST_PICTURES = 64
_MOST_PICTURE_BYTES = 8 * 1024 * 1024
_MOST_ANSWERS_BYTES = 8 * 1024 * 1024
_LAST_ROW = 2**31 - 1
_QUARANTINE = "Use another variant or provider; send the self-test's output to the maker."


class GoldenDetection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One expected detection, in input pixels."""

    label: str
    score: float
    box: tuple[float, float, float, float]


class GoldenCell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the golden output tensors: which, its score for each label, and its box."""

    row: int
    scores: list[float]
    box: tuple[float, float, float, float]


class GoldenPicture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One picture, the input tensor that it must become, and each variant's answer."""

    file: str
    sha256: str
    tensor_sha256: str
    expected: dict[str, list[GoldenDetection]]
    cells: dict[str, list[GoldenCell]]


class GoldenSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All golden pictures of a package."""

    pictures: list[GoldenPicture]


@dataclass(frozen=True, slots=True)
class GoldenCheck:
    """What one golden picture came to on this machine; `why` is empty where it agrees."""

    file: str
    why: str


def strongest_cells(answered: Rows) -> list[GoldenCell]:
    """Return the rows of the golden tensor [n, labels] that score highest, and their boxes."""
    scores = answered.tensor
    rows = np.argsort(-scores.max(axis=1), kind="stable")[:_CELLS]
    boxes = answered.tensor_boxes(rows)
    return [
        GoldenCell(int(r), _rounded(scores[r]), _four(_rounded(b)))
        for r, b in zip(rows, boxes, strict=True)
    ]


def _rounded(values: NDArray[np.float32]) -> list[float]:
    return [round(float(v), 5) for v in values]


def _four(sides: list[float]) -> tuple[float, float, float, float]:
    return sides[0], sides[1], sides[2], sides[3]


def _tensor_differences(answered: Rows, cells: list[GoldenCell]) -> tuple[float, float]:
    """Return the mean differences of the golden rows' scores, and of their box sides (px)."""
    scores = answered.tensor
    want = np.array([c.scores for c in cells], np.float32)
    rows = np.array([c.row for c in cells], np.int64)
    if len(rows) == 0 or rows.max() >= len(scores) or want.shape[1] != scores.shape[1]:
        return float("inf"), float("inf")
    sides = np.array([c.box for c in cells], np.float32)
    apart = np.abs(scores[rows] - want).max(axis=1).mean()
    moved = np.abs(answered.tensor_boxes(rows) - sides).max(axis=1).mean()
    return float(apart), float(moved)


def tensor_hash(tensor: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of an input tensor's bytes."""
    return hashlib.sha256(np.ascontiguousarray(tensor).data).hexdigest()


def golden_pixels(folder: Path, picture: GoldenPicture) -> Pixels:
    """Return a golden picture, uint8 [h, w, 3], RGB.

    Raises:
        DetectorRefusedError: The file is missing or changed.
    """
    content = read_golden(folder, picture.file, _MOST_PICTURE_BYTES)
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise DetectorRefusedError(
            f"The golden picture {picture.file} is missing or changed.", REINSTALL
        )
    return read_picture(content, picture.file)


def golden_set(package: DetectorPackage) -> GoldenSet:
    """Return the package's golden pictures.

    Raises:
        DetectorRefusedError: There are none, or the list is not valid.
    """
    name = package.manifest.name
    text = read_golden(package.folder, ANSWERS, _MOST_ANSWERS_BYTES)
    try:
        found = msgspec.json.decode(text, type=GoldenSet)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise DetectorRefusedError(
            f"The detector {name} has no valid golden answers: {shown(str(error))}.", REINSTALL
        ) from error
    wrong = _contradiction(found, package.manifest)
    if wrong:
        raise DetectorRefusedError(
            f"The golden answers of {name} are not valid: {wrong}.", REINSTALL
        )
    return found


def _contradiction(found: GoldenSet, manifest: DetectorManifest) -> str:
    """Return what golden answers lack or say against the manifest, or nothing."""
    files = [picture.file for picture in found.pictures]
    if not 0 < len(files) <= _MOST_PICTURES or len(set(files)) != len(files):
        return f"there are no pictures, more than {_MOST_PICTURES}, or one twice"
    variants = {v.name for v in manifest.variants}
    labels = {x.name for x in manifest.labels}
    for picture in found.pictures:
        if not is_plain_name(picture.file, ".png"):
            return f"{shown(picture.file)} is no name of a picture in the package's own folder"
        if not variants == set(picture.expected) == set(picture.cells):
            return f"{picture.file} has not one answer a variant"
        if not all(_is_possible(picture, name, labels) for name in variants):
            return f"{picture.file} has an answer that no detector could give"
    return ""


def _is_possible(picture: GoldenPicture, variant: str, labels: set[str]) -> bool:
    return all(
        one.label in labels and 0 <= one.score <= 1 and bool(np.isfinite(one.box).all())
        for one in picture.expected[variant]
    ) and all(
        0 <= cell.row <= _LAST_ROW and bool(np.isfinite([*cell.scores, *cell.box]).all())
        for cell in picture.cells[variant]
    )


def as_golden(found: Candidates, names: list[str]) -> list[GoldenDetection]:
    """Return decoded candidates as golden answers."""
    return [
        GoldenDetection(
            names[int(k)], float(s), (float(b[0]), float(b[1]), float(b[2]), float(b[3]))
        )
        for b, k, s in zip(found.boxes, found.labels, found.scores, strict=True)
    ]


def _near(one: GoldenDetection, others: list[GoldenDetection], variant: VariantSpec) -> bool:
    """Return whether one of `others` says the same of the same thing.

    Two neighbouring cells may score alike for one object; which of them wins is no decision,
    so boxes are compared by overlap here, and cell by cell in the tensors.
    """
    alike = [
        o.box
        for o in others
        if o.label == one.label and abs(o.score - one.score) <= variant.score_tolerance
    ]
    if not alike:
        return False
    overlaps = pairwise_iou(np.array([one.box], np.float64), np.array(alike, np.float64))
    return bool(overlaps.max() >= _SAME_THING_IOU)


def _disagreement(
    got: list[GoldenDetection],
    want: list[GoldenDetection],
    variant: VariantSpec,
    point: OperatingPoint,
) -> str:
    """Return the first decision that differs.

    Both lists reach below the threshold by the tolerance; only what is above it by the
    tolerance must stand in both, so that a rounding at the threshold is no disagreement.
    """

    def sure(one: GoldenDetection) -> bool:
        return one.score >= point.score_of(one.label) + variant.score_tolerance

    for one in filter(sure, want):
        if not _near(one, got, variant):
            return f"the {one.label} of score {one.score:.3f} is not found"
    for one in filter(sure, got):
        if not _near(one, want, variant):
            return f"a {one.label} of score {one.score:.3f} is found where there is none"
    return ""


def answer_of(
    package: DetectorPackage, variant: VariantSpec, answered: Rows
) -> list[GoldenDetection]:
    """Return the detections in `answered`, down to the tolerance below the default point."""
    manifest = package.manifest
    names = [x.name for x in manifest.labels]
    floors = floors_of(package, default_point(package)) - np.float32(variant.score_tolerance)
    found = chosen(answered, floors, manifest.nms_iou, layout_of(manifest))
    return as_golden(found, names)


def default_point(package: DetectorPackage) -> OperatingPoint:
    """Return the operating point that the intended use asks for."""
    manifest = package.manifest
    return next(p for p in manifest.points if p.name == manifest.default_point)


def floors_of(package: DetectorPackage, point: OperatingPoint) -> NDArray[np.float32]:
    """Return the point's thresholds in the order of the labels."""
    return np.array([point.score_of(x.name) for x in package.manifest.labels], np.float32)


def _difference(
    package: DetectorPackage,
    variant: VariantSpec,
    picture: GoldenPicture,
    outputs: list[NDArray[np.float32]],
) -> str:
    answered = rows_of(outputs, package.manifest)
    got = answer_of(package, variant, answered)
    want = picture.expected.get(variant.name, [])
    why = _disagreement(got, want, variant, default_point(package))
    if why:
        return why
    apart, moved = _tensor_differences(answered, picture.cells.get(variant.name, []))
    if not apart <= variant.tensor_tolerance:
        return f"its scores are {apart:.4f} apart on average, more than {variant.tensor_tolerance}"
    if not moved <= variant.box_tolerance_px:
        return (
            f"its boxes are {moved:.1f} px apart on average, more than {variant.box_tolerance_px}"
        )
    return ""


def _answered(
    package: DetectorPackage, variant: VariantSpec, session: Session, picture: GoldenPicture
) -> str:
    """Return what is wrong with the session's answer to one golden picture, or nothing."""
    prepared = prepare(golden_pixels(package.folder, picture), package.manifest.input)
    if tensor_hash(prepared.tensor) != picture.tensor_sha256:
        return "the pre-processing gives another input tensor"
    try:
        return _difference(package, variant, picture, session.run(prepared.tensor))
    except ReadingFailedError as error:
        return error.what.rstrip(".")


def batch_trouble(
    package: DetectorPackage, variant: VariantSpec, session: Session, size: int
) -> str:
    """Return what is wrong with the session's answers to `size` pictures at once, or nothing.

    Every golden picture is asked at every place, beside others and beside one that is upside down:
    an answer that hangs on the place or on a neighbour is a wrong answer.
    """
    pictures = golden_set(package).pictures
    prepared = [prepare(golden_pixels(package.folder, p), package.manifest.input) for p in pictures]
    tensors = [p.tensor for p in prepared]
    asked: list[GoldenPicture | None] = [*pictures, None]
    tensors.append(np.ascontiguousarray(tensors[0][:, ::-1]))
    for turn in range(len(asked)):
        order = [(place + turn) % len(asked) for place in range(size)]
        why = _wrong_in_batch(package, variant, session, [(asked[n], tensors[n]) for n in order])
        if why:
            return why
    return ""


def _wrong_in_batch(
    package: DetectorPackage,
    variant: VariantSpec,
    session: Session,
    asked: list[tuple[GoldenPicture | None, NDArray[np.uint8]]],
) -> str:
    try:
        answered = session.run_batch([tensor for _, tensor in asked])
        for place, ((picture, _), outputs) in enumerate(zip(asked, answered, strict=True), 1):
            why = _difference(package, variant, picture, outputs) if picture else ""
            if why:
                return f"{len(asked)} pictures at once, place {place}: {why}"
    except ReadingFailedError as error:
        return f"{len(asked)} pictures at once: {error.what.rstrip('.')}"
    return ""


def check(
    package: DetectorPackage, variant: VariantSpec, session: Session
) -> Iterator[GoldenCheck]:
    """Yield, for each golden picture, whether this session decides as it must.

    The pictures come twice, the second time backwards: an answer that hangs on what was read
    before it is a wrong answer.
    """
    pictures = golden_set(package).pictures
    for picture in pictures:
        yield GoldenCheck(picture.file, _answered(package, variant, session, picture))
    for picture in reversed(pictures):
        why = _answered(package, variant, session, picture)
        if why:
            yield GoldenCheck(picture.file, f"asked again, {why}")


def passed(package: DetectorPackage, variant: VariantSpec, session: Session) -> str:
    """Return the id of the golden check that `session` passed.

    Raises:
        DetectorRefusedError: It did not; this variant must not be used here.
    """
    for checked in check(package, variant, session):
        if checked.why:
            raise DetectorRefusedError(
                f"{package.manifest.name} {variant.name} gives a wrong answer on this machine "
                f"({session.provider}): {checked.why}.",
                _QUARANTINE,
            )
    answers = read_golden(package.folder, ANSWERS, _MOST_ANSWERS_BYTES)
    return hashlib.sha256(answers + variant.sha256.encode()).hexdigest()[:16]

"""What a detector's description must keep to beyond its form: names, ranges, agreement."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields

import msgspec

from edge_app.domain.manifest import DetectorManifest, KindSpec, QualityLimits
from edge_app.inference.package_files import is_plain_name, shown

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONGEST_TEXT = 4000
_LONGEST_LIST = 1000
_LARGEST_SIDE = 4096
_LARGEST_TOLERANCE_PX = 64.0
_LARGEST_DISTANCE = 100.0


def contradiction(manifest: DetectorManifest) -> str:
    """Return the first thing that a description says against itself or reason, or nothing."""
    return next(filter(None, _complaints(manifest)), "")


def _complaints(manifest: DetectorManifest) -> Iterator[str]:
    yield from _anywhere(msgspec.to_builtins(manifest), "")
    yield from _names(manifest)
    yield from _points(manifest)
    yield from _variants(manifest)
    yield from _quality(manifest.quality)
    yield from _kind(manifest.kind)
    yield from _referral(manifest)
    spec = manifest.input
    if not (0 < spec.width <= _LARGEST_SIDE and 0 < spec.height <= _LARGEST_SIDE):
        yield f"its input of {spec.width} x {spec.height} pixels is not possible"
    if not 0 <= spec.fill <= 255:
        yield f"its fill {spec.fill} is no grey level"
    if not 0 < manifest.nms_iou <= 1:
        yield f"its nms_iou {manifest.nms_iou} is not between 0 and 1"


def _anywhere(given: object, where: str) -> Iterator[str]:
    """Yield what no part of a description may hold."""
    if isinstance(given, float) and not math.isfinite(given):
        yield f"{where} is no finite number"
    elif isinstance(given, str) and (len(given) > _LONGEST_TEXT or not given.isprintable()):
        yield f"{where} is too long or has characters that cannot be shown"
    elif isinstance(given, dict):
        for key, value in given.items():
            yield from _anywhere(value, f"{where}.{key}" if where else str(key))
    elif isinstance(given, list | tuple):
        if len(given) > _LONGEST_LIST:
            yield f"{where} has more than {_LONGEST_LIST:,} entries"
        for value in given[:_LONGEST_LIST]:
            yield from _anywhere(value, where)


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _names(manifest: DetectorManifest) -> Iterator[str]:
    if not _NAME.fullmatch(manifest.name):
        yield f"its name {shown(manifest.name)} is not made of small letters, digits and dashes"
    if not manifest.labels or not manifest.variants:
        yield "it has no label or no variant"
    labels = [x.name for x in manifest.labels]
    names = (
        ("label", labels),
        ("point", [x.name for x in manifest.points]),
        ("variant", [x.name for x in manifest.variants]),
        ("model file", [x.file.lower() for x in manifest.variants]),
    )
    for what, found in names:
        if "" in found:
            yield f"a {what} has no name"
        if _twice(found):
            yield f"it has the {what} {shown(_twice(found))} twice"


def _points(manifest: DetectorManifest) -> Iterator[str]:
    if manifest.point(manifest.default_point) is None:
        yield f"there is no operating point {shown(manifest.default_point)}"
    labels = sorted(x.name for x in manifest.labels)
    for point in manifest.points:
        if sorted(t.label for t in point.thresholds) != labels:
            yield f"the operating point {shown(point.name)} has not one threshold a label"
        for threshold in point.thresholds:
            if not 0 < threshold.score <= 1:
                yield f"the threshold {threshold.score} of {shown(threshold.label)} is not 0 to 1"


def _referral(manifest: DetectorManifest) -> Iterator[str]:
    rule = manifest.referral
    if rule is None:
        return
    labels = {x.name for x in manifest.labels}
    unknown = sorted({rule.landmark, *rule.signs} - labels)
    if unknown:
        yield f"its referral looks at {shown(unknown[0])}, which is no label"
    if not rule.signs or rule.landmark in rule.signs:
        yield "its referral has no sign, or takes its landmark for one"
    if not 0 < rule.refer_from <= 1:
        yield f"its referral's limit {rule.refer_from} is not 0 to 1"


def _variants(manifest: DetectorManifest) -> Iterator[str]:
    for variant in manifest.variants:
        name = shown(variant.name)
        if not _NAME.fullmatch(variant.name):
            yield f"the variant {name} is not named by small letters, digits and dashes"
        if not is_plain_name(variant.file, ".onnx"):
            yield f"{shown(variant.file)} is no name of a model file in the package's own folder"
        if not _HASH.fullmatch(variant.sha256):
            yield f"the hash of the variant {name} is no SHA-256"
        if not (0 <= variant.score_tolerance < 1 and 0 <= variant.tensor_tolerance < 1):
            yield f"the score tolerances of the variant {name} are not between 0 and 1"
        if not 0 <= variant.box_tolerance_px <= _LARGEST_TOLERANCE_PX:
            yield f"the box tolerance of the variant {name} is not possible"


def _is_usual_colour(numbers: tuple[float, ...]) -> bool:
    if len(numbers) != 5:
        return False
    *_, spread_red, spread_yellow, together = numbers
    return spread_red > 0 and spread_yellow > 0 and abs(together) < 1


def _quality(limits: QualityLimits) -> Iterator[str]:
    given = [getattr(limits, f.name) for f in fields(limits) if f.name != "colour"]
    if min(given) < 0:
        yield "a limit of its quality is below 0"
    if limits.colour and not _is_usual_colour(limits.colour):
        yield "its usual colour is not two numbers, two spreads above 0 and a correlation"
    if bool(limits.colour) != bool(limits.max_cast):
        yield "its usual colour and its max_cast stand without each other"


def _kind(kind: KindSpec) -> Iterator[str]:
    if kind == KindSpec():
        return
    if not is_plain_name(kind.file, ".json"):
        yield f"{shown(kind.file)} is no name of a file of figures in the package's own folder"
    if not _HASH.fullmatch(kind.sha256):
        yield "the hash of its kind's figures is no SHA-256"
    if not kind.title or not kind.own:
        yield "its kind has no title or no name"
    if not (0 < kind.min_share < 1 and 0 < kind.max_distance <= _LARGEST_DISTANCE):
        yield "the limits of its kind are not possible"

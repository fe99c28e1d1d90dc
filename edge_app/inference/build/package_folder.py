"""From a foreign graph and its description to a package folder that passes its self-test."""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.image import Pixels
from edge_app.domain.manifest import Precision, VariantSpec
from edge_app.inference.build.card import card
from edge_app.inference.build.comparison import Row
from edge_app.inference.build.described import manifest_of, refuse_unread, wrapped
from edge_app.inference.build.description import Description
from edge_app.inference.build.drawn import drawn_pictures
from edge_app.inference.build.free_batch import freed
from edge_app.inference.build.golden_files import write_golden
from edge_app.inference.build.runs import grey_noise, interleaved_ms, opened
from edge_app.inference.build.source import Source
from edge_app.inference.build.toml_text import toml_text
from edge_app.inference.build.trials import Say, Trial, best, found_in, trials_of
from edge_app.inference.gate import IMPORTED
from edge_app.inference.package import MANIFEST, DetectorPackage
from edge_app.inference.preprocess import prepare
from edge_app.inference.verify import Check, verify_package

_TOLERANCE = {"fp32": (0.01, 1.0, 0.002), "int8": (0.06, 4.0, 0.006)}
_ROUNDS = 9
Models = Mapping[str, tuple[onnx.ModelProto, float | None]]


@dataclass(frozen=True, slots=True)
class Built:
    """What was made, and how it compares.

    Attributes:
        trials: Every way of quantizing that was measured.
        remarks: What a person should know and nobody asked.
        checks: The self-test of the finished package.
    """

    package: DetectorPackage
    rows: tuple[Row, ...]
    trials: tuple[Trial, ...]
    remarks: tuple[str, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a package is made with.

    Attributes:
        calibration: Pictures of the field, RGB, for quantizing and for comparing.
        golden: By file name; none means drawn ones.
    """

    calibration: Sequence[Pixels] = ()
    golden: Mapping[str, Pixels] = field(default_factory=dict)


def _variant(folder: Path, name: str, model: onnx.ModelProto) -> VariantSpec:
    content = model.SerializeToString()
    file = f"model.{name}.onnx"
    (folder / file).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return VariantSpec(name, file, digest, Precision(name), *_TOLERANCE[name])


def _models(
    model: onnx.ModelProto,
    taken: Trial | None,
    shown: Sequence[NDArray[np.uint8]],
    *,
    several: bool,
) -> Models:
    """Return the variants, each able to read several pictures at once where that is wanted.

    Raises:
        DetectorRefusedError: One is not able to.
    """
    models: dict[str, tuple[onnx.ModelProto, float | None]] = {"fp32": (model, None)}
    if taken is not None and taken.model is not None:
        models = {"int8": (taken.model, taken.agreement), **models}
    if not several:
        return models
    able = {name: (freed(made, shown), share) for name, (made, share) in models.items()}
    kept = {name: (made, share) for name, (made, share) in able.items() if made}
    if len(kept) < len(models):
        raise DetectorRefusedError(
            "The graph does not answer several pictures as it answers each of them alone.",
            "Build it without --several; it then reads one at a time.",
        )
    return kept


def _rows(source: Source, models: Models, tensor: NDArray[np.uint8]) -> tuple[Row, ...]:
    image = next(v for v in source.model.graph.input if v.name == source.input_name)
    shape = [d.dim_value for d in image.type.tensor_type.shape.dim]
    noise = grey_noise(shape, image.type.tensor_type.elem_type)
    given = opened(source.model)
    sessions = [opened(model) for model, _ in models.values()]
    calls: list[Callable[[], object]] = [partial(given.run, noise)]
    calls += [partial(s.run, tensor) for s in sessions]
    times = interleaved_ms(calls, _ROUNDS)
    rows = [Row("as it came", source.model.ByteSize(), times[0], None)]
    for (name, (model, share)), ms in zip(models.items(), times[1:], strict=True):
        rows.append(Row(name, model.ByteSize(), ms, share))
    return tuple(rows)


def _remarks(
    why: str, trials: Sequence[Trial], taken: Trial | None, *, loss: float, has_golden: bool
) -> tuple[str, ...]:
    """Return what a person should know and nobody asked."""
    said = [why] if why else []
    if trials and taken is None:
        closest = max(t.agreement for t in trials)
        slow = closest >= 1 - loss
        reason = (
            "what agrees with the float graph is slower than it here"
            if slow
            else f"the best way of quantizing keeps {closest:.1%} of the detections, and a loss of "
            f"{loss:.1%} is accepted"
        )
        said.append(f"No int8 file was kept: {reason}. The package has fp32 only.")
    if not has_golden:
        said.append(
            "The golden pictures hold nothing that the model finds, so the self-test compares "
            "numbers but no finding. Give pictures that hold something: --golden FILE."
        )
    return tuple(said)


def _written(draft: Path, models: Models, package: DetectorPackage) -> DetectorPackage:
    """Return `package` with its models and manifest on the disk."""
    variants = tuple(_variant(draft, name, model) for name, (model, _) in models.items())
    manifest = replace(package.manifest, variants=variants)
    (draft / MANIFEST).write_text(toml_text(msgspec.to_builtins(manifest)) + "\n")
    return DetectorPackage(draft, manifest, IMPORTED)


def build(source: Source, said: Description, pictures: Pictures, out: Path, say: Say) -> Built:
    """Write a package into `out`, which must not be there yet, and return how it compares.

    Args:
        source: The graph.
        said: A settled description.
        pictures: For calibrating, comparing and golden answers.
        out: Made whole or not at all.
        say: Is told what is being done.

    Raises:
        DetectorRefusedError: The graph does not answer as its description says, or `out` is there.
    """
    if out.exists():
        raise DetectorRefusedError(f"The folder {out.name} is there already.", "Name a new one.")
    golden = dict(pictures.golden) or drawn_pictures()
    manifest = manifest_of(source, said)
    model = wrapped(source, said)
    calibration = [prepare(p, manifest.input).tensor for p in pictures.calibration]
    shown = [prepare(p, manifest.input).tensor for p in golden.values()]
    refuse_unread(model, manifest, [*shown, *calibration])
    has_golden = any(len(f.boxes) for f in found_in(opened(model), manifest, shown))
    trials, why = trials_of(model, manifest, calibration, say)
    taken = best(trials, said.loss)
    models = _models(model, taken, shown, several=said.several)
    draft = out.with_name(out.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        say("Writing and testing the package")
        package = _written(draft, models, DetectorPackage(draft, manifest, IMPORTED))
        write_golden(package, golden)
        rows = _rows(source, models, shown[0])
        (draft / "card.md").write_text(card(package.manifest, rows, trials))
        checks = tuple(verify_package(draft, caps=IMPORTED))
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    remarks = _remarks(why, trials, taken, loss=said.loss, has_golden=has_golden)
    return Built(
        DetectorPackage(out, package.manifest, IMPORTED), rows, tuple(trials), remarks, checks
    )

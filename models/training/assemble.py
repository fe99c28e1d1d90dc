"""From a trained network to a package folder: two files, points, golden answers, card."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import tomli_w
import torch

from edge_app.domain.decoding import DecoderKind
from edge_app.domain.manifest import (
    DetectorManifest,
    InputSpec,
    LabelSpec,
    OperatingPoint,
    Precision,
    Threshold,
    VariantSpec,
)
from edge_app.domain.measured import Measured
from edge_app.domain.reading import Code
from edge_app.inference.build.golden_files import write_golden
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.package import MANIFEST, DetectorPackage
from edge_app.inference.preprocess import prepare
from edge_app.inference.session import open_session
from edge_app.workflow.evaluate import Answer
from models.training.export import export
from models.training.golden_pictures import golden_pictures
from models.training.measured import answers_of
from models.training.network import BoxNetwork
from models.training.operating_points import operating_points
from models.training.recipe import Ranges, Recipe
from models.training.referral import chosen_referral
from models.training.samples import Sample

_log = logging.getLogger(__name__)
_FILL = 114
_CALIBRATION_PICTURES = 96
_TOLERANCE = {"fp32": (0.01, 1.0, 0.002), "int8": (0.06, 4.0, 0.012)}


def trained_network(recipe: Recipe, run: Path) -> BoxNetwork:
    """Return the averaged network of a finished run."""
    network = BoxNetwork(recipe.network, len(recipe.labels))
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    network.load_state_dict(state["average"])
    return network.eval()


def _variant(folder: Path, name: str) -> VariantSpec:
    file = f"model.{name}.onnx"
    digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    return VariantSpec(name, file, digest, Precision(name), *_TOLERANCE[name])


def _provisional(labels: list[str]) -> OperatingPoint:
    nothing = Measured(0.0, 0.0, 0.0)
    return OperatingPoint("provisional", tuple(Threshold(x, 0.5, nothing, nothing) for x in labels))


def _manifest(recipe: Recipe, folder: Path) -> DetectorManifest:
    text = recipe.package
    return DetectorManifest(
        name=recipe.name,
        version=recipe.version,
        title=text.title,
        licence=text.licence,
        intended_use=text.intended_use,
        must_not=text.must_not,
        body_part=text.body_part,
        modality=text.modality,
        training_data=text.training_data,
        input=InputSpec(recipe.input_px, recipe.input_px, _FILL, "RGB"),
        decoder=DecoderKind.BOXES_SCORES,
        nms_iou=text.nms_iou,
        labels=tuple(
            LabelSpec(x, Code(*text.labels[x].code), tuple(text.labels[x].aliases))
            for x in recipe.labels
        ),
        default_point=text.default_point,
        points=(_provisional(recipe.labels),),
        quality=text.quality,
        variants=(_variant(folder, "int8"), _variant(folder, "fp32")),
        status=text.status,
    )


def unchecked_detector(package: DetectorPackage, variant: str) -> OnnxDetector:
    """Return a detector on the CPU that has no golden answers yet."""
    spec = package.variant(variant)
    session = open_session(package.model(spec), "cpu")
    return OnnxDetector(package.manifest, Checked(spec, session, ""), package.manifest.points[0])


def built(
    recipe: Recipe, network: BoxNetwork, training: list[Sample], folder: Path
) -> DetectorPackage:
    """Write both variants of the network into `folder`; the points are not chosen yet.

    Args:
        recipe: Of the network.
        network: Its batch norms are folded in place.
        training: int8 is calibrated on some of these.
        folder: Made if missing; files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec = InputSpec(recipe.input_px, recipe.input_px, _FILL, "RGB")
    step = max(1, len(training) // _CALIBRATION_PICTURES)
    calibration = [prepare(s.pixels(), spec).tensor for s in training[::step]]
    widest = recipe.ranges is Ranges.WIDEST
    export(network, recipe.input_px, calibration, folder, widest=widest)
    return DetectorPackage(folder, _manifest(recipe, folder))


def finished(recipe: Recipe, package: DetectorPackage, found: Sequence[Answer]) -> DetectorPackage:
    """Choose the points on what int8 `found` in validation pictures; write manifest and golden."""
    manifest = replace(package.manifest, points=tuple(operating_points(found, recipe.labels)))
    if recipe.package.referral:
        point = next(p for p in manifest.points if p.name == recipe.package.default_point)
        rule = chosen_referral(found, recipe.package.referral, point)
        manifest = replace(manifest, referral=rule)
    package = DetectorPackage(package.folder, manifest, package.caps)
    said = {k: v for k, v in msgspec.to_builtins(manifest).items() if v is not None}
    (package.folder / MANIFEST).write_text(tomli_w.dumps(said))
    write_golden(package, golden_pictures(recipe.package.golden))
    sizes = {v.name: (package.folder / v.file).stat().st_size for v in manifest.variants}
    _log.info("assembled %s: %s", recipe.name, sizes)
    return package


def assemble(
    recipe: Recipe, network: BoxNetwork, parts: tuple[list[Sample], list[Sample]], folder: Path
) -> DetectorPackage:
    """Write the package into `folder` and return it.

    Args:
        recipe: Of the network.
        network: Its batch norms are folded in place.
        parts: Training samples (int8 is calibrated on some) and validation samples.
        folder: Made if missing; files of the same names are replaced.
    """
    training, held = parts
    package = built(recipe, network, training, folder)
    found = answers_of(unchecked_detector(package, "int8"), held, recipe.labels)
    return finished(recipe, package, found)

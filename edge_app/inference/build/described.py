"""A settled description as a manifest, and as a graph that takes uint8 pixels."""

import copy
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import onnx
from numpy.typing import NDArray

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError
from edge_app.domain.manifest import (
    DetectorManifest,
    InputSpec,
    LabelSpec,
    OperatingPoint,
    QualityLimits,
    Status,
    Threshold,
)
from edge_app.domain.measured import Measured
from edge_app.domain.reading import Code
from edge_app.inference.build.description import Description
from edge_app.inference.build.families import FAMILIES, Feeding
from edge_app.inference.build.proposal import decoding_of
from edge_app.inference.build.runs import opened
from edge_app.inference.build.source import Source
from edge_app.inference.build.trials import found_in
from edge_app.inference.build.wrap import give_outputs, named_domains_only, take_pixels

# A foreign model's field is unknown: only what is nearly black or nearly white is no picture.
_QUALITY = QualityLimits(min_brightness=20, max_clipped=0.98, min_covered=0, min_sharpness=0)
_UNMEASURED = Measured(0.0, 0.0, 0.0)


def _feeding(said: Description) -> Feeding:
    usual = FAMILIES[said.family].feeding
    wished = {f.name: getattr(said, f.name) for f in fields(usual)}
    return replace(usual, **{k: v for k, v in wished.items() if v is not None})


def manifest_of(source: Source, said: Description) -> DetectorManifest:
    """Return the manifest of a settled description, without variants.

    Raises:
        DetectorRefusedError: It contradicts itself.
    """
    family = FAMILIES[said.family]
    thresholds = tuple(Threshold(x, said.score, _UNMEASURED, _UNMEASURED) for x in said.labels)
    try:
        return DetectorManifest(
            name=said.name,
            version=said.version,
            title=said.title,
            licence=said.licence,
            intended_use=said.intended_use,
            must_not=said.must_not,
            body_part=said.body_part,
            modality=said.modality,
            training_data=said.training_data,
            input=InputSpec(
                source.size[0],
                source.size[1],
                family.fill if said.fill is None else said.fill,
                "RGB",
                said.fit or family.fit,
                said.shrink,
            ),
            decoder=family.kind,
            nms_iou=family.nms_iou if said.nms_iou is None else said.nms_iou,
            labels=tuple(LabelSpec(x, Code("99EDGE", x[:16], x)) for x in said.labels),
            default_point="as-built",
            points=(OperatingPoint("as-built", thresholds),),
            quality=_QUALITY,
            variants=(),
            decoding=said.decoding.applied(decoding_of(said.family, source, said.outputs)),
            status=Status.EXPERIMENTAL,
        )
    except ValueError as error:
        raise DetectorRefusedError(
            f"The description contradicts itself: {error}.", "Correct it."
        ) from error


def wrapped(source: Source, said: Description) -> onnx.ModelProto:
    """Return the graph with the family's outputs, fed uint8 RGB pixels.

    Raises:
        DetectorRefusedError: Mean or std cannot be one.
    """
    made = copy.deepcopy(source.model)
    give_outputs(made, said.outputs)
    try:
        take_pixels(made, _feeding(said), source.input_name, planar=source.planar)
    except ValueError as error:
        raise DetectorRefusedError(f"The description is wrong: {error}.", "Correct it.") from error
    named_domains_only(made)
    return made


def refuse_unread(
    model: onnx.ModelProto, manifest: DetectorManifest, tensors: Sequence[NDArray[np.uint8]]
) -> None:
    """Refuse a graph whose answers to `tensors` its decoder does not take.

    Raises:
        DetectorRefusedError: With what the decoder said.
    """
    try:
        found_in(opened(model), manifest, tensors)
    except ReadingFailedError as error:
        raise DetectorRefusedError(
            f"The model does not answer as the family does. {error.what}",
            "Choose another family, the right number of labels, or the order of outputs.",
        ) from error

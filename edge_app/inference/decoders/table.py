"""One table from a kind of output to the decoder that reads it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.decoding import DecoderKind
from edge_app.domain.manifest import DetectorManifest
from edge_app.inference.decoders import (
    blazeface,
    boxes_scores,
    boxes_scores_labels,
    classification,
    detr,
    gfl,
    instance_masks,
    nms_free,
    semantic_masks,
    yolov5,
    yolov8,
    yolox,
)
from edge_app.inference.decoders.candidates import (
    Candidates,
    Layout,
    Outputs,
    Rows,
    chosen,
    layout_of,
    refuse_not_finite,
    refuse_out_of_range,
)
from edge_app.inference.stuck import refuse_stuck

DECODERS: dict[DecoderKind, Callable[[Outputs, Layout], Rows]] = {
    DecoderKind.BOXES_SCORES: boxes_scores.rows,
    DecoderKind.BOXES_SCORES_LABELS: boxes_scores_labels.rows,
    DecoderKind.YOLOV5: yolov5.rows,
    DecoderKind.YOLOV8: yolov8.rows,
    DecoderKind.NMS_FREE: nms_free.rows,
    DecoderKind.YOLOX: yolox.rows,
    DecoderKind.GFL: gfl.rows,
    DecoderKind.DETR: detr.rows,
    DecoderKind.BLAZEFACE: blazeface.rows,
    DecoderKind.CLASSIFICATION: classification.rows,
    DecoderKind.INSTANCE_MASKS: instance_masks.rows,
    DecoderKind.SEMANTIC_MASKS: semantic_masks.rows,
}


def rows_of(outputs: Outputs, manifest: DetectorManifest) -> Rows:
    """Return what the package's graph answered, checked.

    Raises:
        ReadingFailedError: Shapes, finiteness or range are not those of a working detector, or
            every cell says the same.
    """
    layout = layout_of(manifest)
    refuse_not_finite(outputs)
    rows = DECODERS[manifest.decoder](outputs, layout)
    refuse_out_of_range(rows.scores)
    if rows.dense is None:  # a list, unlike a grid, may rightly hold nothing but noughts
        refuse_stuck([rows.scores])
    return rows


def decode(outputs: Outputs, manifest: DetectorManifest, floors: NDArray[np.float32]) -> Candidates:
    """Return what scores at least its label's floor, in input pixels, highest first.

    Args:
        outputs: The graph's, in its order.
        manifest: Says the decoder, its parameters, labels and input size.
        floors: float32 [labels], the lowest score a label.

    Raises:
        ReadingFailedError: The outputs are not those of a working detector.
    """
    return chosen(rows_of(outputs, manifest), floors, manifest.nms_iou, layout_of(manifest))

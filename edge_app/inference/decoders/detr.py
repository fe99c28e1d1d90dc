"""DETR's, RT-DETR's and D-FINE's layout: class logits [1, n, classes], boxes [1, n, 4].

Published by Carion et al., "End-to-End Object Detection with Transformers" (2020; softmax, the
last class means nothing), Zhu et al., "Deformable DETR" (2021), Zhao et al., "DETRs Beat YOLOs on
Real-time Object Detection" (2024; sigmoid) and Peng et al., "D-FINE" (2024). Boxes are centre and
size in fractions of the input.
"""

from edge_app.inference.decoders.candidates import (
    Layout,
    Outputs,
    Rows,
    corners,
    matrix,
    refuse_out_of_range,
    refuse_unless,
    scores_of,
)


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a query.

    Raises:
        ReadingFailedError: Shapes or range are not those of the layout.
    """
    refuse_unless(outputs, holds=len(outputs) == 2)
    classes = matrix(outputs, 0, layout.n_classes)
    boxes = matrix(outputs, 1, 4)
    refuse_unless(outputs, holds=len(classes) == len(boxes))
    refuse_out_of_range(boxes)
    scores = scores_of(classes, layout)
    return Rows(scores, lambda chosen: corners(boxes[chosen]) * layout.sides)

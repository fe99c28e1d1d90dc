"""YOLOv10's and other NMS-free layouts: [1, n, 6] of x0, y0, x1, y1, score, label.

Published by Wang et al., "YOLOv10: Real-Time End-to-End Object Detection" (2024), whose one-to-one
head needs no suppression; Ultralytics' exports with `end2end` or `nms=True` give the same rows.
Boxes are corners in input pixels; unused rows score nought.
"""

from edge_app.inference.decoders.boxes_scores_labels import rows as listed
from edge_app.inference.decoders.candidates import Layout, Outputs, Rows, matrix, refuse_unless


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a box that the graph lists.

    Raises:
        ReadingFailedError: The shape or a label is not that of the package.
    """
    refuse_unless(outputs, holds=len(outputs) == 1)
    table = matrix(outputs, 0, 6)
    return listed([table[:, :4], table[:, 4], table[:, 5]], layout)

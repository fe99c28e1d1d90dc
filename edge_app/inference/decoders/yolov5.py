"""YOLOv5's and YOLOv7's layout: [1, n, 5 + classes] of centre, size, objectness, class scores.

Published in ultralytics/yolov5, models/yolo.py (class Detect, inference branch) and in Wang et
al., "YOLOv7" (2022), exported with the grid: sides are input pixels, all scores went through the
sigmoid in the graph. A label's score is objectness times class score.
"""

from edge_app.inference.decoders.candidates import (
    Layout,
    Outputs,
    Rows,
    corners,
    matrix,
    refuse_out_of_range,
    refuse_unless,
)


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row an anchor.

    Raises:
        ReadingFailedError: Shape or range is not that of the layout.
    """
    extra = layout.decoding.coefficients
    refuse_unless(outputs, holds=len(outputs) == (2 if extra else 1))
    table = matrix(outputs, 0, 5 + layout.n_labels + extra)
    shares = table[:, 4 : 5 + layout.n_labels]
    refuse_out_of_range(shares)
    return Rows(shares[:, :1] * shares[:, 1:], lambda chosen: corners(table[chosen, :4]))

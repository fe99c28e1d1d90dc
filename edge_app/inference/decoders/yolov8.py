"""YOLOv8's, v9's and v11's layout: [1, 4 + classes, n], centre and size above class scores.

Published in ultralytics/ultralytics, nn/modules/head.py (class Detect) and in Wang et al.,
"YOLOv9" (2024): anchor-free, no objectness; sides are input pixels, scores went through the
sigmoid in the graph. Segmenting exports add mask coefficients below and a second output of
prototypes; the box is the head's, as their publisher reports it.
"""

from edge_app.inference.decoders.candidates import Layout, Outputs, Rows, corners, refuse_unless


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a cell.

    Raises:
        ReadingFailedError: The shape is not that of the layout.
    """
    extra = layout.decoding.coefficients
    refuse_unless(outputs, holds=len(outputs) == (2 if extra else 1))
    deep = 4 + layout.n_labels + extra
    shape = outputs[0].shape
    refuse_unless(outputs, holds=len(shape) == 3 and shape[:2] == (1, deep) and shape[2] > 0)
    table = outputs[0][0]
    scores = table[4 : 4 + layout.n_labels].T
    return Rows(scores, lambda chosen: corners(table[:4, chosen].T))

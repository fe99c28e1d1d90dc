"""Our own layout: boxes [n, 4] in input pixels and scores [n, labels], before suppression.

The source is docs/decisions/0007: box decoding is in the graph.
"""

from edge_app.inference.decoders.candidates import Layout, Outputs, Rows, matrix, refuse_unless
from edge_app.inference.stuck import refuse_stuck


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return the graph's two outputs as they are.

    Raises:
        ReadingFailedError: They are not two, or of other shapes.
    """
    refuse_unless(outputs, holds=len(outputs) == 2)
    boxes = matrix(outputs, 0, 4)
    scores = matrix(outputs, 1, layout.n_labels)
    refuse_unless(outputs, holds=len(boxes) == len(scores))
    refuse_stuck([boxes])
    return Rows(scores, boxes.__getitem__)

"""A reading as `--json` says it."""

import msgspec

from edge_app.domain.reading import Reading
from edge_app.domain.tiles import TileTally


def said_of_tiles(tally: TileTally | None) -> dict[str, object]:
    """Return how the tiles fared, where there were tiles."""
    return {"tiles": msgspec.to_builtins(tally)} if tally else {}


def said_of_reading(reading: Reading, image: str, frame: int) -> dict[str, object]:
    """Return one reading, with the keys that the command line's contract fixes."""
    advice = {"advice": reading.advice.value} if reading.advice else {}
    return {
        "image": image,
        "frame": frame,
        "detector": reading.detector,
        "version": reading.version,
        "outcome": reading.outcome.value,
        "reason": reading.reason,
        "detections": [
            {
                "label": d.label,
                "code": msgspec.to_builtins(d.code),
                "score": d.score,
                "box": [d.box.x0, d.box.y0, d.box.x1, d.box.y1],
            }
            for d in reading.detections
        ],
        "quality": msgspec.to_builtins(reading.quality),
        "certificate": msgspec.to_builtins(reading.certificate),
        "timing_ms": msgspec.to_builtins(reading.timing),
        **advice,
    }

"""What a caller may ask of a detector, known before the runtime is loaded."""

from edge_app.inference.choice import AUTO, Choice

__all__ = ["AUTO", "Choice"]

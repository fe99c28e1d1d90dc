"""What the text finder's process is asked and answers; one schema for both sides."""

import msgspec

from edge_app.inference.messages import Refusal


class TextRequest(msgspec.Struct, frozen=True, tag="text", forbid_unknown_fields=True):
    """Look for text in the picture whose pixels are the payload."""

    height: int
    width: int
    image_hash: str


class AreYouThere(msgspec.Struct, frozen=True, tag="there", forbid_unknown_fields=True):
    """Load, look at the pictures that must be seen, and say so."""


class Here(msgspec.Struct, frozen=True, tag="here", forbid_unknown_fields=True):
    """It is loaded, and saw what it must."""

    version: str


class TextReply(msgspec.Struct, frozen=True, tag="boxes", forbid_unknown_fields=True):
    """Where text stands in one picture: x0, y0, x1, y1 in its pixels."""

    image_hash: str
    boxes: tuple[tuple[float, float, float, float], ...]


Question = TextRequest | AreYouThere
Answer = TextReply | Here | Refusal

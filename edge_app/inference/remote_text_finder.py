"""The text finder in a process of its own: it may crash or hang, and nothing leaves unseen."""

import msgspec
import numpy as np

from edge_app.domain.confidentiality import TextNotSearchedError
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.inference.messages import Refusal
from edge_app.inference.text_messages import (
    Answer,
    AreYouThere,
    Here,
    TextReply,
    TextRequest,
)
from edge_app.isolation.bubblewrap import Enclosure
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.supervisor import (
    NonsenseError,
    PoisonInputError,
    SafeModeError,
    Supervisor,
    Terms,
)

_TERMS = Terms(Message(msgspec.msgpack.encode(AreYouThere())), first_s=30.0, most_s=60.0)
_REMEDY = "Try again; if it comes again, call the technician."


class RemoteTextFinder:
    """Answers `TextFinder` by asking a child process, which is started at once."""

    def __init__(
        self, module: str, arguments: tuple[str, ...], enclosure: Enclosure | None = None
    ) -> None:
        self._supervisor = Supervisor(
            lambda on_end: Child(module, arguments, enclosure, on_end), _TERMS
        )

    def text_in(self, image: CapturedImage) -> tuple[Box, ...]:
        """Return boxes that cover all text found in `image`.

        Raises:
            TextNotSearchedError: No answer came that can be trusted.
        """
        head = msgspec.msgpack.encode(TextRequest(image.height, image.width, image.hash))
        question = Message(head, np.ascontiguousarray(image.pixels).data)
        try:
            self._ensure_here()
            reply = self._supervisor.ask(question, image.hash, lambda a: _understood(a, image))
        except (ChildLostError, NonsenseError, PoisonInputError, SafeModeError) as error:
            raise TextNotSearchedError(
                f"The search for text in a picture failed: {error}.", _REMEDY
            ) from error
        if isinstance(reply, Refusal):
            raise TextNotSearchedError(reply.what, reply.remedy)
        return tuple(Box(*box) for box in reply.boxes)

    def _ensure_here(self) -> None:
        said = _decoded(self._supervisor.first_answer())
        if isinstance(said, Refusal):
            raise TextNotSearchedError(said.what, said.remedy)
        if not isinstance(said, Here):
            raise NonsenseError("it did not say that it is there")

    def close(self) -> None:
        """End the child."""
        self._supervisor.close()


def _understood(answer: Message, image: CapturedImage) -> TextReply | Refusal:
    reply = _decoded(answer)
    if isinstance(reply, Refusal):
        return reply
    if not isinstance(reply, TextReply) or reply.image_hash != image.hash:
        raise NonsenseError("it did not answer what it was asked")
    for x0, y0, x1, y1 in reply.boxes:
        if not (0 <= x0 < x1 <= image.width and 0 <= y0 < y1 <= image.height):
            raise NonsenseError("it found text beside the picture")
    return reply


def _decoded(answer: Message) -> Answer:
    try:
        reply: Answer = msgspec.msgpack.decode(answer.head, type=Answer)
    except msgspec.DecodeError as error:
        raise NonsenseError("its answer is not understood") from error
    return reply

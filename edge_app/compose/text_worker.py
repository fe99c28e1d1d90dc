"""`python -m edge_app.compose.text_worker FOLDER`: finds text in pictures, sealed."""

import sys
from pathlib import Path

import msgspec
import numpy as np

from edge_app.domain.confidentiality import TextNotSearchedError
from edge_app.domain.error import EdgeAppError
from edge_app.inference.messages import refusal_of
from edge_app.inference.text_finder import NetworkTextFinder, load_text_finder
from edge_app.inference.text_messages import Answer, AreYouThere, Here, Question, TextReply
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import sealed
from edge_app.isolation.worker import serve


class _Answering:
    """Loads at the first question, so that a refusal is an answer and not a crash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._finder: NetworkTextFinder | None = None

    def _reply(self, question: Message) -> Answer:
        request: Question = msgspec.msgpack.decode(question.head, type=Question)
        self._finder = finder = self._finder or load_text_finder(self._folder)
        if isinstance(request, AreYouThere):
            return Here(finder.manifest.version)
        if memoryview(question.payload).nbytes != request.height * request.width * 3:
            raise TextNotSearchedError("The picture did not arrive whole.", "Try again.")
        pixels = np.frombuffer(question.payload, np.uint8)
        boxes = finder.boxes(pixels.reshape(request.height, request.width, 3))
        return TextReply(request.image_hash, tuple((b.x0, b.y0, b.x1, b.y1) for b in boxes))

    def answer(self, question: Message) -> Message:
        """Return the answer to one question."""
        try:
            reply = self._reply(question)
        except EdgeAppError as error:
            reply = refusal_of(error)
        except msgspec.DecodeError:
            reply = refusal_of(TextNotSearchedError("The question was not understood.", "Restart."))
        return Message(msgspec.msgpack.encode(reply))


if __name__ == "__main__":
    folder = Path(sys.argv[1]).absolute()
    serve(_Answering(folder).answer, sealed(folder))

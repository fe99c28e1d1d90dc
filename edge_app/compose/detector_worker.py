"""`python -m edge_app.compose.detector_worker FOLDER VARIANT PROVIDER POINT`: one detector."""

import sys
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError, ReadingFailedError
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.loading import load_detector
from edge_app.inference.messages import (
    Present,
    PresentReply,
    ReadReply,
    Reply,
    Request,
    image_of,
    refusal_of,
)
from edge_app.inference.providers import CPU
from edge_app.inference.session import usable_providers
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE, Profile, sealed
from edge_app.isolation.worker import serve


class _Answering:
    """Loads at the first question, so that a refusal is an answer and not a crash."""

    def __init__(self, folder: Path, choice: Choice) -> None:
        self._folder = folder
        self._choice = choice
        self._detector: OnnxDetector | None = None

    def _loaded(self) -> OnnxDetector:
        if self._detector is None:
            self._detector = load_detector(self._folder, self._choice)
        return self._detector

    def _reply(self, question: Message) -> Reply:
        request: Request = msgspec.msgpack.decode(question.head, type=Request)
        if isinstance(request, Present):
            return PresentReply(self._loaded().certificate)
        return ReadReply(self._loaded().read(image_of(request, question.payload)))

    def answer(self, question: Message) -> Message:
        """Return the answer to one question."""
        try:
            reply = self._reply(question)
        except EdgeAppError as error:
            reply = refusal_of(error)
        except msgspec.DecodeError:
            reply = refusal_of(ReadingFailedError("The question was not understood.", "Restart."))
        return Message(msgspec.msgpack.encode(reply))


def profile_of(package: Path, provider: str) -> Profile:
    """Return the sandbox for one detector: sealed, unless an accelerator's driver may be needed."""
    if provider == CPU.name or usable_providers() == [CPU.name]:
        return sealed(package)
    return HOLDING_A_DEVICE


if __name__ == "__main__":
    folder, variant, provider, point = sys.argv[1:]
    package = Path(folder).absolute()
    answering = _Answering(package, Choice(variant, provider, point))
    serve(answering.answer, profile_of(package, provider))

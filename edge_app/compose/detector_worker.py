"""`python -m edge_app.compose.detector_worker FOLDER VARIANT PROVIDER POINT DATA_DIR [SITE]`.

SITE is what the site fixes for providers, as JSON: the sandbox does not show the file itself.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from edge_app.compose.clock import SystemClock
from edge_app.domain.error import EdgeAppError, ReadingFailedError
from edge_app.inference.choice import Choice
from edge_app.inference.fallback import FallingBack
from edge_app.inference.loading import load_detector
from edge_app.inference.machine import Machine
from edge_app.inference.messages import (
    Present,
    PresentReply,
    ReadReply,
    Reply,
    Request,
    image_of,
    refusal_of,
)
from edge_app.inference.package import load_package
from edge_app.inference.preparation import WhatIsPrepared
from edge_app.inference.providers import CPU
from edge_app.inference.session import usable_providers
from edge_app.inference.site_tuning import SiteTuning
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE, Profile, sealed
from edge_app.isolation.worker import Voice, serve
from edge_app.settings import Settings

_RECHECK_S = 4 * 3600.0


class _Answering:
    """Loads at the first question, so that a refusal is an answer and not a crash."""

    def __init__(self, folder: Path, choice: Choice, machine: Machine) -> None:
        self._folder = folder
        self._choice = choice
        self._machine = machine
        self._detector: FallingBack | None = None
        self._checked_at = 0.0

    def _loaded(self) -> FallingBack:
        """Return the detector; the golden pictures are asked again every four hours."""
        is_due = time.monotonic() - self._checked_at > _RECHECK_S
        if self._detector is None or is_due:
            self._detector = FallingBack(
                lambda choice: load_detector(self._folder, choice, self._machine), self._choice
            )
            self._checked_at = time.monotonic()
        return self._detector

    def _reply(self, question: Message) -> Reply:
        request: Request = msgspec.msgpack.decode(question.head, type=Request)
        if isinstance(request, Present):
            certificate = self._loaded().certificate
            record = self._machine.record(load_package(self._folder))
            return PresentReply(certificate, record is not None)
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


def said_by(voice: Voice) -> Callable[[WhatIsPrepared | None], None]:
    """Return who hears what is being prepared: whoever asked this process."""

    def told(what: WhatIsPrepared | None) -> None:
        if what:
            voice.say(msgspec.msgpack.encode(what))

    return told


def profile_of(readable: Sequence[Path], provider: str) -> Profile:
    """Return the sandbox for one detector: sealed, unless an accelerator's driver may be needed."""
    if provider == CPU.name or usable_providers() == [CPU.name]:
        return sealed(*readable)
    return HOLDING_A_DEVICE


if __name__ == "__main__":
    folder, variant, provider, point, data_dir, *site = sys.argv[1:]
    package = Path(folder).absolute()
    settings = Settings(Path(data_dir).absolute(), package.parent)
    tuning = msgspec.json.decode(site[0], type=SiteTuning) if site else SiteTuning()
    voice = Voice()
    machine = Machine.at(settings, SystemClock(), tuning, said_by(voice))
    answering = _Answering(package, Choice(variant, provider, point), machine)
    serve(answering.answer, profile_of((package, settings.selftests_dir), provider), voice)

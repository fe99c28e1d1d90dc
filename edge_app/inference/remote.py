"""A detector in a process of its own: it may crash or hang, and the window goes on."""

import time
from collections.abc import Callable, Sequence

import msgspec

from edge_app.domain.error import (
    AnalysisOffError,
    DetectorRefusedError,
    PoisonImageError,
    ReadingFailedError,
)
from edge_app.domain.image import CapturedImage
from edge_app.domain.manifest import DetectorManifest
from edge_app.domain.preparing import Preparing
from edge_app.domain.reading import Certificate, Reading
from edge_app.inference.messages import (
    Present,
    PresentReply,
    ReadReply,
    Refusal,
    Reply,
    request_of,
)
from edge_app.inference.preparation import WhatIsPrepared
from edge_app.inference.providers import provider_named
from edge_app.isolation.bubblewrap import Enclosure
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.named_work import Patience
from edge_app.isolation.sandbox import Layer
from edge_app.isolation.supervisor import (
    NonsenseError,
    PoisonInputError,
    SafeModeError,
    Supervisor,
    Terms,
)

_FIRST = Message(msgspec.msgpack.encode(Present()))
_FIRST_S, _MOST_S = 30.0, 10.0


def _longest_s(said: bytes) -> float:
    """Return the longest that what a worker prepares may take; 0 where it makes no sense."""
    what = _prepared(said)
    provider = provider_named(what.provider) if what else None
    return provider.longest_start_s if provider else 0.0


def _prepared(said: bytes | None) -> WhatIsPrepared | None:
    try:
        return msgspec.msgpack.decode(said, type=WhatIsPrepared) if said else None
    except msgspec.DecodeError:
        return None


class RemoteDetector:
    """Answers `Detector` by asking a child process; every answer is checked before it is used.

    A lost process is replaced, and the image is read again by the new one. It also answers
    `AnalysisSwitch`: after three losses within five minutes it is off until `start_again`.

    Attributes:
        certificate: What the detector said of itself by `wait_until_ready` or `renew`.
        is_tested: Whether a self-test of this machine stood then.
    """

    def __init__(
        self,
        manifest: DetectorManifest,
        module: str,
        arguments: Sequence[str],
        enclosure: Enclosure | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the child, which loads its detector; nobody waits for it here."""
        self._manifest = manifest
        self._preparing: tuple[WhatIsPrepared, float] | None = None
        self.is_tested = False
        terms = Terms(_FIRST, _FIRST_S, _MOST_S, Patience(_longest_s, self._told))
        self._supervisor = Supervisor(
            lambda on_end: Child(module, arguments, enclosure, on_end), terms, clock
        )

    def wait_until_ready(self) -> Certificate:
        """Return what every reading will carry, once the golden check was passed.

        Raises:
            DetectorRefusedError: It did not load or did not pass.
        """
        self._present()
        return self.certificate

    @property
    def preparing(self) -> Preparing | None:
        """What is being made ready now; None where nothing is, or it was not said yet."""
        now = self._preparing
        return now[0].after(time.monotonic() - now[1]) if now else None

    def _told(self, said: bytes | None) -> None:
        what = _prepared(said)
        self._preparing = (what, time.monotonic()) if what else None

    @property
    def manifest(self) -> DetectorManifest:
        """What the package says of itself."""
        return self._manifest

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the sandbox around the present process; empty between two."""
        child = self._supervisor.child
        return child.layers if child else ()

    @property
    def is_off(self) -> bool:
        """Whether nothing is read until a person starts the analysis again."""
        return self._supervisor.is_off

    def start_again(self) -> None:
        """Start the analysis again, as a person asked; changes nothing where it is not off."""
        self._supervisor.start_again()

    def renew(self) -> None:
        """Load the detector anew in a new process, as the last self-test chose.

        Raises:
            DetectorRefusedError: Nothing passed any more.
        """
        self._supervisor.renew()
        self._present()

    def _present(self) -> None:
        presented = self._presented()
        self.certificate: Certificate = presented.certificate
        self.is_tested = presented.is_tested

    def _presented(self) -> PresentReply:
        try:
            reply = _decoded(self._supervisor.first_answer())
        except (ChildLostError, SafeModeError, NonsenseError) as error:
            raise DetectorRefusedError(
                f"The detector's process failed while it was loading: {error}.",
                "Start the program again. If it fails again, call the technician.",
            ) from error
        if isinstance(reply, PresentReply):
            return reply
        said = reply if isinstance(reply, Refusal) else Refusal("", "It said nothing.", "")
        raise DetectorRefusedError(said.what, said.remedy)

    def read(self, image: CapturedImage) -> Reading:
        """Return the complete reading of `image`.

        Raises:
            ReadingFailedError: The answer was missing, late, or belongs to another image.
            PoisonImageError: Reading it ended the process twice, now or before.
            AnalysisOffError: The process was lost too often; a person must start it again.
        """
        try:
            reply = self._supervisor.ask(
                request_of(image), image.hash, lambda answer: self._understood(answer, image)
            )
        except PoisonInputError as error:
            raise PoisonImageError(
                "Reading this image ended the detector's process twice. It is not tried again.",
                "Take another picture, or read this one by eye.",
            ) from error
        except SafeModeError as error:
            raise AnalysisOffError(
                "The analysis is off: the detector's process ended three times within five "
                "minutes.",
                "Start the analysis again. If it goes off again, call the technician.",
            ) from error
        except ChildLostError as error:
            raise ReadingFailedError(
                f"The detector's process failed: {error}.", "Read the image again."
            ) from error
        if isinstance(reply, Refusal):
            raise ReadingFailedError(reply.what, reply.remedy)
        return reply

    def _understood(self, answer: Message, image: CapturedImage) -> Reading | Refusal:
        reply = _decoded(answer)
        if isinstance(reply, Refusal):
            return reply
        if not isinstance(reply, ReadReply):
            raise NonsenseError("it did not answer what it was asked")
        said = reply.reading
        if said.image_hash != image.hash:
            raise NonsenseError("it answered for another image")
        if (said.detector, said.version) != (self._manifest.name, self._manifest.shown_version):
            raise NonsenseError("another detector answered")
        return said

    def close(self) -> None:
        """End the child."""
        self._supervisor.close()


def _decoded(answer: Message) -> Reply:
    try:
        reply: Reply = msgspec.msgpack.decode(answer.head, type=Reply)
    except msgspec.DecodeError as error:
        raise NonsenseError("its answer is not understood") from error
    return reply

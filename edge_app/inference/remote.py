"""A detector in a process of its own: it may crash or hang, and the window goes on."""

from collections.abc import Sequence

import msgspec

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.manifest import DetectorManifest
from edge_app.domain.reading import Certificate, Reading
from edge_app.inference.messages import (
    Present,
    PresentReply,
    ReadReply,
    Refusal,
    Reply,
    request_of,
)
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError

_LOAD_S = 30.0
_READ_S = 10.0


class RemoteDetector:
    """Answers `Detector` by asking a child process; every answer is checked before it is used."""

    def __init__(self, manifest: DetectorManifest, module: str, arguments: Sequence[str]) -> None:
        """Start the child and wait until its detector has passed the golden check.

        Raises:
            DetectorRefusedError: It did not load or did not pass.
        """
        self._manifest = manifest
        self._child = Child(module, arguments)
        self.certificate = self._present()

    @property
    def manifest(self) -> DetectorManifest:
        """What the package says of itself."""
        return self._manifest

    def _ask(self, question: Message, timeout_s: float) -> Reply:
        try:
            answer = self._child.ask(question, timeout_s)
            reply: Reply = msgspec.msgpack.decode(answer.head, type=Reply)
        except (ChildLostError, msgspec.DecodeError) as error:
            raise ReadingFailedError(
                f"The detector's process failed: {error}.", "Read the image again."
            ) from error
        return reply

    def _present(self) -> Certificate:
        reply = self._ask(Message(msgspec.msgpack.encode(Present())), _LOAD_S)
        if isinstance(reply, PresentReply):
            return reply.certificate
        self.close()
        said = reply if isinstance(reply, Refusal) else Refusal("", "It said nothing.", "")
        raise DetectorRefusedError(said.what, said.remedy)

    def read(self, image: CapturedImage) -> Reading:
        """Return the complete reading of `image`.

        Raises:
            ReadingFailedError: The answer was missing, late, or belongs to another image.
        """
        reply = self._ask(request_of(image), _READ_S)
        if isinstance(reply, Refusal):
            raise ReadingFailedError(reply.what, reply.remedy)
        if not isinstance(reply, ReadReply) or reply.reading.image_hash != image.hash:
            raise ReadingFailedError(
                "The detector answered for another image.", "Read the image again."
            )
        return reply.reading

    def close(self) -> None:
        """End the child."""
        self._child.close()

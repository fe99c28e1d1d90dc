"""A device in a process of its own: its driver may hang or crash, and the window goes on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

import msgspec
import numpy as np

from edge_app.domain.belonging import Belonging
from edge_app.domain.error import (
    NothingYetError,
    ScannerGoneError,
    ScannerUnavailableError,
    SwappedKeyError,
)
from edge_app.domain.image import UNCALIBRATED, Calibration, CapturedImage, Deep, DeepScale
from edge_app.domain.patient import PatientRef
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.shared_pixels import Payload
from edge_app.ports import Control, Decision, DeviceInfo
from hardware.light import Light

_OPEN_S = 15.0
_ANSWER_S = 5.0
_LET_GO_S = 3.0
_LOOK = "Check its cable and power, then try again."


class InfoRequest(msgspec.Struct, frozen=True, tag="info", forbid_unknown_fields=True):
    """Say what the device is, without taking it."""


class TakeRequest(msgspec.Struct, frozen=True, tag="take", forbid_unknown_fields=True):
    """Take the device; what was sealed for the store opens by the key `opens`."""

    opens: bytes = b""

    def __repr__(self) -> str:
        """Return nothing of the key."""
        return "TakeRequest(hidden)"


class FrameRequest(msgspec.Struct, frozen=True, tag="frame", forbid_unknown_fields=True):
    """Give the next frame."""


class ControlsRequest(msgspec.Struct, frozen=True, tag="controls", forbid_unknown_fields=True):
    """Give the knobs."""


class AdjustRequest(msgspec.Struct, frozen=True, tag="adjust", forbid_unknown_fields=True):
    """Turn a knob."""

    name: str
    value: float


class ServeRequest(msgspec.Struct, frozen=True, tag="serve", forbid_unknown_fields=True):
    """Give what is of this patient before anything else."""

    patient: PatientRef

    def __repr__(self) -> str:
        """Return nothing that names a person."""
        return "ServeRequest(hidden)"


class SettleRequest(msgspec.Struct, frozen=True, tag="settle", forbid_unknown_fields=True):
    """Somebody decided on one frame."""

    sequence: int
    decision: Decision


class LightRequest(msgspec.Struct, frozen=True, tag="light", forbid_unknown_fields=True):
    """Measure the light on the frames given last; asked only of a process that calibrates."""


class LinesRequest(msgspec.Struct, frozen=True, tag="lines", forbid_unknown_fields=True):
    """Measure the size of a pixel on a frame that was given; likewise."""

    sequence: int
    apart_mm: float
    spaces: int


class LetGoRequest(msgspec.Struct, frozen=True, tag="let go", forbid_unknown_fields=True):
    """Let go of the device; the last that is asked."""


class Done(msgspec.Struct, frozen=True, tag="done", forbid_unknown_fields=True):
    """It was done; for a frame: there is none left."""


class FrameReply(msgspec.Struct, frozen=True, tag="frame", forbid_unknown_fields=True):
    """A frame; its pixels are the payload, and after them its `deep` numbers, where it has any."""

    height: int
    width: int
    device_id: str
    sequence: int
    captured_at: datetime
    monotonic_ns: int
    spacing_mm: tuple[float, float] | None
    is_partial: bool = False
    dropped: int = 0
    calibration: Calibration = UNCALIBRATED
    belongs: Belonging | None = None
    deep: DeepScale | None = None


class ControlsReply(msgspec.Struct, frozen=True, tag="controls", forbid_unknown_fields=True):
    """The knobs with their present values."""

    controls: tuple[Control, ...]


class InfoReply(msgspec.Struct, frozen=True, tag="info", forbid_unknown_fields=True):
    """What the device is."""

    info: DeviceInfo


class LightReply(msgspec.Struct, frozen=True, tag="light", forbid_unknown_fields=True):
    """The light, and how uneven the field was with and is without it, from 0 (even) to 1."""

    light: Light
    before: float
    after: float


class LinesReply(msgspec.Struct, frozen=True, tag="lines", forbid_unknown_fields=True):
    """The millimetres a pixel."""

    spacing_mm: float


class PlacesReply(msgspec.Struct, frozen=True, tag="places", forbid_unknown_fields=True):
    """Where devices of a kind were found."""

    places: tuple[str, ...]


class NothingYet(msgspec.Struct, frozen=True, tag="nothing yet", forbid_unknown_fields=True):
    """The device waits for a picture; what the person may know or do meanwhile."""

    what: str
    remedy: str


class Refusal(msgspec.Struct, frozen=True, tag="refusal", forbid_unknown_fields=True):
    """It could not be done, and why; `is_swapped` where another key lies in its folder."""

    what: str
    remedy: str
    is_swapped: bool = False


Request = (
    InfoRequest
    | TakeRequest
    | FrameRequest
    | ControlsRequest
    | AdjustRequest
    | ServeRequest
    | SettleRequest
    | LightRequest
    | LinesRequest
    | LetGoRequest
)
Reply = (
    Done
    | InfoReply
    | FrameReply
    | ControlsReply
    | LightReply
    | LinesReply
    | PlacesReply
    | NothingYet
    | Refusal
)


def frame_message(image: CapturedImage | None) -> Message:
    """Return a frame, or that there is none left, as a message."""
    if image is None:
        return Message(msgspec.msgpack.encode(Done()))
    head = FrameReply(
        image.height,
        image.width,
        image.device_id,
        image.sequence,
        image.captured_at,
        image.monotonic_ns,
        image.spacing_mm,
        image.is_partial,
        image.dropped,
        image.calibration,
        image.belongs,
        image.deep.scale if image.deep else None,
    )
    return Message(msgspec.msgpack.encode(head), _payload(image))


def _payload(image: CapturedImage) -> Payload:
    pixels = np.ascontiguousarray(image.pixels).data
    if image.deep is None:
        return pixels
    return pixels.tobytes() + image.deep.numbers.astype("<u2").tobytes()


def _deep_of(payload: Payload, reply: FrameReply) -> Deep | None:
    """Return the deep numbers behind the pixels, where the head says that there are some."""
    if reply.deep is None:
        return None
    n_pixels = reply.height * reply.width
    numbers = np.frombuffer(payload, "<u2", n_pixels, 3 * n_pixels).astype(np.uint16)
    return Deep(numbers.reshape(reply.height, reply.width), reply.deep)


class OpenRemote:
    """Answers `OpenScanner`, `Settles` and `SortsByPatient` by asking the child."""

    def __init__(self, child: Child, frame_s: float = _ANSWER_S) -> None:
        self._child = child
        self._frame_s = frame_s

    def ask(self, request: Request, timeout_s: float = _ANSWER_S) -> tuple[Reply, Payload]:
        """Return the child's reply and its payload.

        Raises:
            NothingYetError: It was asked for a frame and has none so far.
            ScannerUnavailableError: It refused, died, or did not answer in time.
        """
        try:
            answer = self._child.ask(Message(msgspec.msgpack.encode(request)), timeout_s)
            reply: Reply = msgspec.msgpack.decode(answer.head, type=Reply)
        except (ChildLostError, msgspec.DecodeError) as error:
            raise ScannerGoneError("The device does not answer.", _LOOK) from error
        if isinstance(reply, Refusal):
            refused = SwappedKeyError if reply.is_swapped else ScannerUnavailableError
            raise refused(reply.what, reply.remedy)
        if isinstance(reply, NothingYet):
            raise NothingYetError(reply.what, reply.remedy)
        return reply, answer.payload

    def frame(self) -> CapturedImage | None:
        """Return the next frame, or None where the device has no more to give.

        Raises:
            NothingYetError: It waits for a picture.
            ScannerUnavailableError: The device went away or did not answer in time.
        """
        reply, payload = self.ask(FrameRequest(), self._frame_s)
        if isinstance(reply, Done):
            return None
        if not isinstance(reply, FrameReply) or memoryview(
            payload
        ).nbytes != reply.height * reply.width * (5 if reply.deep else 3):
            raise ScannerUnavailableError("The device sent a broken frame.", _LOOK)
        n_pixels = reply.height * reply.width
        pixels = np.frombuffer(payload, np.uint8, 3 * n_pixels)
        return CapturedImage(
            pixels.reshape(reply.height, reply.width, 3),
            reply.device_id,
            reply.sequence,
            reply.captured_at,
            reply.monotonic_ns,
            reply.spacing_mm,
            is_partial=reply.is_partial,
            dropped=reply.dropped,
            calibration=reply.calibration,
            belongs=reply.belongs,
            deep=_deep_of(payload, reply),
        )

    def controls(self) -> Sequence[Control]:
        """Return the knobs with their present values."""
        reply, _ = self.ask(ControlsRequest())
        return reply.controls if isinstance(reply, ControlsReply) else ()

    def adjust(self, name: str, value: float) -> None:
        """Turn the knob `name`."""
        self.ask(AdjustRequest(name, value))

    def serve(self, patient: PatientRef) -> None:
        """Have what is of `patient` given before anything else."""
        self.ask(ServeRequest(patient))

    def settle(self, sequence: int, decision: Decision) -> None:
        """Say what somebody decided on the frame `sequence`."""
        self.ask(SettleRequest(sequence, decision))

    def light(self) -> LightReply:
        """Return the light on the frames given last.

        Raises:
            ScannerUnavailableError: They do not show an empty, even field; or it is gone.
        """
        reply, _ = self.ask(LightRequest())
        if not isinstance(reply, LightReply):
            raise ScannerUnavailableError("The device was not taken to be measured.", _LOOK)
        return reply

    def lines(self, sequence: int, apart_mm: float, spaces: int) -> float:
        """Return the mm a pixel of the frame `sequence`, which shows lines `apart_mm` apart.

        Raises:
            ScannerUnavailableError: It does not show about that many; or it is gone.
        """
        reply, _ = self.ask(LinesRequest(sequence, apart_mm, spaces))
        if not isinstance(reply, LinesReply):
            raise ScannerUnavailableError("The device was not taken to be measured.", _LOOK)
        return reply.spacing_mm


def found_places(module: str, kind: str) -> tuple[str, ...]:
    """Return the places of attached devices of `kind`, looked for by a process of its own.

    Raises:
        ScannerUnavailableError: Its driver cannot look, died, or did not answer in time.
    """
    child = Child(module, (kind,))
    try:
        reply, _ = OpenRemote(child).ask(InfoRequest(), _OPEN_S)
    finally:
        child.close()
    return reply.places if isinstance(reply, PlacesReply) else ()


class RemoteScanner:
    """Answers `Scanner`; each opening starts a fresh process, leaving it ends the process."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        frame_s: float | None = None,
        opens: bytes = b"",
    ) -> None:
        """Name the process; the key `opens` goes to it through its channel, and no other way."""
        self._module = module
        self._opens = opens
        self._frame_s = frame_s or _ANSWER_S
        self._arguments = tuple(arguments)

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it.

        Raises:
            ScannerUnavailableError: Its driver is unknown, or did not answer.
        """
        with self._process() as asked:
            reply, _ = asked.ask(InfoRequest(), _OPEN_S)
        if not isinstance(reply, InfoReply):
            raise ScannerUnavailableError("The device does not say what it is.", _LOOK)
        return reply.info

    @contextmanager
    def open(self) -> Iterator[OpenRemote]:
        """Take the device; leaving the block lets go of it.

        Raises:
            ScannerUnavailableError: The device is missing, busy, or refused.
        """
        with self._process() as opened:
            opened.ask(TakeRequest(self._opens), _OPEN_S)
            try:
                yield opened
            finally:  # a killed process leaves a lamp on, or paper in the feeder
                with suppress(ScannerUnavailableError):
                    opened.ask(LetGoRequest(), _LET_GO_S)

    @contextmanager
    def _process(self) -> Iterator[OpenRemote]:
        child = Child(self._module, self._arguments)
        try:
            yield OpenRemote(child, self._frame_s)
        finally:
            child.close()

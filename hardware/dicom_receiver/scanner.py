"""The driver: what modalities sent, as frames, in the order of arrival."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from edge_app.domain.error import (
    EdgeAppError,
    ImageRefusedError,
    NothingYetError,
    ScannerUnavailableError,
)
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.ports import Control, Decision, DeviceInfo, DeviceState
from hardware.dicom_receiver.owner import ensure_sealed_to
from hardware.dicom_receiver.sealed_box import BoxBrokenError, in_memory, opened_box
from hardware.dicom_receiver.settings import ReceiverSettings, settings_from
from hardware.dicom_receiver.spool import Kept, Spool, SpoolBusyError
from hardware.dicom_receiver.starting import end_receiver, start_receiver
from hardware.dicom_receiver.waiting import Arrived, Waiting
from hardware.lent import Decode, Frame, Surroundings

DEVICE_KIND = "dicom"

_WAIT_S, _LOOK_S = 2.0, 0.1
_CLOSE_OTHER = "Close the other view of it."


class DicomReceiverScanner:
    """A `Scanner` that delivers the received objects; it runs the receiver where nobody does."""

    def __init__(self, settings: Path, lent: Surroundings) -> None:
        self._path = settings.resolve()
        self._lent = lent

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it; raises ScannerUnavailableError."""
        settings = settings_from(self._path)
        digest = hashlib.sha256(settings.spool.encode()).hexdigest()
        return DeviceInfo(
            device_id=f"dicom-{digest[:16]}",
            kind=DEVICE_KIND,
            name=f"DICOM receiver {settings.ae_title}",
            driver="hardware.dicom_receiver.scanner",
            state=_state(settings),
            capabilities=("receive", "stills", "repeats", "patients"),
        )

    @contextmanager
    def open(self) -> Iterator["OpenReceiver"]:
        """Take what was received and what will be; what is on its way arrives all the same.

        Raises:
            ScannerUnavailableError: It is switched off, is open already, does not start, or nobody
                is logged in whose store opens what was received.
        """
        settings, info = settings_from(self._path), self.info()
        if not settings.listening:
            what = "The DICOM receiver is switched off."
            raise ScannerUnavailableError(what, "Have a technician switch it on in its settings.")
        spool = Spool(Path(settings.spool))
        with ExitStack() as stack:
            try:
                spool.ensure_there()
                ensure_sealed_to(spool.folder, self._lent.opens)
                stack.enter_context(spool.held("delivering"))
            except SpoolBusyError as error:
                what = "The DICOM receiver is open already."
                raise ScannerUnavailableError(what, _CLOSE_OTHER) from error
            except OSError as error:
                raise _unreachable(error) from error
            if not spool.is_held("receiving"):
                stack.callback(end_receiver, start_receiver(self._path))
            opened = OpenReceiver(spool, self._lent, info.device_id)
            stack.callback(opened.let_go)
            yield opened


@dataclass(frozen=True, slots=True)
class _Given:
    """A frame that nobody has decided on, by its place in its object."""

    sequence: int
    arrived: Arrived
    place: int


class OpenReceiver:
    """The received objects while they are taken; a `SortsByPatient`.

    What nobody kept, by a crash or by closing, comes again at the next opening; it is never passed
    over, and nothing leaves the spool.
    """

    def __init__(self, spool: Spool, lent: Surroundings, device_id: str) -> None:
        self._spool = spool
        self._waiting = Waiting(spool, lent.belongs, lent.opens)
        self._decoded = _Decoded(spool, lent.decode, lent.opens)
        self._clock = lent.clock
        self._device_id = device_id
        self._told_unopened = 0
        self._patient: PatientRef | None = None
        self._object: tuple[Arrived, Iterator[Frame]] | None = None
        self._own: _Given | None = None
        self._stranger: _Given | None = None
        self._is_stranger_shown = False
        self._sequence = 0
        self._is_held = True

    def frame(self) -> CapturedImage:
        """Return the next frame; with a patient served, the one before must have been settled.

        Raises:
            NothingYetError: Nothing has come for two seconds.
            ScannerUnavailableError: The receiver stopped, was let go, its folder is gone, or one
                object cannot be shown; the next call goes on with the next object.
        """
        with self._spool_in_use():
            if self._patient is None and self._own:
                self._keep(self._own)
            return self._next()

    def serve(self, patient: PatientRef) -> None:
        """Give from now on what is of `patient` first, and what is not one at a time."""
        if self._patient is None or self._patient.identifier != patient.identifier:
            self._waiting.take_back()
        self._patient = patient
        self._object = self._own = self._stranger = None
        self._is_stranger_shown = False

    def settle(self, sequence: int, decision: Decision) -> None:
        """Take the frame `sequence` as decided on, or leave it and what has its identifier.

        Raises:
            ScannerUnavailableError: The spool cannot be written; the frame comes again.
        """
        with self._spool_in_use():
            if self._stranger and self._stranger.sequence == sequence:
                self._waiting.put_aside(self._stranger.arrived)
                self._stranger, self._is_stranger_shown = None, False
            elif self._own and self._own.sequence == sequence:
                is_left = decision is Decision.FOR_LATER
                (self._leave if is_left else self._keep)(self._own)

    def controls(self) -> Sequence[Control]:
        """Return no knobs: a receiver has none."""
        return ()

    def adjust(self, name: str, value: float) -> None:
        """Refuse: a receiver has no knobs.

        Raises:
            ValueError: Always.
        """
        message = f"no knob {name!r} that takes {value}; a receiver has none"
        raise ValueError(message)

    def let_go(self) -> None:
        """Refuse everything from now on."""
        self._is_held = False

    @contextmanager
    def _spool_in_use(self) -> Iterator[None]:
        if not self._is_held:
            raise ScannerUnavailableError("The receiver was let go.", "Open it again.")
        try:
            yield
        except OSError as error:
            raise _unreachable(error) from error

    def _keep(self, given: _Given) -> None:
        self._spool.mark_out(given.arrived.kept, given.place + 1)
        self._own = None

    def _leave(self, given: _Given) -> None:
        self._waiting.put_aside(given.arrived)
        self._object = self._own = None

    def _next(self) -> CapturedImage:
        until = time.monotonic() + _WAIT_S
        while True:
            is_all = self._waiting.look(until)
            self._tell_unopened()
            arrived = self._choice() if is_all else None
            if arrived and (image := self._given(arrived)):
                return image
            if arrived is None:
                self._ensure_receiving()
                if time.monotonic() >= until:
                    raise _nothing(is_all=is_all, is_for_one=self._patient is not None)
                time.sleep(_LOOK_S)

    def _tell_unopened(self) -> None:
        more = self._waiting.unopened - self._told_unopened
        self._told_unopened = self._waiting.unopened
        if more:
            raise ScannerUnavailableError(
                f"{more} received images cannot be opened: they are damaged, or sealed to another"
                " store. They stay where they are.",
                "Have a technician look at the receiver's folder.",
            )

    def _choice(self) -> Arrived | None:
        """Return what the next frame is of; a stranger only where none is shown already."""
        own = self._waiting.own(self._patient)
        return own if own or self._is_stranger_shown else self._waiting.stranger(self._patient)

    def _given(self, arrived: Arrived) -> CapturedImage | None:
        frames, place = self._frames(arrived)
        is_own = self._waiting.fits(arrived, self._patient)
        try:
            found = next(frames, None)
        except EdgeAppError as error:
            if not is_own:  # its own study will tell
                self._waiting.put_aside(arrived)
                return None
            self._went_out(arrived)
            what = f"A received image cannot be shown: {error.what}"
            raise ScannerUnavailableError(what, error.remedy) from error
        if found is None:
            self._went_out(arrived)
            return None
        self._sequence += 1
        given = _Given(self._sequence, arrived, place)
        self._is_stranger_shown = not is_own
        if is_own:
            self._own = given
        else:
            self._stranger = given
        return self._captured(given, found)

    def _frames(self, arrived: Arrived) -> tuple[Iterator[Frame], int]:
        """Return what is left of an object, from the first frame on that nobody has kept."""
        out = self._spool.frames_out(arrived.kept) or 0
        is_begun = self._object is not None and self._object[0] is arrived
        if self._object is None or not is_begun or self._own is not None:
            left = islice(self._decoded.frames(arrived.kept), out, None)
            self._object = arrived, left
        return self._object[1], out

    def _went_out(self, arrived: Arrived) -> None:
        self._object = None
        self._spool.mark_done(arrived.kept)
        self._waiting.went_out(arrived)

    def _ensure_receiving(self) -> None:
        if not self._spool.is_held("receiving"):
            raise ScannerUnavailableError(
                "The DICOM receiver stopped. What it acknowledged is kept.", "Open it again."
            )

    def _captured(self, given: _Given, found: Frame) -> CapturedImage:
        received = self._spool.path(given.arrived.kept).stat().st_mtime
        return CapturedImage(
            pixels=found.pixels,
            device_id=self._device_id,
            sequence=given.sequence,
            captured_at=datetime.fromtimestamp(received, tz=self._clock.now().tzinfo),
            monotonic_ns=self._clock.monotonic_ns(),
            spacing_mm=found.spacing_mm,
            deep=found.deep,
            belongs=self._waiting.said(given.arrived),
        )


class _Decoded:
    """Frames of sealed objects, opened in memory."""

    def __init__(self, spool: Spool, decode: Decode, private: bytes) -> None:
        self._spool = spool
        self._decode = decode
        self._private = private

    def frames(self, kept: Kept) -> Iterator[Frame]:
        """Yield each frame; raises EdgeAppError, or OSError where the spool cannot be read."""
        try:
            with opened_box(self._spool.path(kept), self._private) as file, in_memory(file) as path:
                yield from self._decode(path)
        except BoxBrokenError as error:
            raise ImageRefusedError(
                "It is damaged.", "Have it sent again, under another number."
            ) from error


def _nothing(*, is_all: bool, is_for_one: bool) -> NothingYetError:
    if not is_all:
        return NothingYetError("What was received is still being looked through.", "Wait a moment.")
    what = "Nothing has been sent for this patient so far."
    what = what if is_for_one else "Nothing has been sent so far."
    return NothingYetError(what, "Send the images from the device.")


def _state(settings: ReceiverSettings) -> DeviceState:
    try:
        is_busy = Spool(Path(settings.spool)).is_held("delivering")
    except OSError:
        return DeviceState.ABSENT
    if is_busy:
        return DeviceState.BUSY
    return DeviceState.READY if settings.listening else DeviceState.ABSENT


def _unreachable(error: OSError) -> ScannerUnavailableError:
    what = f"The folder of received images cannot be used: {error.strerror or 'no answer'}."
    return ScannerUnavailableError(what, "Have a technician look at its disk.")

"""The driver: what modalities sent, as frames, in the order of arrival."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from edge_app.domain.error import EdgeAppError, NothingYetError, ScannerUnavailableError
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.ports import Clock, Control, DeviceInfo, DeviceState
from hardware.dicom_receiver.settings import ReceiverSettings, settings_from
from hardware.dicom_receiver.spool import Kept, Spool, SpoolBusyError
from hardware.dicom_receiver.starting import end_receiver, start_receiver

DEVICE_KIND = "dicom"

Frame = tuple[Pixels, tuple[float, float] | None]
"""Pixels, and their spacing in mm (down, right) where the object says it."""

Decode = Callable[[Path], Iterator[Frame]]
"""Yields each frame of one file; raises an `EdgeAppError` for a file that it refuses."""

_WAIT_S, _LOOK_S = 2.0, 0.1
_CLOSE_OTHER = "Close the other view of it."


class DicomReceiverScanner:
    """A `Scanner` that delivers the received objects; it runs the receiver where nobody does."""

    def __init__(self, settings: Path, decode: Decode, clock: Clock) -> None:
        self._path = settings.resolve()
        self._decode = decode
        self._clock = clock

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
            capabilities=("receive", "stills", "repeats"),
        )

    @contextmanager
    def open(self) -> Iterator["OpenReceiver"]:
        """Take what was received and what will be; what is on its way arrives all the same.

        Raises:
            ScannerUnavailableError: It is switched off, is open already, or does not start.
        """
        settings, info = settings_from(self._path), self.info()
        if not settings.listening:
            what = "The DICOM receiver is switched off."
            raise ScannerUnavailableError(what, "Have a technician switch it on in its settings.")
        spool = Spool(Path(settings.spool))
        with ExitStack() as stack:
            try:
                spool.ensure_there()
                stack.enter_context(spool.held("delivering"))
            except SpoolBusyError as error:
                what = "The DICOM receiver is open already."
                raise ScannerUnavailableError(what, _CLOSE_OTHER) from error
            except OSError as error:
                raise _unreachable(error) from error
            if not spool.is_held("receiving"):
                stack.callback(end_receiver, start_receiver(self._path))
            opened = OpenReceiver(spool, self._decode, self._clock, info.device_id)
            stack.callback(opened.let_go)
            yield opened


class OpenReceiver:
    """The received objects while they are taken.

    A frame counts as handed out when the next one is asked for: whoever asks has kept it. What was
    not, by a crash or by closing, comes again at the next opening; it is never passed over.
    """

    def __init__(
        self,
        spool: Spool,
        decode: Decode,
        clock: Clock,
        device_id: str,
    ) -> None:
        self._spool = spool
        self._decode = decode
        self._clock = clock
        self._device_id = device_id
        self._current: tuple[Kept, Iterator[Frame]] | None = None
        self._out = 0
        self._sequence = 0
        self._after = 0
        self._is_held = True

    def frame(self) -> CapturedImage:
        """Return the next frame.

        That the one before went out is on the disk before it is returned; the object stays in the
        spool.

        Raises:
            NothingYetError: Nothing has come for two seconds.
            ScannerUnavailableError: The receiver stopped, was let go, its folder is gone, or one
                object cannot be shown; the next call goes on with the next object.
        """
        if not self._is_held:
            raise ScannerUnavailableError("The receiver was let go.", "Open it again.")
        try:
            return self._next()
        except OSError as error:
            raise _unreachable(error) from error

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

    def _next(self) -> CapturedImage:
        while (current := self._current or self._begun()) is not None:
            kept, frames = self._current = current
            try:
                found = next(frames, None)
            except EdgeAppError as error:
                self._done(kept)
                what = f"A received image cannot be shown: {error.what}"
                raise ScannerUnavailableError(what, error.remedy) from error
            if found is None:
                self._done(kept)
            else:
                self._spool.mark_out(kept, self._out)
                self._out += 1
                return self._captured(kept, found)
        raise NothingYetError("Nothing has been sent so far.", "Send the images from the device.")

    def _begun(self) -> tuple[Kept, Iterator[Frame]] | None:
        until = time.monotonic() + _WAIT_S
        while not (waiting := self._spool.waiting(self._after)):
            self._ensure_receiving()
            if time.monotonic() >= until:
                return None
            time.sleep(_LOOK_S)
        kept = waiting[0]
        self._out = self._spool.frames_out(kept) or 0
        return kept, islice(self._decode(self._spool.path(kept)), self._out, None)

    def _done(self, kept: Kept) -> None:
        self._current = None
        self._spool.mark_done(kept)
        self._after = kept.number

    def _ensure_receiving(self) -> None:
        if not self._spool.is_held("receiving"):
            raise ScannerUnavailableError(
                "The DICOM receiver stopped. What it acknowledged is kept.", "Open it again."
            )

    def _captured(self, kept: Kept, found: Frame) -> CapturedImage:
        self._sequence += 1
        received = self._spool.path(kept).stat().st_mtime
        return CapturedImage(
            pixels=found[0],
            device_id=self._device_id,
            sequence=self._sequence,
            captured_at=datetime.fromtimestamp(received, tz=self._clock.now().tzinfo),
            monotonic_ns=self._clock.monotonic_ns(),
            spacing_mm=found[1],
        )


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

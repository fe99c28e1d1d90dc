"""A camera while this process holds it: each frame is the next that arrives whole."""

import contextlib
import time
from collections.abc import Sequence
from threading import Thread

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Control
from hardware.genicam import knobs, trouble
from hardware.genicam.camera import Camera
from hardware.genicam.library import Library
from hardware.genicam.pixels import FORMATS, Sent, format_name, is_whole, rgb
from hardware.genicam.stream import Lent, Stream
from hardware.genicam.trouble import AravisError
from hardware.retaken import Moment, RetakenCamera

_GLANCE_S = 0.1
_LEAVE_S = 2.0
_SETTLE_S = 0.2  # a full buffer of the system's was emptied in less than a fifth of that


class OpenGenicam(RetakenCamera):
    """A camera that this process holds; one that went away is taken again when it is back."""

    def __init__(
        self, library: Library, place: str, clock: Clock, device_id: str, frame_s: float
    ) -> None:
        super().__init__(clock, device_id, frame_s)
        self._library = library
        self._place = place
        self._camera: Camera | None = None
        self._stream: Stream | None = None
        self._leaving: Thread | None = None

    def frame(self) -> CapturedImage | None:
        """Return the next frame that arrives whole; whatever arrived before the call is left out.

        A camera that went away is looked for, taken and set again, as often as this is called.

        Raises:
            ScannerUnavailableError: It is away, sends nothing, or sends only broken frames.
        """
        self._ensure_held()
        until = time.monotonic() + self._patience_s
        stream = self._stream or self._attach()
        if self._has_slept():
            time.sleep(_SETTLE_S)
        self._leave_out(stream)
        broken = self._arrivals.broken
        while (left_s := until - time.monotonic()) > 0:
            newest = self._newest(stream, min(left_s, _GLANCE_S))
            if newest is not None and (image := self._image(*newest)):
                return image
            if newest is None and not self._is_controlled():
                raise self._lost(trouble.control_lost())
        if self._arrivals.broken > broken:
            raise trouble.only_broken()
        raise self._lost(trouble.silent())

    def controls(self) -> Sequence[Control]:
        """Return the knobs: `exposure`, `gain` and `frame rate`, as far as the camera has them."""
        self._ensure_held()
        camera = self._present()
        try:
            return knobs.knobs(camera)
        except AravisError as error:
            raise self._refused(error) from error

    def adjust(self, name: str, value: float) -> None:
        """Turn a knob; the camera no longer changes it by itself.

        Raises:
            ValueError: There is no such knob.
            ScannerUnavailableError: The camera refused, or went away.
        """
        self._ensure_held()
        camera = self._present()
        try:
            knobs.turn(camera, name, value)
        except AravisError as error:
            raise self._refused(error) from error
        self._turned[name] = value

    def let_go(self) -> None:
        """Stop the camera, let go of it, and refuse everything from now on."""
        self._is_held = False
        if self._camera and self._is_controlled():
            with contextlib.suppress(AravisError):
                self._camera.stop()
        self._detach()
        if self._leaving:
            self._leaving.join(_LEAVE_S)

    def _present(self) -> Camera:
        if self._camera is None:
            self._attach()
        if self._camera is None:
            raise trouble.absent()
        return self._camera

    def _is_controlled(self) -> bool:
        return self._camera is not None and self._camera.is_controlled

    def _attach(self) -> Stream:
        """Take the camera, set it as it was set before, and have it send frames."""
        if self._leaving:
            self._leaving.join(self._patience_s / 2)
            if self._leaving.is_alive():
                raise trouble.silent()
        try:
            self._camera = camera = Camera(self._library, self._place)
            if not camera.is_controlled:
                raise trouble.busy()
            knobs.choose(camera, self._choices)
            for name, value in self._turned.items():
                knobs.turn(camera, name, value)
            self._stream = camera.started()
        except AravisError as error:
            raise self._lost(trouble.refusal(error)) from error
        except (ScannerUnavailableError, ValueError):
            self._detach()
            raise
        self._arrivals.resumed()
        return self._stream

    def _detach(self) -> None:
        """Let go of the camera; one that is away is told so for seconds, and nobody waits."""
        stream, camera = self._stream, self._camera
        self._stream = self._camera = None
        if camera:
            self._leaving = Thread(target=_close, args=(stream, camera), daemon=True)
            self._leaving.start()

    def _lost(self, why: ScannerUnavailableError) -> ScannerUnavailableError:
        self._detach()
        return why

    def _refused(self, error: AravisError) -> ScannerUnavailableError:
        return (
            trouble.refusal(error) if self._is_controlled() else self._lost(trouble.control_lost())
        )

    def _newest(self, stream: Stream, wait_s: float) -> tuple[Lent, Moment] | None:
        """Return the newest frame that arrives within `wait_s`, and when; or None.

        Where nobody looked for long, packets from before lie in the system's own buffer, become
        frames only now, and would pass for new ones.
        """
        newest = stream.next(wait_s)
        while newest is not None and (later := stream.next(0)):
            with newest:
                self._counted(newest)
            newest = later
        moment = self._now()
        if self._has_slept():
            if newest is not None:
                with newest:
                    self._counted(newest)
            time.sleep(_SETTLE_S)
            self._leave_out(stream)
            return None
        return None if newest is None else (newest, moment)

    def _leave_out(self, stream: Stream) -> None:
        """Give back what arrived before now, and count what of it was broken.

        Where it filled every buffer, what came after that was received by nobody: numbers that
        are left out then are no loss, for nobody asked.
        """
        was_full = stream.is_full
        while lent := stream.next(0):
            with lent:
                self._counted(lent)
            if was_full:
                self._arrivals.skipped()
        if was_full:
            self._arrivals.resumed()

    def _counted(self, lent: Lent) -> Sent | None:
        """Return what a frame brought, or None where it did not arrive whole."""
        sent = lent.sent()
        if sent is not None and sent.code in FORMATS and not is_whole(sent):
            sent = None
        self._arrivals.came(lent.number, is_whole=sent is not None)
        return sent

    def _image(self, lent: Lent, moment: Moment) -> CapturedImage | None:
        """Return the frame as an image, or None where it did not arrive whole."""
        with lent:
            sent = self._counted(lent)
            if sent is None:
                return None
            if sent.code not in FORMATS:
                raise trouble.unsupported(format_name(sent.code))
            pixels = rgb(sent)
        return self._captured(pixels, moment)


def _close(stream: Stream | None, camera: Camera) -> None:
    if stream:
        stream.close()
    camera.close()

"""A camera while this process holds it: each frame is the next that arrives whole."""

import time
from collections.abc import Sequence

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.ports import Clock, Control
from hardware.camera import knobs, modes, places, trouble
from hardware.camera.pixels import Mode, is_whole, rgb
from hardware.camera.stream import Lent, Stream
from hardware.camera.video import Video
from hardware.camera.wire import Wire
from hardware.retaken import RetakenCamera

_GLANCE_S = 0.1


class OpenCamera(RetakenCamera):
    """A camera that this process holds; one that went away is taken again when it is back."""

    def __init__(
        self, wire: Wire, place: str, clock: Clock, device_id: str, frame_s: float
    ) -> None:
        super().__init__(clock, device_id, frame_s)
        self._wire = wire
        self._place = place
        self._held: tuple[Video, Mode, Stream] | None = None

    def frame(self) -> CapturedImage | None:
        """Return the next frame that arrives whole; whatever arrived before the call is left out.

        A camera that went away is looked for, taken and set again, as often as this is called.

        Raises:
            ScannerUnavailableError: It is away, sends nothing, or sends only damaged frames.
        """
        until = time.monotonic() + self._patience_s
        _, mode, stream = self._attach()
        broken = self._arrivals.broken
        try:
            self._leave_out(stream, mode)
            while (left_s := until - time.monotonic()) > 0:
                image = self._next(stream, mode, min(left_s, _GLANCE_S))
                if image is not None:
                    return image
        except OSError as error:
            raise self._lost(error) from error
        self._detach()
        raise trouble.only_broken() if self._arrivals.broken > broken else trouble.silent()

    def controls(self) -> Sequence[Control]:
        """Return the knobs that the camera has."""
        video, _, _ = self._attach()
        try:
            return knobs.knobs(video)
        except OSError as error:
            raise self._lost(error) from error

    def adjust(self, name: str, value: float) -> None:
        """Turn a knob; the camera no longer changes it by itself.

        Raises:
            ValueError: There is no such knob.
            ScannerUnavailableError: The camera refused, or went away.
        """
        video, _, _ = self._attach()
        try:
            knobs.turn(video, name, value)
        except OSError as error:
            if trouble.is_gone(error):
                raise self._lost(error) from error
            raise trouble.not_accepted() from error
        self._turned[name] = value

    def let_go(self) -> None:
        """Stop the camera, let go of it, and refuse everything from now on."""
        self._is_held = False
        self._detach()

    def _attach(self) -> tuple[Video, Mode, Stream]:
        """Return the camera; take it, set it as it was set before and start it where it is not."""
        self._ensure_held()
        if self._held is None:
            try:
                self._held = self._taken()
            except OSError as error:
                raise trouble.refusal(error) from error
            self._arrivals.skipped()
        return self._held

    def _taken(self) -> tuple[Video, Mode, Stream]:
        found = places.at(self._place, places.look(self._wire))
        if found is None:
            raise trouble.absent()
        video = Video(self._wire, found.node)
        try:
            mode = modes.chosen(video, self._choices)
            knobs.choose(video, self._choices)
            for name, value in self._turned.items():
                knobs.turn(video, name, value)
            return video, mode, Stream(video)
        except (OSError, ScannerUnavailableError, ValueError):
            video.close()
            raise

    def _detach(self) -> None:
        held, self._held = self._held, None
        if held:
            video, _, stream = held
            stream.close()
            video.close()

    def _lost(self, error: OSError) -> ScannerUnavailableError:
        self._detach()
        return trouble.unplugged() if trouble.is_gone(error) else trouble.refusal(error)

    def _leave_out(self, stream: Stream, mode: Mode) -> None:
        """Give back what arrived before now, and count what of it was damaged.

        Where it filled every buffer, what came after that was received by nobody: numbers that
        are left out then are no loss, for nobody asked.
        """
        self._look()
        waiting: list[Lent] = []
        while len(waiting) < stream.room and (lent := stream.next(0)):
            waiting.append(lent)
        for lent in waiting:
            with lent:
                content = lent.content()
                whole = content is not None and is_whole(content, mode)
                self._arrivals.came(lent.number, is_whole=whole)
        if len(waiting) == stream.room:
            self._arrivals.skipped()

    def _next(self, stream: Stream, mode: Mode, wait_s: float) -> CapturedImage | None:
        """Return the frame that arrives within `wait_s`, or None where none does, whole and new."""
        lent = stream.next(wait_s)
        moment = self._now()
        has_slept = self._has_slept()
        pixels = None if lent is None else self._pixels(lent, mode)
        if has_slept:
            self._leave_out(stream, mode)
            return None
        return None if pixels is None else self._captured(pixels, moment)

    def _pixels(self, lent: Lent, mode: Mode) -> Pixels | None:
        """Return the frame's pixels, and count it."""
        with lent:
            content = lent.content()
        pixels = None if content is None else rgb(content, mode)
        self._arrivals.came(lent.number, is_whole=pixels is not None)
        return pixels

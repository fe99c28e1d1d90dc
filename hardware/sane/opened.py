"""A scanner while this process holds it: each frame is a page."""

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TypeVar

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Control
from hardware.sane import knobs, page
from hardware.sane.library import Handle
from hardware.sane.line import End, Line, StuckError, waited_for
from hardware.sane.scan import PageScan
from hardware.sane.status import SaneStatusError, Status, cut_short, refusal, silent, too_slow

_Answer = TypeVar("_Answer")
_ANSWER_S = 4.0
_COME_BACK_S = 0.2
# A back end may end its reading thread by force. In its first moments that takes a lock of the C
# library with it, and the next thread of this process would hang for ever.
_SETTLED_S = 0.1


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a page may take, from how long a frame may take by the device's profile.

    The last fifth is left for giving up and for handing over what came, so that rows that
    were scanned are not lost with the process of a device that came too late.

    Attributes:
        page_s: From the start of a page to its last row.
        stall_s: Between two pieces of a page.
        settle_s: For the scanner to stop.
    """

    page_s: float
    stall_s: float
    settle_s: float


def patience(frame_s: float) -> Patience:
    """Return how a frame's time is spent."""
    return Patience(0.8 * frame_s, min(15.0, frame_s / 4), min(2.0, frame_s / 20))


class OpenSane:
    """A scanner that this process holds."""

    def __init__(
        self, line: Line, handle: Handle, clock: Clock, device_id: str, allowed: Patience
    ) -> None:
        self._line = line
        # Begun now: after a back end ended a thread by force, a new one may hang for ever.
        self._aside = Line()
        self._handle = handle
        self._clock = clock
        self._device_id = device_id
        self._patience = allowed
        self._sequence = 0
        self._is_held = True
        self._due: ScannerUnavailableError | None = None
        self._lost: ScannerUnavailableError | None = None

    def frame(self) -> CapturedImage | None:
        """Return the next page, or None where the feeder is out of pages.

        On glass each call scans anew. A page that was cut short is delivered as far as it came;
        the call after it raises.

        Raises:
            ScannerUnavailableError: The scanner had a fault, or went away. After a fault that
                somebody can mend, the next call tries again.
        """
        self._ensure_held()
        if self._due or self._lost:
            raise self._told()
        is_feeding = self._ask(lambda: knobs.is_feeding(self._handle))
        scale = self._ask(lambda: knobs.scale(self._handle))
        scan = PageScan(self._handle)
        fault, is_end = self._scanned(scan)
        if fault and page.whole_rows(scan.passes):
            self._due = fault  # the page goes out first: a back end may crash on being cancelled
            return self._image(scan, scale)
        if fault:
            self._end_page(_SETTLED_S)
            if is_end and is_feeding and self._sequence:
                return None
            raise fault
        if not is_feeding:
            self._end_page()
        return self._image(scan, scale)

    def controls(self) -> Sequence[Control]:
        """Return the knobs under SANE's names: `resolution`, the area, and what else there is."""
        self._ensure_held()
        return self._ask(lambda: knobs.knobs(self._handle))

    def adjust(self, name: str, value: float) -> None:
        """Turn a knob to the nearest that the scanner can do.

        Raises:
            ValueError: There is no such knob.
            ScannerUnavailableError: The scanner refused, or went away.
        """
        self._ensure_held()
        self._ask(lambda: knobs.turn(self._handle, name, value))

    def let_go(self) -> None:
        """Stop the page under way, close the device, and refuse everything from now on."""
        self._is_held = False
        self._aside.hang_up()
        if self._lost:
            self._line.abandon()
        with contextlib.suppress(StuckError):
            self._line.ask(self._closed, _ANSWER_S)

    def _closed(self) -> None:
        self._handle.cancel()
        self._handle.close()

    def _ensure_held(self) -> None:
        if not self._is_held:
            raise ScannerUnavailableError("The scanner was let go.", "Open it again.")

    def _scanned(self, scan: PageScan) -> tuple[ScannerUnavailableError | None, bool]:
        """Return why the page is not whole, and whether that is for want of another page."""
        answer = self._line.begin(scan.run)
        until = time.monotonic() + self._patience.page_s
        end = waited_for(answer, lambda: scan.moved, self._patience.stall_s, until)
        if end is not End.OVER:
            self._stop(scan, answer)
            self._lost = silent() if end is End.STALLED or self._line.is_stuck else None
            return self._lost or too_slow(), False
        try:
            answer.result()
        except ScannerUnavailableError as error:
            return error, False
        except SaneStatusError as error:
            return refusal(error.status), error.status is Status.NO_DOCS and not scan.passes
        if page.is_whole(scan.passes):
            return None, False
        return cut_short() if page.whole_rows(scan.passes) else refusal(Status.EOF), False

    def _told(self) -> ScannerUnavailableError:
        """Return why the page before was no whole one, and have the scanner end it; once."""
        due, self._due = self._due, None
        if due:
            self._end_page(_SETTLED_S)
        return due or self._lost or silent()

    def _end_page(self, after_s: float = 0.0) -> None:
        """Have the scanner end the page; nobody waits, and what is asked next comes after it."""
        if self._lost:
            return

        def ended() -> None:
            time.sleep(after_s)
            self._handle.cancel()

        with contextlib.suppress(StuckError):
            self._line.begin(ended)

    def _stop(self, scan: PageScan, answer: "Future[None]") -> None:
        """Have a page come to its end that was given up; where it does not, the line is stuck."""
        scan.give_up()
        wait([answer], _COME_BACK_S)
        if not answer.done():
            # The one call that SANE allows while another has not come back.
            self._aside.begin(self._handle.cancel)
        with contextlib.suppress(StuckError, SaneStatusError, ScannerUnavailableError):
            self._line.waited(answer, self._patience.settle_s)

    def _ask(self, call: Callable[[], _Answer]) -> _Answer:
        try:
            return self._line.ask(call, _ANSWER_S)
        except SaneStatusError as error:
            raise refusal(error.status) from error
        except StuckError as error:
            self._lost = silent()
            raise self._lost from error

    def _image(self, scan: PageScan, scale: knobs.Scale | None) -> CapturedImage:
        self._sequence += 1
        pixels = page.picture(scan.passes)
        return CapturedImage(
            pixels,
            self._device_id,
            self._sequence,
            self._clock.now(),
            self._clock.monotonic_ns(),
            scale.spacing_mm(pixels.shape[1]) if scale else None,
            is_partial=self._due is not None,
            deep=page.deep(scan.passes),
        )

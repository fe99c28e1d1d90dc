"""A scanner while this process holds it: each frame is a page."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Control
from hardware.twain import trouble
from hardware.twain.bitmap import pixels_of
from hardware.twain.settings import Settings
from hardware.twain.source import Source
from hardware.twain.structures import Condition
from hardware.twain.trouble import TwainError


class OpenTwain:
    """A scanner that this process holds; all of it on the thread that opened it."""

    def __init__(self, source: Source, clock: Clock, device_id: str, frame_s: float) -> None:
        self._source = source
        self._clock = clock
        self._device_id = device_id
        self._patience_s = 0.8 * frame_s
        self._settings = Settings(source)
        self._sequence = 0
        self._is_more = False
        self._is_held = True

    def choose(self, choices: Mapping[str, str]) -> None:
        """Set the profile's choices; raises ScannerUnavailableError."""
        with _plainly():
            self._settings.choose(choices)

    def frame(self) -> CapturedImage | None:
        """Return the next page, or None where the feeder is out of pages.

        On glass each call scans anew.

        Raises:
            ScannerUnavailableError: The scanner had a fault, or went away. After a fault that
                somebody can mend, the next call tries again.
        """
        self._ensure_held()
        try:
            with _plainly():
                return self._page()
        except ScannerUnavailableError:
            self._is_more = False
            self._source.stop()
            raise

    def controls(self) -> Sequence[Control]:
        """Return the knobs: `resolution` and the area, as far as the scanner has them."""
        self._ensure_held()
        with _plainly():
            return self._settings.knobs()

    def adjust(self, name: str, value: float) -> None:
        """Turn a knob to the nearest that the scanner can do.

        Raises:
            ValueError: There is no such knob.
            ScannerUnavailableError: The scanner refused, or went away.
        """
        self._ensure_held()
        with _plainly():
            self._source.stop()  # it takes no setting while pages wait
            self._is_more = False
            self._settings.turn(name, value)

    def let_go(self) -> None:
        """Stop the page under way, close the scanner, and refuse everything from now on."""
        self._is_held = False
        self._source.close()

    def _ensure_held(self) -> None:
        if not self._is_held:
            raise ScannerUnavailableError("The scanner was let go.", "Open it again.")

    def _page(self) -> CapturedImage | None:
        is_feeding = self._settings.is_feeding
        try:
            if not self._is_more:
                self._begin(is_feeding=is_feeding)
            content = self._source.page()
        except TwainError as error:
            if error.condition is Condition.NO_PAPER and is_feeding and self._sequence:
                self._source.stop()
                self._is_more = False
                return None
            raise
        self._is_more = self._source.ended() > 0 and is_feeding
        if not self._is_more:
            self._source.stop()
        pixels, said_dpi = pixels_of(content)
        self._sequence += 1
        return CapturedImage(
            pixels,
            self._device_id,
            self._sequence,
            self._clock.now(),
            self._clock.monotonic_ns(),
            self._settings.spacing_mm(said_dpi),
        )

    def _begin(self, *, is_feeding: bool) -> None:
        if is_feeding and not self._settings.has_paper:
            raise TwainError(Condition.NO_PAPER)
        until_s = time.monotonic() + self._patience_s
        self._settings.say_area()
        self._source.start()
        if not self._source.is_ready(until_s):
            raise trouble.too_slow()


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except TwainError as error:
        raise trouble.refusal(error.condition) from error

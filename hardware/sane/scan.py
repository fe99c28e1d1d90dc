"""One page as it is read: it runs on the device's line and is looked at from outside."""

import ctypes
import time

from hardware.sane import page
from hardware.sane.library import Frame, Handle
from hardware.sane.status import SaneStatusError, Status

_AT_ONCE = 64 << 10
_PAUSE_S = 0.01


class PageScan:
    """Reads all passes over one page.

    Attributes:
        passes: What has come, also after a fault.
        moved: Bytes that came.
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._is_given_up = False
        self.passes: list[page.Pass] = []
        self.moved = 0

    def run(self) -> None:
        """Read to the end of the page, or until it is given up.

        Raises:
            SaneStatusError: The scanner had a fault; `passes` holds what came before it.
            ScannerUnavailableError: It sends what cannot be read.
        """
        is_last = False
        while not is_last and not self._is_given_up:
            self._handle.start()
            said = self._handle.parameters()
            page.ensure_possible(said, self.passes)
            self.passes.append(page.Pass(said))
            self._read(self.passes[-1].received)
            is_last = said.is_last or said.frame in {Frame.GREY, Frame.RGB}

    def give_up(self) -> None:
        """Have `run` come back after the call that it is in."""
        self._is_given_up = True

    def _read(self, received: bytearray) -> None:
        room = ctypes.create_string_buffer(_AT_ONCE)
        while not self._is_given_up:
            try:
                length = self._handle.read(room)
            except SaneStatusError as error:
                if error.status is Status.EOF:
                    return
                raise
            received += memoryview(room)[:length]
            self.moved += length
            if len(received) > page.LARGEST:
                raise page.too_large()
            if not length:  # a server that died is answered for by reads of nothing, for ever
                time.sleep(_PAUSE_S)

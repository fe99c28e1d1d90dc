"""The messages inside of P-DATA (PS3.7, 6.3.1): where each ends, and how long it may be."""

import struct
from dataclasses import dataclass

from hardware.dicom_receiver import limits
from hardware.dicom_receiver.pdu import Fragment, PduRefusedError, fragments

_FIELD, _HAS_DATA = 0x0100, 0x0800
_STORE, _NO_DATA = 0x0001, 0x0101
_ELEMENT = 8


@dataclass(frozen=True, slots=True)
class Carried:
    """What the body of one P-DATA-TF brought.

    Attributes:
        ended: Whether a command or data set ended in it.
        is_open: Whether more of what came last must come.
        asks: Whether a data set ended last: now the other side has to answer.
    """

    ended: bool
    is_open: bool
    asks: bool


class Messages:
    """Follows one peer's messages; only an image to store may be large.

    pynetdicom keeps everything else in memory until it is whole, so a data set is let through
    only behind a command that announces one.
    """

    def __init__(self) -> None:
        self._command = bytearray()
        self._size = self._most = 0

    def take(self, body: bytes) -> Carried:
        """Return what the body of a P-DATA-TF brought.

        Raises:
            PduRefusedError: It does not add up, or is more than its command may bring.
        """
        ended, last = False, None
        for last in fragments(body):
            ended |= last.is_last
            if last.is_command:
                self._take_command(last)
            else:
                self._take_data(last)
        is_open = last is not None and not last.is_last
        is_data = last is not None and not last.is_command
        return Carried(ended, is_open, asks=is_data and not is_open)

    def _take_command(self, fragment: Fragment) -> None:
        if self._size:
            raise PduRefusedError("a command within a data set")
        self._command += fragment.content
        if len(self._command) > limits.COMMAND_BYTES:
            raise PduRefusedError("a command larger than anybody needs")
        if fragment.is_last:
            self._most = _most_data(bytes(self._command))
            self._command.clear()

    def _take_data(self, fragment: Fragment) -> None:
        self._size += len(fragment.content)
        if self._command or self._size > self._most:
            raise PduRefusedError("more data than its command may bring")
        if fragment.is_last:
            self._size = self._most = 0


def _most_data(command: bytes) -> int:
    values = _values(command)
    if values.get(_HAS_DATA, _NO_DATA) == _NO_DATA:
        return 0
    return limits.OBJECT_BYTES if values.get(_FIELD) == _STORE else limits.REQUEST_BYTES


def _values(command: bytes) -> dict[int, int]:
    """Return the numbers of two bytes in a command set, by element; each stands there once."""
    found: dict[int, int] = {}
    place, before = 0, -1
    while place < len(command):
        if place + _ELEMENT > len(command):
            raise PduRefusedError("a command that is cut off")
        group, element, length = struct.unpack_from("<HHI", command, place)
        if group or element <= before or length > len(command) - place - _ELEMENT:
            raise PduRefusedError("a command that is not one")
        if length == 2:
            (found[element],) = struct.unpack_from("<H", command, place + _ELEMENT)
        place, before = place + _ELEMENT + length, element
    return found

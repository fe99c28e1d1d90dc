"""One video node that was opened; every call may raise OSError with the kernel's number."""

import errno
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeVar

from hardware.camera import structures as v4l2
from hardware.camera.structures import Kind, Request
from hardware.camera.wire import Memory, Node, Wire

_Query = TypeVar("_Query", v4l2.FormatDescription, v4l2.SizeQuery, v4l2.IntervalQuery)
_LISTED = 256  # entries of a list that are asked for at most


class Video:
    """A node that this process has open; others may have it open too until somebody streams."""

    def __init__(self, wire: Wire, node: Node) -> None:
        self._wire = wire
        self._handle = wire.open(node.path)

    def close(self) -> None:
        """Let go of the node, which stops what it sends."""
        self._wire.close(self._handle)

    def ask(self, request: Request, structure: v4l2.Structure) -> None:
        """Ask; the answer is in `structure`."""
        self._wire.ask(self._handle, request, structure)

    def share(self, length: int, offset: int) -> Memory:
        """Return one of the buffers."""
        return self._wire.share(self._handle, length, offset)

    def wait(self, wait_s: float) -> bool:
        """Return whether a buffer, or a fault, can be taken within `wait_s`."""
        return self._wire.wait(self._handle, wait_s)

    def capability(self) -> v4l2.Capability:
        """Return what the node is."""
        said = v4l2.Capability()
        self.ask(Request.QUERYCAP, said)
        return said

    def is_busy(self) -> bool:
        """Return whether another program streams; asks for no buffers, and so changes nothing."""
        try:
            self.request_buffers(0)
        except OSError as error:
            if error.errno == errno.EBUSY:
                return True
            raise
        return False

    def request_buffers(self, count: int) -> int:
        """Return how many buffers the node made, which may be others than `count`."""
        asked = v4l2.BuffersRequest(count=count, type=v4l2.CAPTURE, memory=v4l2.MMAP)
        self.ask(Request.REQBUFS, asked)
        return int(asked.count)

    def formats(self) -> list[str]:
        """Return the four letters of each pixel format on offer."""
        first = v4l2.FormatDescription(type=v4l2.CAPTURE)
        return [letters(one.pixelformat) for one in self._listed(Request.ENUM_FMT, first)]

    def sizes(self, pixel_format: str) -> list[str]:
        """Return the sizes on offer as "640x480", or one line "from 48x32 to 1920x1080"."""
        first = v4l2.SizeQuery(pixelformat=number(pixel_format))
        found = []
        for one in self._listed(Request.ENUM_FRAMESIZES, first):
            across, most_across, _, down, most_down, _ = one.numbers
            if one.type != v4l2.DISCRETE:
                return [f"from {across}x{down} to {most_across}x{most_down}"]
            found.append(f"{across}x{most_across}")
        return found

    def rates(self, layout: v4l2.PixelLayout) -> list[str]:
        """Return the frames a second on offer, or one line "from 1 to 60"."""
        first = v4l2.IntervalQuery(
            pixelformat=layout.pixelformat, width=layout.width, height=layout.height
        )
        found = []
        for one in self._listed(Request.ENUM_FRAMEINTERVALS, first):
            if one.type != v4l2.DISCRETE:
                return [f"from {_rate(one.times[1]):g} to {_rate(one.times[0]):g}"]
            found.append(f"{_rate(one.times[0]):g}")
        return found

    def layout(self) -> v4l2.PixelLayout:
        """Return how pictures are sent now."""
        said = v4l2.Format(type=v4l2.CAPTURE)
        self.ask(Request.G_FMT, said)
        return _layout(said)

    def set_layout(self, pixel_format: str, width: int, height: int) -> v4l2.PixelLayout:
        """Set how pictures are sent; return what the node made of it."""
        asked = v4l2.Format(type=v4l2.CAPTURE)
        asked.fmt.pix.width, asked.fmt.pix.height = width, height
        asked.fmt.pix.pixelformat = number(pixel_format)
        asked.fmt.pix.field = v4l2.PROGRESSIVE
        self.ask(Request.S_FMT, asked)
        return _layout(asked)

    def set_rate(self, rate: Fraction) -> float:
        """Set the frames a second; return what the node made of it, 0 where it has none."""
        asked = v4l2.Parameters(type=v4l2.CAPTURE)
        time = asked.parm.capture.timeperframe
        time.numerator, time.denominator = rate.denominator, rate.numerator
        self.ask(Request.S_PARM, asked)
        if not asked.parm.capture.capability & v4l2.TIME_PER_FRAME:
            return 0.0
        return _rate(asked.parm.capture.timeperframe)

    def control(self, control: int) -> v4l2.ControlQuery | None:
        """Return what the control with that number is, or None where it cannot be set."""
        asked = v4l2.ControlQuery(id=control)
        try:
            self.ask(Request.QUERYCTRL, asked)
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ENOTTY}:
                return None
            raise
        return None if asked.flags & v4l2.NOT_NOW else asked

    def all_controls(self) -> Iterator[v4l2.ControlQuery]:
        """Yield every control that can be set."""
        last = 0
        for _ in range(_LISTED):
            asked = v4l2.ControlQuery(id=last | v4l2.NEXT)
            try:
                self.ask(Request.QUERYCTRL, asked)
            except OSError as error:
                if error.errno in {errno.EINVAL, errno.ENOTTY}:
                    return
                raise
            last = asked.id
            if not asked.flags & v4l2.NOT_NOW:
                yield asked

    def menu(self, control: v4l2.ControlQuery) -> Mapping[str, int]:
        """Return the words of a control that has some, and the number of each."""
        if control.type == Kind.BOOLEAN:
            return {"no": 0, "yes": 1}
        if control.type not in {Kind.MENU, Kind.INTEGER_MENU}:
            return {}
        found = {}
        for place in range(control.minimum, min(control.maximum, control.minimum + _LISTED) + 1):
            asked = v4l2.MenuQuery(id=control.id, index=place)
            try:
                self.ask(Request.QUERYMENU, asked)
            except OSError as error:
                if error.errno == errno.EINVAL:  # menus have holes
                    continue
                raise
            is_text = control.type == Kind.MENU
            found[text(asked.m.name) if is_text else str(asked.m.value)] = place
        return found

    def value(self, control: int) -> int:
        """Return where a control stands."""
        asked = v4l2.ControlValue(id=control)
        self.ask(Request.G_CTRL, asked)
        return int(asked.value)

    def set_value(self, control: int, value: int) -> None:
        """Set a control."""
        self.ask(Request.S_CTRL, v4l2.ControlValue(id=control, value=value))

    def _listed(self, request: Request, asked: _Query) -> Iterator[_Query]:
        for place in range(_LISTED):
            asked.index = place
            try:
                self.ask(request, asked)
            except OSError as error:
                if error.errno in {errno.EINVAL, errno.ENOTTY}:
                    return
                raise
            yield asked


def number(pixel_format: str) -> int:
    """Return the number of a pixel format's four letters."""
    return int.from_bytes(pixel_format.encode("ascii"), "little")


def letters(pixel_format: int) -> str:
    """Return the four letters of a pixel format; what is no letter is a question mark."""
    said = int(pixel_format & 0x7FFFFFFF).to_bytes(4, "little").decode("ascii", "replace")
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in said)


def text(said: bytes) -> str:
    """Return a driver's text."""
    return said.decode("utf-8", "replace").strip()


def _layout(said: v4l2.Format) -> v4l2.PixelLayout:
    found: v4l2.PixelLayout = said.fmt.pix
    return found


def _rate(time: v4l2.Fraction) -> float:
    return time.denominator / time.numerator if time.numerator else 0.0

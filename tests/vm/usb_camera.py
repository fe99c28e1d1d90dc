"""A USB Video Class camera made of software, plugged into this kernel over USB/IP.

The kernel's own `vhci_hcd` is the socket and `uvcvideo` the driver, as for a real camera. The
numbers are those of "USB Device Class Definition for Video Devices" 1.1 and of the kernel's
Documentation/usb/usbip_protocol.
"""

import contextlib
import errno
import select
import socket
import struct
import threading
import time
from collections import deque
from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.camera.scanner import attached

VENDOR, PRODUCT = 0x1209, 0x0001
PLACE = "1209-0001-A1B2C3"
ROUND = 64
SIZES = ((320, 240), (160, 120))
INTERVALS = (500_000, 1_000_000)  # 100 ns: 20 and 10 frames a second
_HIGH_SPEED, _DEVICE = 3, 1 << 16 | 2
_SUBMIT, _UNLINK, _SUBMITTED, _UNLINKED = 1, 2, 3, 4
_HEAD = struct.Struct(">IIIIIIiiii8s")
_VHCI = Path("/sys/devices/platform/vhci_hcd.0")
_PAYLOAD = 16384
_STALL = -errno.EPIPE
_YUY2 = b"YUY2\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
_MJPEG = 2  # bFormatIndex
# (entity, selector): bytes, least, most, step, value at first
_CONTROLS = {
    (1, 0x02): [1, 1, 8, 9, 8],  # exposure by hand or by aperture priority
    (1, 0x04): [4, 3, 2047, 1, 156],
    (1, 0x06): [2, 0, 250, 5, 0],
    (1, 0x08): [1, 0, 1, 1, 1],
    (2, 0x02): [2, 0, 255, 1, 128],
    (2, 0x04): [2, 0, 255, 1, 64],
    (2, 0x05): [1, 0, 2, 1, 2],
    (2, 0x0A): [2, 2800, 6500, 10, 4000],
    (2, 0x0B): [1, 0, 1, 1, 1],
}


def _described(kind, content):
    return bytes((len(content) + 2, kind)) + content


def _frames(kind):
    found = b""
    for place, (width, height) in enumerate(SIZES, 1):
        size = width * height * 2
        rates = (size * 80, size * 160, size, INTERVALS[0])
        head = struct.pack("<BBBHHIIIIB", kind, place, 0, width, height, *rates, len(INTERVALS))
        found += _described(0x24, head + struct.pack(f"<{len(INTERVALS)}I", *INTERVALS))
    return found


def configuration():
    """Return all that the camera says of itself after its first eighteen bytes."""
    lens = struct.pack("<BBHBBHHHB3s", 2, 1, 0x0201, 0, 0, 0, 0, 0, 3, b"\x2a\x00\x02")
    units = _described(0x24, lens)
    units += _described(0x24, struct.pack("<BBBHBHBB", 5, 2, 1, 0, 2, 0x1641, 0, 0))
    units += _described(0x24, struct.pack("<BBHBBB", 3, 3, 0x0101, 0, 2, 0))
    control = _described(0x24, struct.pack("<BHHIBB", 1, 0x0110, 13 + len(units), 48_000_000, 1, 1))
    colours = _described(0x24, bytes((0x0D, 1, 1, 4)))  # sRGB, mixed as in BT.601
    formats = _described(0x24, struct.pack("<BBB16sBBBBBB", 4, 1, 2, _YUY2, 16, 1, 0, 0, 0, 0))
    formats += _frames(0x05) + colours
    formats += _described(0x24, bytes((6, _MJPEG, 2, 1, 1, 0, 0, 0, 0))) + _frames(0x07) + colours
    stream = struct.pack("<BBHBBBBBBBBB", 1, 2, 15 + len(formats), 0x81, 0, 3, 0, 0, 0, 1, 0, 0)
    body = _described(0x0B, bytes((0, 2, 0x0E, 3, 0, 2)))
    body += _described(0x04, bytes((0, 0, 0, 0x0E, 1, 0, 0))) + control + units
    body += _described(0x04, bytes((1, 0, 1, 0x0E, 2, 0, 0))) + _described(0x24, stream) + formats
    body += _described(0x05, struct.pack("<BBHB", 0x81, 2, 512, 0))
    return _described(0x02, struct.pack("<HBBBBB", 9 + len(body), 2, 1, 0, 0x80, 250)) + body


class UsbCamera:
    """One camera; `coming` says what its next frames are, "whole" where nothing is said.

    Attributes:
        coming: Of "whole", "error", "short", "cut".
        is_hanging: It sends nothing, as one whose firmware stands still.
        mute: Controls (entity, selector) that it lists and does not tell.
        sent: Frames that it began to send.
    """

    def __init__(self, serial="A1B2C3"):
        self._texts = ["", "Test", "Intraoral test camera", serial]
        self.coming = deque()
        self.is_hanging = False
        self.mute = set()
        self.sent = 0
        self._socket = None
        self._port = None

    def plug(self, port=0):
        """Plug it in, with all that was set forgotten; it answers from a thread of its own."""
        self.controls = {one: list(said) for one, said in _CONTROLS.items()}
        self._probe = [1, 1, INTERVALS[0]]
        self._waiting = deque()
        self._parts = deque()
        self._flag, self._next_s = 0, 0.0
        ours, kernels = socket.socketpair()
        self._socket, self._port = ours, port
        threading.Thread(target=self._answers, args=(ours,), daemon=True).start()
        said = f"{port} {kernels.fileno()} {_DEVICE} {_HIGH_SPEED}"
        (_VHCI / "attach").write_text(said)
        kernels.close()

    def pull(self):
        """Pull it out, and wait until its socket is free."""
        with contextlib.suppress(OSError):
            (_VHCI / "detach").write_text(str(self._port))
        self._socket.close()
        until = time.monotonic() + 20
        while not _is_free(self._port):
            assert time.monotonic() < until, "the USB socket does not become free"
            time.sleep(0.02)

    def _answers(self, ours):
        with contextlib.suppress(OSError, ValueError):
            while True:
                wait_s = 0.005 if self._waiting and not self.is_hanging else 0.1
                if select.select([ours], [], [], wait_s)[0]:
                    self._asked(ours)
                if not self.is_hanging:
                    self._send(ours)

    def _asked(self, ours):
        command, number, _, is_in, endpoint, meant, length, *_, setup = _HEAD.unpack(
            _whole(ours, _HEAD.size)
        )
        if command == _UNLINK:
            before = len(self._waiting)
            self._waiting = deque(one for one in self._waiting if one[0] != meant)
            status = -errno.ECONNRESET if len(self._waiting) < before else 0
            ours.sendall(_reply(_UNLINKED, number, status))
            return
        content = b"" if is_in else _whole(ours, length)
        if endpoint:
            self._waiting.append((number, length))
            return
        answer = self._control(setup, content)
        if answer is None:
            ours.sendall(_reply(_SUBMITTED, number, _STALL))
        elif is_in:
            ours.sendall(_reply(_SUBMITTED, number, 0, len(answer[:length])) + answer[:length])
        else:
            ours.sendall(_reply(_SUBMITTED, number, 0, length))

    def _control(self, setup, content):
        """Return the answer to a request on endpoint 0, or None where it is refused."""
        kind, request, value, index, _ = struct.unpack("<BBHHH", setup)
        if kind == 0x80 and request == 6:
            return self._description(value >> 8, value & 0xFF)
        if kind in {0x21, 0xA1}:
            return self._class_request(request, value >> 8, index >> 8, index & 0xFF, content)
        return bytes(2) if kind & 0x80 else b""

    def _description(self, kind, place):
        if kind == 1:
            kinds = struct.pack("<HBBBB", 0x0200, 0xEF, 2, 1, 64)
            return _described(0x01, kinds + struct.pack("<HHHBBBB", VENDOR, PRODUCT, 1, 1, 2, 3, 1))
        if kind == 2:
            return configuration()
        if kind == 3 and place < len(self._texts):
            text = self._texts[place].encode("utf-16-le") if place else b"\x09\x04"
            return _described(0x03, text) if text else None
        return None

    def _class_request(self, request, selector, entity, interface, content):
        if interface == 1:
            return self._negotiated(request, content)
        said = self.controls.get((entity, selector))
        if said is None:
            return b"\x06" if entity == 0 else None
        size, least, most, step, value = said
        if request == 0x01:
            said[4] = int.from_bytes(content[:size], "little")
            return b""
        if request == 0x86:
            return b"\x03"
        if (entity, selector) in self.mute:
            return None
        first = _CONTROLS[entity, selector][4]
        answers = {0x81: value, 0x82: least, 0x83: most, 0x84: step, 0x87: first}
        return answers[request].to_bytes(size, "little")

    def _negotiated(self, request, content):
        if request == 0x01:
            _, *self._probe = struct.unpack("<HBBI", content[:8])
            return b""
        if request in {0x85, 0x86}:
            return struct.pack("<H", 34) if request == 0x85 else b"\x03"
        format_, frame, interval = (max(one, 1) for one in self._probe)
        interval = min(INTERVALS, key=lambda one: abs(one - interval))
        width, height = SIZES[min(frame, len(SIZES)) - 1]
        head = struct.pack("<HBBIHHHHH", 1, format_, frame, interval, 0, 0, 0, 0, 0)
        return head + struct.pack("<IIIBBBB", width * height * 2, _PAYLOAD, 48_000_000, 0, 0, 0, 0)

    def _send(self, ours):
        """Send what is due of the frames, into the buffers that the kernel has lent."""
        now_s = time.monotonic()
        if not self._parts and self._waiting and now_s >= self._next_s:
            self._next_s = max(now_s - 0.5, self._next_s) + self._probe[2] / 1e7
            self._begin()
        while self._parts and self._waiting:
            number, length = self._waiting.popleft()
            part = self._parts.popleft()[:length]
            ours.sendall(_reply(_SUBMITTED, number, 0, len(part)) + part)

    def _begin(self):
        fault = self.coming.popleft() if self.coming else "whole"
        content = self._picture(fault)
        self._flag ^= 1
        self.sent += 1
        room = _PAYLOAD - 2
        pieces = [content[at : at + room] for at in range(0, len(content), room)]
        for place, piece in enumerate(pieces):
            is_last = place == len(pieces) - 1
            told = 0x80 | self._flag | (2 if is_last else 0) | (0x40 if fault == "error" else 0)
            self._parts.append(bytes((2, told)) + piece)

    def _picture(self, fault):
        width, height = SIZES[self._probe[1] - 1]
        light = np.random.default_rng(self.sent).integers(90, 110, (height, width), np.uint8)
        light[:32, :32] = 20 + 3 * (self.sent % ROUND)
        if self._probe[0] == _MJPEG:
            content = cv2.imencode(".jpg", light)[1].tobytes()
            return content[: len(content) // 2] if fault == "cut" else content
        pairs = np.full((height, width, 2), 128, np.uint8)
        pairs[..., 0] = light
        content = pairs.tobytes()
        return content[: len(content) // 2] if fault == "short" else content


def _reply(command, number, status, length=0):
    return _HEAD.pack(command, number, 0, 0, 0, status & 0xFFFFFFFF, length, 0, 0, 0, b"")


def _whole(ours, count):
    content = b""
    while len(content) < count:
        piece = ours.recv(count - len(content))
        if not piece:
            raise OSError(errno.ECONNRESET, "pulled out")
        content += piece
    return content


needed = pytest.mark.skipif(
    not _VHCI.is_dir(), reason="this kernel has no vhci_hcd (run `make test-vm`, which brings one)"
)


def numbered(corner):
    """Return which frame of a round of `ROUND` shows this grey in its corner."""
    return round((16 + corner * 219 / 255 - 20) / 3) % ROUND


@contextlib.contextmanager
def plugged(camera, port=0):
    """Plug a camera in for a block, from when the program finds one."""
    camera.plug(port)
    try:
        found_after(found)
        yield camera
    finally:
        camera.pull()


def found():
    """Return the places of the cameras of software; vivid is attached too."""
    return tuple(place for place in attached() if place.startswith("1209-"))


def found_after(look):
    """Return what `look` finds once it finds something; a camera takes a moment to be known."""
    until = time.monotonic() + 30
    while not (places := look()):
        assert time.monotonic() < until, "the camera did not come up"
        time.sleep(0.05)
    return places


def _is_free(port):
    """Return whether nothing is in the socket: its state is 4 (VDEV_ST_NULL) then.

    The bus forgets what was in it a moment later.
    """
    if any(_VHCI.glob(f"usb*/*-{port + 1}")):
        return False
    for line in (_VHCI / "status").read_text().splitlines()[1:]:
        _, number, state, *_ = line.split()
        if int(number) == port:
            return int(state) == 4
    return False

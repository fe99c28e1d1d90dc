"""USB cameras as the kernel shows them, faked at the one door that the driver has to the kernel."""

import errno
import os
import time
from collections import deque
from pathlib import Path

import cv2
import numpy as np

from hardware.camera import structures as v4l2
from hardware.camera.structures import Kind
from hardware.camera.video import number
from hardware.camera.wire import Node, Usb

SIZES = ((640, 480), (320, 240), (1280, 720))
RATES = (30, 15)
PLACE = "046d-0825-8C1B2340"
_USER, _CAMERA = 0x00980900, 0x009A0900
EXPOSURE, AUTO_EXPOSURE, GAIN, BRIGHTNESS = _CAMERA + 2, _CAMERA + 1, _USER + 19, _USER
WHITE, AUTO_WHITE, LINE, FOCUS, AUTO_FOCUS = (
    _USER + 26, _USER + 12, _USER + 24, _CAMERA + 10, _CAMERA + 12,
)  # fmt: skip


def controls():
    """Return number -> name, kind, least, most, step, first value, menu; as a webcam has them."""
    exposures = {1: "Manual Mode", 3: "Aperture Priority Mode"}
    lines = {0: "Disabled", 1: "50 Hz", 2: "60 Hz"}
    return {
        BRIGHTNESS: ["Brightness", Kind.INTEGER, 0, 255, 1, 128, {}],
        AUTO_WHITE: ["White Balance, Automatic", Kind.BOOLEAN, 0, 1, 1, 1, {}],
        GAIN: ["Gain", Kind.INTEGER, 0, 255, 1, 64, {}],
        LINE: ["Power Line Frequency", Kind.MENU, 0, 2, 1, 2, lines],
        WHITE: ["White Balance Temperature", Kind.INTEGER, 2800, 6505, 10, 4000, {}],
        AUTO_EXPOSURE: ["Auto Exposure", Kind.MENU, 0, 3, 1, 3, exposures],
        EXPOSURE: ["Exposure Time, Absolute", Kind.INTEGER, 3, 2047, 1, 156, {}],
        FOCUS: ["Focus, Absolute", Kind.INTEGER, 0, 250, 5, 0, {}],
        AUTO_FOCUS: ["Focus, Automatic Continuous", Kind.BOOLEAN, 0, 1, 1, 1, {}],
    }


class FakeCamera:
    """One camera; `coming` says what the next frames are, each "whole" where nothing is said.

    Attributes:
        coming: Of "whole", "error", "short", "cut", "resized", "lost".
        is_hanging: It sends nothing, and says nothing.
        is_taken: Another program streams from it.
        fails: What the kernel answers to a request, by the request.
    """

    def __init__(self, serial="8C1B2340", port="usb-0000:00:14.0-3", model="0825", padding=0):
        self.usb = Usb("046d", model, serial) if model else None
        self.port = port
        self.card = "C270 HD WEBCAM"
        self.padding = padding
        self.formats, self.sizes, self.rates = ["YUYV", "MJPG"], SIZES, RATES
        self.caps = v4l2.CAN_CAPTURE | v4l2.CAN_STREAM
        self.coming = deque()
        self.is_hanging = self.is_taken = False
        self.fails = {}
        self.asked_by = None
        self.power_up()

    def power_up(self):
        """Forget all that was set, as a camera does that was without power."""
        self.controls = controls()
        self.values = {one: said[5] for one, said in self.controls.items()}
        self.format, self.size, self.rate = self.formats[0], self.sizes[0], self.rates[0]
        self.stop()

    def stop(self):
        self.sequence = 0
        self.owner = None
        self.is_streaming = False
        self.buffers, self.queued, self.done = [], deque(), deque()

    @property
    def row_bytes(self):
        return {"YUYV": 2, "NV12": 1, "GREY": 1, "RGB3": 3, "BGR3": 3}.get(self.format, 0) * (
            self.size[0]
        ) + (0 if self.format == "MJPG" else self.padding)

    def room(self):
        return self.size[0] * self.size[1] * 3 + self.padding * self.size[1]

    def arrive(self, count=1):
        """Have frames come; a buffer is filled where one is free."""
        for _ in range(count):
            fault = self.coming.popleft() if self.coming else "whole"
            taken, self.sequence = self.sequence, self.sequence + 1
            if fault == "lost" or not self.queued:
                continue
            place = self.queued.popleft()
            content = self.content(taken, fault)
            self.buffers[place].held[: len(content)] = content
            flags = v4l2.BROKEN if fault == "error" else 0
            self.done.append((place, len(content), taken, flags))

    def content(self, taken, fault="whole"):
        """Return what the camera sends for a frame; its brightness is its number times ten."""
        width, height = (160, 120) if fault == "resized" else self.size
        level = 20 + 10 * (taken % 20)
        noise = np.random.default_rng(taken).integers(0, 8, (height, width), np.uint8)
        light = (level + noise).astype(np.uint8)
        if self.format == "MJPG":
            content = cv2.imencode(".jpg", np.repeat(light[..., None], 3, 2))[1].tobytes()
            return content[: len(content) // 2] if fault == "cut" else content + bytes(64)
        pairs = np.full((height, width, 2), 128, np.uint8)
        pairs[..., 0] = light
        rows = np.pad(pairs.reshape(height, -1), [(0, 0), (0, self.padding)])
        content = rows.tobytes()
        return content[:-4096] if fault == "short" else content

    def _owned(self):
        if self.is_taken or self.owner not in {None, self.asked_by}:
            raise OSError(errno.EBUSY, "taken")

    def _querycap(self, said):
        said.card, said.bus_info = self.card.encode(), self.port.encode()
        said.capabilities = self.caps | v4l2.SAYS_DEVICE_CAPS | v4l2.CAN_CAPTURE
        said.device_caps = self.caps

    def _enum_fmt(self, said):
        said.pixelformat = number(_nth(self.formats, said.index))

    def _g_fmt(self, said):
        pix = said.fmt.pix
        pix.width, pix.height = self.size
        pix.pixelformat = number(self.format)
        pix.bytesperline, pix.sizeimage = self.row_bytes, self.room()

    def _s_fmt(self, said):
        self._owned()
        pix = said.fmt.pix
        known = [one for one in self.formats if number(one) == pix.pixelformat]
        self.format = known[0] if known else self.formats[0]
        self.size = min(
            self.sizes, key=lambda one: abs(one[0] - pix.width) + abs(one[1] - pix.height)
        )
        self._g_fmt(said)

    def _enum_framesizes(self, said):
        said.type = v4l2.DISCRETE
        said.numbers[0], said.numbers[1] = _nth(self.sizes, said.index)

    def _enum_frameintervals(self, said):
        said.type = v4l2.DISCRETE
        said.times[0].numerator, said.times[0].denominator = 1, _nth(self.rates, said.index)

    def _s_parm(self, said):
        time_each = said.parm.capture.timeperframe
        asked = time_each.denominator / time_each.numerator
        self.rate = min(self.rates, key=lambda one: abs(one - asked))
        time_each.numerator, time_each.denominator = 1, self.rate
        said.parm.capture.capability = v4l2.TIME_PER_FRAME

    def _reqbufs(self, said):
        self._owned()
        if said.count:
            self.owner = self.asked_by
            self.buffers = [_Shared(self.room()) for _ in range(said.count)]

    def _querybuf(self, said):
        said.length = self.room()
        said.m.offset = said.index * 4096

    def _qbuf(self, said):
        if said.index in self.queued:
            raise OSError(errno.EINVAL, "it waits already")
        self.queued.append(said.index)

    def _dqbuf(self, said):
        if not self.done:
            raise OSError(errno.EAGAIN, "none")
        said.index, said.bytesused, said.sequence, said.flags = self.done.popleft()

    def _streamon(self, said):
        self._owned()
        assert said.value == v4l2.CAPTURE
        self.is_streaming = True

    def _streamoff(self, said):
        assert said.value == v4l2.CAPTURE
        self.is_streaming = False

    def _queryctrl(self, said):
        if said.id & v4l2.NEXT:
            later = [one for one in sorted(self.controls) if one > said.id & ~v4l2.NEXT]
            said.id = _nth(later, 0)
        if said.id not in self.controls:
            raise OSError(errno.EINVAL, "no such control")
        name, said.type, said.minimum, said.maximum, said.step, _, _ = self.controls[said.id]
        said.name = name.encode()

    def _querymenu(self, said):
        menu = self.controls[said.id][6]
        if said.index not in menu:
            raise OSError(errno.EINVAL, "a hole")
        said.m.name = menu[said.index].encode()

    def _g_ctrl(self, said):
        said.value = self.values[said.id]

    def _s_ctrl(self, said):
        _, kind, low, high, _, _, menu = self.controls[said.id]
        if not low <= said.value <= high or (kind == Kind.MENU and said.value not in menu):
            raise OSError(errno.ERANGE, "out of range")
        automatic = {EXPOSURE: (AUTO_EXPOSURE, 1), WHITE: (AUTO_WHITE, 0), FOCUS: (AUTO_FOCUS, 0)}
        if said.id in automatic and self.values[automatic[said.id][0]] != automatic[said.id][1]:
            raise OSError(errno.EACCES, "the automatic has it")
        self.values[said.id] = said.value


class _Shared:
    """A buffer that the driver and the camera share."""

    def __init__(self, size):
        self.held = bytearray(size)
        self.is_open = True

    def __getitem__(self, part):
        assert self.is_open, "a buffer is read that was given back"
        return bytes(self.held[part])

    def close(self):
        self.is_open = False


class UvcWire:
    """Answers as the kernel does, for the cameras that are plugged in."""

    def __init__(self, *cameras):
        self.plugged = {}
        self.opened = {}
        self.shared = []
        self._count = 2
        for camera in cameras:
            self.plug(camera)

    def plug(self, camera, name=None):
        """Plug a camera in; it gets the first free number, or `name`."""
        free = (f"/dev/video{n}" for n in range(99) if Path(f"/dev/video{n}") not in self.plugged)
        camera.power_up()
        self.plugged[Path(name or next(free))] = camera

    def pull(self, camera):
        self.plugged = {path: one for path, one in self.plugged.items() if one is not camera}

    @property
    def kept(self):
        """How many handles and buffers nobody gave back."""
        return len(self.opened) + sum(one.is_open for one in self.shared)

    def nodes(self):
        return [Node(path, camera.usb) for path, camera in sorted(self.plugged.items())]

    def open(self, path):
        if path not in self.plugged:
            raise OSError(errno.ENOENT, "gone")
        camera = self.plugged[path]
        self._failing(camera, "open")
        self._count += 1
        self.opened[self._count] = camera
        return self._count

    def close(self, handle):
        camera = self.opened.pop(handle)
        if camera.owner == handle:
            camera.stop()

    def ask(self, handle, request, structure):
        camera = self._present(handle)
        self._failing(camera, request)
        camera.asked_by = handle
        getattr(camera, f"_{request.name.lower()}")(structure)

    def share(self, handle, length, offset):
        camera = self._present(handle)
        assert length == camera.room()
        self.shared.append(camera.buffers[offset // 4096])
        return self.shared[-1]

    def wait(self, handle, wait_s):
        camera = self.opened[handle]
        if camera not in self.plugged.values() or camera.done:
            return True
        if camera.is_hanging:
            time.sleep(wait_s)
        elif wait_s > 0 and camera.is_streaming:
            camera.arrive()
        return bool(camera.done)

    def _present(self, handle):
        camera = self.opened[handle]
        if camera not in self.plugged.values():
            raise OSError(errno.ENODEV, "gone")
        return camera

    def _failing(self, camera, request):
        if request in camera.fails:
            raise OSError(camera.fails[request], os.strerror(camera.fails[request]))


def _nth(those, place):
    if place >= len(those):
        raise OSError(errno.EINVAL, "no more")
    return those[place]

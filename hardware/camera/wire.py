"""The one door to the kernel: which video nodes there are, and what is asked of one."""

import ctypes
import errno
import mmap
import os
import select
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hardware.camera.structures import Request, Structure

_NODES = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class Usb:
    """What a USB device says of itself: two numbers of four digits, and a text that may lack."""

    vendor: str
    product: str
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One /dev/video*, and the USB device that it is a part of."""

    path: Path
    usb: Usb | None = None


class Memory(Protocol):
    """A buffer that is shared with the kernel."""

    def __getitem__(self, part: slice, /) -> bytes:
        """Return a copy of a part."""

    def close(self) -> None:
        """Give it back."""


class Wire(Protocol):
    """What the kernel answers; every call may raise OSError with the kernel's number."""

    def nodes(self) -> Sequence[Node]:
        """Return the video nodes, the one with the lowest number first."""

    def open(self, path: Path) -> int:
        """Return a handle to a node; nothing that is asked of it waits."""

    def close(self, handle: int) -> None:
        """Let go of a node."""

    def ask(self, handle: int, request: Request, structure: Structure) -> None:
        """Ask a node; the answer is in `structure`."""

    def share(self, handle: int, length: int, offset: int) -> Memory:
        """Return one of the node's buffers."""

    def wait(self, handle: int, wait_s: float) -> bool:
        """Return whether a buffer, or a fault, can be taken within `wait_s`."""


class Kernel:
    """The `Wire` of this computer."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        self._library.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)

    def nodes(self) -> Sequence[Node]:
        """Return the video nodes, the one with the lowest number first."""
        return nodes_in(_NODES)

    def open(self, path: Path) -> int:
        """Return a handle to a node."""
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self, handle: int) -> None:
        """Let go of a node."""
        os.close(handle)

    def ask(self, handle: int, request: Request, structure: Structure) -> None:
        """Ask a node; raises OSError."""
        while self._library.ioctl(handle, request, ctypes.byref(structure)) < 0:
            number = ctypes.get_errno()
            if number != errno.EINTR:
                raise OSError(number, os.strerror(number))

    def share(self, handle: int, length: int, offset: int) -> Memory:
        """Return one of the node's buffers."""
        return mmap.mmap(handle, length, offset=offset)

    def wait(self, handle: int, wait_s: float) -> bool:
        """Return whether a buffer, or a fault, can be taken within `wait_s`."""
        asked = select.poll()
        asked.register(handle, select.POLLIN)
        return bool(asked.poll(max(0, round(wait_s * 1000))))


def nodes_in(folder: Path) -> Sequence[Node]:
    """Return the nodes that a folder such as /sys/class/video4linux lists."""
    names = [found.name for found in folder.glob("video*") if found.name[5:].isdecimal()]
    return tuple(
        Node(Path("/dev") / name, _usb((folder / name).resolve()))
        for name in sorted(names, key=lambda name: int(name[5:]))
    )


def _usb(place: Path) -> Usb | None:
    """Return the USB device above a node's place in /sys, or None where it is none."""
    for folder in place.parents:
        if (folder / "idVendor").is_file():
            said = [_text(folder / name) for name in ("idVendor", "idProduct", "serial")]
            return Usb(*said)
    return None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # not every device has a serial number, and some vanish meanwhile
        return ""

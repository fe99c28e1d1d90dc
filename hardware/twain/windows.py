"""The wire on Windows: twaindsm.dll, else twain_32.dll, and a few calls of the system's own."""

import ctypes
import os
import sys
from ctypes import Structure, byref, c_long, c_size_t, c_uint16, c_uint32, c_void_p
from pathlib import Path

from hardware.twain import trouble
from hardware.twain.structures import Group, Identity, Message, Topic
from hardware.twain.wire import Wire

_MOVEABLE_ZEROED = 0x0042  # GHND
_REMOVE = 1  # PM_REMOVE


class _WindowMessage(Structure):
    """MSG."""

    _fields_ = (
        ("window", c_void_p),
        ("message", c_uint32),
        ("first", c_void_p),
        ("second", c_void_p),
        ("time", c_uint32),
        ("x", c_long),
        ("y", c_long),
        ("private", c_uint32),
    )


def windows() -> Wire:
    """Return this computer's wire.

    Raises:
        ScannerUnavailableError: It does not run Windows, or TWAIN is not installed.
    """
    if sys.platform == "win32":
        return _Windows()
    raise trouble.not_here()


if sys.platform == "win32":

    class _Windows:
        def __init__(self) -> None:
            self._entry = _entry()
            kernel, user = ctypes.WinDLL("kernel32"), ctypes.WinDLL("user32")
            for call in (kernel.GlobalAlloc, kernel.GlobalLock, user.CreateWindowExW):
                call.restype = c_void_p
            kernel.GlobalSize.restype = c_size_t
            kernel.GlobalAlloc.argtypes = (c_uint32, c_size_t)
            for call in (kernel.GlobalLock, kernel.GlobalUnlock, kernel.GlobalSize):
                call.argtypes = (c_void_p,)
            kernel.GlobalFree.argtypes = user.DestroyWindow.argtypes = (c_void_p,)
            user.DispatchMessageW.restype = c_void_p
            user.CreateWindowExW.argtypes = (
                (c_uint32, ctypes.c_wchar_p, ctypes.c_wchar_p, c_uint32)
                + (ctypes.c_int,) * 4
                + (c_void_p,) * 4
            )
            self._kernel, self._user = kernel, user
            nobody = (None,) * 4
            self._window = user.CreateWindowExW(0, "STATIC", "", 0, 0, 0, 0, 0, *nobody)

        @property
        def window(self) -> int:
            return int(self._window or 0)

        def entry(
            self,
            origin: Identity,
            source: Identity | None,
            asked: tuple[Group, Topic, Message],
            content: int,
        ) -> int:
            other = None if source is None else byref(source)
            return int(self._entry(byref(origin), other, *map(int, asked), content))

        def allocate(self, size: int) -> int:
            return self._there(self._kernel.GlobalAlloc(_MOVEABLE_ZEROED, size))

        def lock(self, handle: int) -> int:
            return self._there(self._kernel.GlobalLock(handle))

        def unlock(self, handle: int) -> None:
            self._kernel.GlobalUnlock(handle)

        def size(self, handle: int) -> int:
            return int(self._kernel.GlobalSize(handle))

        def free(self, handle: int) -> None:
            self._kernel.GlobalFree(handle)

        def message(self) -> Structure | None:
            found = _WindowMessage()
            came = self._user.PeekMessageW(byref(found), None, 0, 0, _REMOVE)
            return found if came else None

        def dispatch(self, message: Structure) -> None:
            self._user.TranslateMessage(byref(message))
            self._user.DispatchMessageW(byref(message))

        def close(self) -> None:
            self._user.DestroyWindow(self._window)

        @staticmethod
        def _there(address: int | None) -> int:
            if not address:
                raise trouble.no_memory()
            return address

    def _entry() -> "ctypes._NamedFuncPointer":
        # The old one is for programs of 32 bits, and lies where Python looks for none by name.
        old = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "twain_32.dll"
        for name in ("twaindsm.dll", str(old)):
            try:
                entry = ctypes.WinDLL(name).DSM_Entry
            except (OSError, AttributeError):
                continue
            entry.restype = c_uint16
            numbers = (c_uint32, c_uint16, c_uint16)
            entry.argtypes = (c_void_p, c_void_p, *numbers, c_void_p)
            return entry
        raise trouble.not_installed()

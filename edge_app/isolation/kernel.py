"""The few calls of Linux that Python has no name for."""

import ctypes
import os


class LayerAbsentError(Exception):
    """This machine cannot put a layer of the sandbox in force; the text says why."""


def prctl(option: int, value: int) -> None:
    """Set one property of this process (prctl(2)); raises LayerAbsentError."""
    _checked(_libc().prctl(option, ctypes.c_ulong(value), *(ctypes.c_ulong(0),) * 3))


def system_call(number: int, *arguments: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """Return what system call `number` returns; raises LayerAbsentError."""
    passed = [ctypes.c_long(x) if isinstance(x, int) else x for x in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *passed))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        raise LayerAbsentError(os.strerror(ctypes.get_errno()))
    return result

"""Landlock: this process may read what was listed, and touch no other file (landlock(7))."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from edge_app.isolation.kernel import LayerAbsentError, system_call

# The same on every machine.
_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# How many rights on files each version knows; what a version does not know cannot be denied.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_RIGHTS_NOW = 16
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def version() -> int:
    """Return the kernel's version of Landlock; raises LayerAbsentError where there is none."""
    return system_call(_CREATE, None, 0, _ASK_VERSION)


def _rules(kernels: int) -> bytes:
    files = (1 << _FILE_RIGHTS.get(kernels, _FILE_RIGHTS_NOW)) - 1
    if kernels < _NETWORK_SINCE:
        return struct.pack("=Q", files)
    if kernels < _SCOPES_SINCE:
        return struct.pack("=QQ", files, _BIND_AND_CONNECT)
    return struct.pack("=QQQ", files, _BIND_AND_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS)


def _buffer(content: bytes) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(content, len(content))


def _allow_reading(ruleset: int, path: Path) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | (_READ_DIR if path.is_dir() else 0)
        rule = _buffer(struct.pack("=Qi", rights, handle))
        system_call(_ADD_RULE, ruleset, _BENEATH, rule, 0)
    finally:
        os.close(handle)


def restrict(readable: Iterable[Path]) -> str:
    """Put Landlock in force for this thread and those it starts; return its version in words.

    Paths that are not there are passed over. Needs no_new_privs.

    Raises:
        LayerAbsentError: The kernel has none, or refuses.
    """
    kernels = version()
    if kernels < 1:
        raise LayerAbsentError("the kernel has it switched off")
    rules = _rules(kernels)
    ruleset = system_call(_CREATE, _buffer(rules), len(rules), 0)
    try:
        for path in readable:
            if path.exists():
                _allow_reading(ruleset, path)
        system_call(_RESTRICT, ruleset, 0)
    except OSError as error:
        raise LayerAbsentError(str(error)) from error
    finally:
        os.close(ruleset)
    return f"version {kernels}"

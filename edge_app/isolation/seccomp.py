"""A filter of system calls (seccomp(2)), written for this process and then never lifted."""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator

from edge_app.isolation.kernel import LayerAbsentError, system_call
from edge_app.isolation.syscall_numbers import AUDIT_ARCH, LOOKED_INTO, NEVER, SEALED

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_FILTER, _ALL_THREADS = 1, 1
# Classic BPF (linux/bpf_common.h): load a word, jump if equal, at least, any bit; return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000
_CLONE_THREAD = 0x00010000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_Step = tuple[int, int, int, int]
"""Code, steps over when true, steps over when false, operand."""


def _refused(with_error: int = errno.EPERM) -> _Step:
    return (_RETURN, 0, 0, 0x00050000 | with_error)


def _denied(numbers: Iterator[int], with_error: int = errno.EPERM) -> Iterator[_Step]:
    for number in numbers:
        yield (_EQUAL, 0, 1, number)
        yield _refused(with_error)


def _only_if(number: int, argument: int, *passes: _Step) -> Iterator[_Step]:
    """Yield: call `number` is allowed where one of `passes` holds for its argument."""
    yield (_EQUAL, 0, len(passes) + 3, number)
    yield (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    for place, (code, _, _, operand) in enumerate(passes):
        yield (code, len(passes) - place, 0, operand)
    yield _refused()
    yield (_RETURN, 0, 0, _ALLOW)


def _reading_only(number: int, argument: int) -> Iterator[_Step]:
    yield (_EQUAL, 0, 4, number)
    yield (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    yield (_ANY_BIT, 0, 1, _WRITES)
    yield _refused()
    yield (_RETURN, 0, 0, _ALLOW)


def _sealed(machine: str) -> Iterator[_Step]:
    looked, own = LOOKED_INTO[machine], (_EQUAL, 0, 0, os.getpid())
    yield from _denied(iter(SEALED[machine].values()))
    # Their arguments lie in memory, where a filter cannot look; libraries then use the old calls.
    yield from _denied(iter((looked["clone3"], looked["openat2"])), errno.ENOSYS)
    yield from _only_if(looked["clone"], 0, (_ANY_BIT, 0, 0, _CLONE_THREAD))
    yield from _only_if(looked["kill"], 0, own)
    yield from _only_if(looked["tgkill"], 0, own)
    yield from _only_if(looked["prlimit64"], 0, (_EQUAL, 0, 0, 0), own)
    yield from _reading_only(looked["openat"], 2)
    if "open" in looked:
        yield from _reading_only(looked["open"], 1)


def program(machine: str, *, is_sealed: bool) -> bytes:
    """Return the filter for `machine` ("x86_64", "aarch64") as the kernel reads it.

    A foreign machine's calls (32 bit on 64) end the process; x32 calls and what is denied
    fail with EPERM.
    """
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        _refused(),
        *_denied(iter(NEVER[machine].values())),
    ]
    if is_sealed:
        steps += _sealed(machine)
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def restrict(*, is_sealed: bool) -> str:
    """Put the filter in force for every thread of this process; return what it is in words.

    Needs no_new_privs. A sealed process has no network, starts no program or process, sends no
    signal to another and changes no file; threads of its own it may start.

    Raises:
        LayerAbsentError: This kind of machine has no table, or the kernel refuses.
    """
    machine = platform.machine()
    if machine not in AUDIT_ARCH or sys.maxsize < 2**32:
        raise LayerAbsentError(f"no table of system calls for {machine}")
    steps = program(machine, is_sealed=is_sealed)
    code = ctypes.create_string_buffer(steps, len(steps))
    said = struct.pack("@HP", len(steps) // 8, ctypes.addressof(code))
    pointed = ctypes.create_string_buffer(said, len(said))
    if system_call(_SECCOMP[machine], _SET_FILTER, _ALL_THREADS, pointed):
        raise LayerAbsentError("a thread of this process cannot take it")
    return "sealed" if is_sealed else "open to devices"

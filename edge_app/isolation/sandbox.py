"""What a worker gives up before it hears the first word from outside, layer by layer."""

import os
import resource
import signal
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import edge_app
from edge_app.isolation import landlock, seccomp
from edge_app.isolation.kernel import LayerAbsentError, prctl

_DIE_WITH_PARENT, _DUMPABLE, _NO_NEW_PRIVS = 1, 4, 38  # linux/prctl.h
_GIB = 1 << 30
_MEMORY = 4 * _GIB
_MEMORY_A_CPU = _GIB // 4  # a thread reserves far more addresses than it ever uses
_HANDLES_SEALED, _HANDLES = 64, 1024
_LARGEST_FILE_SEALED, _LARGEST_FILE = 1 << 20, _GIB
_ENDED_FIRST = "500"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the sandbox: in force, or `words` say why not."""

    name: str
    in_force: bool
    words: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a worker is left with.

    Attributes:
        is_sealed: It only computes: no files but `readable`, no network, no programs, a limit
            on memory. Otherwise it holds a device and keeps what a driver needs.
        readable: Files and folders, besides Python's own, that a sealed worker may read.
    """

    is_sealed: bool
    readable: tuple[Path, ...] = ()


def sealed(*readable: Path) -> Profile:
    """Return the profile of a worker that only computes, on what is `readable`."""
    return Profile(is_sealed=True, readable=readable)


HOLDING_A_DEVICE = Profile(is_sealed=False)


def own_files() -> tuple[Path, ...]:
    """Return what Python and the libraries of a worker read late, after all imports."""
    paths = sysconfig.get_paths()
    python = {Path(paths[key]) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    ours = Path(edge_app.__file__).parent
    machine = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
    asked_of = ("/proc/cpuinfo", "/proc/self", "/sys/devices/system/cpu", "/dev/urandom")
    return (*sorted(python), ours, *(Path(p) for p in machine + asked_of))


def enter(profile: Profile) -> tuple[Layer, ...]:
    """Give up what `profile` says, for good; return each layer and whether it is in force.

    Call it after every import and before anything from outside is looked at. A layer that
    this machine does not have is left out and told.
    """
    return tuple(_layers(profile))


def _layers(profile: Profile) -> Iterator[Layer]:
    if sys.platform != "linux":
        yield Layer("sandbox", in_force=False, words=f"not known for {sys.platform}")
        return
    yield _tried("ended first when memory is short", _ended_first)
    yield _tried("ends with its parent", lambda: prctl(_DIE_WITH_PARENT, signal.SIGKILL))
    yield _tried("no new privileges", lambda: prctl(_NO_NEW_PRIVS, 1))
    yield _tried("not dumpable", lambda: prctl(_DUMPABLE, 0))
    yield _tried("limits", lambda: _limited(profile))
    if profile.is_sealed:
        os.chdir("/")
        files = (*own_files(), *profile.readable)
        yield _tried("landlock", lambda: landlock.restrict(files))
    yield _tried("seccomp", lambda: seccomp.restrict(is_sealed=profile.is_sealed))


def _tried(name: str, put_in_force: Callable[[], str | None]) -> Layer:
    try:
        words = put_in_force()
    except (LayerAbsentError, OSError, ValueError) as error:
        return Layer(name, in_force=False, words=str(error))
    outside = len(list(Path("/proc/self/task").iterdir())) - 1 if name == "landlock" else 0
    if outside:  # it holds for this thread and for later ones only
        return Layer(name, in_force=False, words=f"{outside} threads were there before it")
    return Layer(name, in_force=True, words=words or "")


def _ended_first() -> None:
    Path("/proc/self/oom_score_adj").write_text(_ENDED_FIRST, encoding="ascii")


def _limited(profile: Profile) -> str:
    _limit(resource.RLIMIT_CORE, 0)
    if not profile.is_sealed:
        _limit(resource.RLIMIT_NOFILE, _HANDLES)
        _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)
        return "no core file"
    memory = _MEMORY + _MEMORY_A_CPU * (os.cpu_count() or 1)
    _limit(resource.RLIMIT_NOFILE, _HANDLES_SEALED)
    _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE_SEALED)  # what a library prints is overheard
    _limit(resource.RLIMIT_AS, memory)
    return f"no core file, no file over 1 MiB, {memory / _GIB:.1f} GiB of addresses"


def _limit(kind: int, most: int) -> None:
    """Set a limit, never above what is set already."""
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))

"""Which files of a folder are new pictures: settled, whole, and never seen before."""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from edge_app.domain.error import EdgeAppError, ImageRefusedError
from hardware.lent import Decode, Frame

SUFFIXES = frozenset({"", ".dcm", ".dicom", ".ima", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})
_CHUNK = 1 << 20
_MOST_HASHED = 64 << 20
_MOST_PIXEL_BYTES = 1 << 29
_Mark = tuple[int, int]
"""Size in bytes and time of the last change, as the folder's computer tells them."""


class _State(Enum):
    SETTLING = "it may still be written"
    DONE = "it was taken, or was there before"
    BROKEN = "it settled and is not a whole picture"
    COPY = "it holds what came before"
    UNCLEAR = "it was there before and changed, and nobody knows what it held"


@dataclass(slots=True)
class _Seen:
    """One file as it was at the last look.

    Attributes:
        since_ns: When it was first seen like this, on the monotonic clock.
        is_unread: It was there before, beyond what could be read at opening.
    """

    mark: _Mark
    since_ns: int
    state: _State = _State.SETTLING
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many files of the folder are what, for a person."""

    before: int
    settling: int
    broken: int
    copies: int
    unclear: int


class Arrivals:
    """The files of a folder from one look to the next; no name of a file ever leaves it.

    A file that went away is remembered: a share that comes back brings no new pictures with it.
    """

    def __init__(self, folder: Path, decode: Decode, settle_ns: int) -> None:
        self._folder = folder
        self._decode = decode
        self._settle_ns = settle_ns
        self._files: dict[str, _Seen] = {}
        self._there: frozenset[str] = frozenset()
        self._known: set[bytes] = set()
        self._n_before = 0

    def leave_what_is_there(self, now_ns: int) -> None:
        """Remember what lies there now as old; raises OSError where it cannot be listed.

        What the newest files hold is remembered too, so that a touched or copied old picture
        is not taken for a new one.
        """
        room = _MOST_HASHED
        newest_first = sorted(self._listed(), key=lambda x: x[1][1], reverse=True)
        for name, mark in newest_first:
            room -= mark[0]
            held = _held(self._folder / name) if room >= 0 else None
            if held:
                self._known.add(held)
            self._files[name] = _Seen(mark, now_ns, _State.DONE, is_unread=held is None)
        self._n_before = len(self._files)

    def whole(self, now_ns: int) -> list[Frame]:
        """Return the frames of the next file that has become a new picture, or none.

        Raises:
            OSError: The folder cannot be listed.
        """
        try:
            self._look(now_ns)
        except OSError:
            self._doubt_what_was_broken()
            raise
        for seen, name in self._settled(now_ns):
            seen.state, frames = self._judged(self._folder / name, seen)
            if frames:
                return frames
        return []

    def tally(self) -> Tally:
        """Return what lies in the folder, as of the last look."""
        n = Counter(self._files[name].state for name in self._there)
        return Tally(
            self._n_before,
            n[_State.SETTLING],
            n[_State.BROKEN],
            n[_State.COPY],
            n[_State.UNCLEAR],
        )

    def _doubt_what_was_broken(self) -> None:
        """Have every broken file read again: it may have been the line and not the file."""
        for seen in self._files.values():
            if seen.state is _State.BROKEN:
                seen.state = _State.SETTLING

    def _look(self, now_ns: int) -> None:
        listed = dict(self._listed())
        self._there = frozenset(listed)
        for name, mark in listed.items():
            seen = self._files.get(name)
            if seen is None or seen.mark != mark:
                self._files[name] = _Seen(mark, now_ns, is_unread=bool(seen and seen.is_unread))

    def _settled(self, now_ns: int) -> list[tuple[_Seen, str]]:
        """Return the files that nobody writes any more, the oldest change first."""
        waiting = [
            (self._files[name], name)
            for name in self._there
            if self._files[name].state is _State.SETTLING
        ]
        due = [x for x in waiting if now_ns - x[0].since_ns >= self._settle_ns]
        return sorted(due, key=lambda x: (x[0].mark[1], x[1]))

    def _judged(self, path: Path, seen: _Seen) -> tuple[_State, list[Frame]]:
        if seen.is_unread:
            return _State.UNCLEAR, []
        held = _held(path)
        if held in self._known:
            return _State.COPY, []
        frames = self._decoded(path)
        if held is None or _mark(path) != seen.mark:
            return _State.SETTLING, []  # it changed while it was read; the next look sees how
        if not frames:
            return _State.BROKEN, []
        self._known.add(held)
        return _State.DONE, frames

    def _decoded(self, path: Path) -> list[Frame]:
        frames: list[Frame] = []
        n_bytes = 0
        try:
            for frame in self._decode(path):
                n_bytes += frame[0].nbytes
                if n_bytes > _MOST_PIXEL_BYTES:
                    raise ImageRefusedError("The file is too large.", "Export it in parts.")
                frames.append(frame)
        except (EdgeAppError, OSError):
            return []
        return frames

    def _listed(self) -> Iterator[tuple[str, _Mark]]:
        with os.scandir(self._folder) as entries:
            for entry in entries:
                is_named = Path(entry.name).suffix.lower() in SUFFIXES
                if is_named and not entry.name.startswith("."):
                    mark = _mark(self._folder / entry.name)
                    if mark:
                        yield entry.name, mark


def _mark(path: Path) -> _Mark | None:
    """Return size and time of a plain file; None for everything else, and where it went away."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _held(path: Path) -> bytes | None:
    """Return the hash of what a file holds, or None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.digest()

"""Which files of a folder are new pictures: settled, whole, and never seen before."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from edge_app.domain.error import EdgeAppError, ImageRefusedError
from hardware.lent import Decode, Frame
from hardware.watch_folder.contents import Mark, hash_of, mark_of

SUFFIXES = frozenset({"", ".dcm", ".dicom", ".ima", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})
_MOST_HASHED = 64 << 20
_MOST_PIXEL_BYTES = 1 << 29


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

    mark: Mark
    since_ns: int
    state: _State = _State.SETTLING
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that has become a new picture, or several, as it was read.

    Attributes:
        held: The hash of what it holds.
    """

    name: str
    mark: Mark
    held: bytes
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many files of the folder are what, for a person."""

    before: int
    settling: int
    broken: int
    copies: int
    unclear: int


class Arrivals:
    """The files of a folder from one look to the next; their names go to whoever moves them only.

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
            held = hash_of(self._folder / name) if room >= 0 else None
            if held:
                self._known.add(held)
            self._files[name] = _Seen(mark, now_ns, _State.DONE, is_unread=held is None)
        self._n_before = len(self._files)

    def whole(self, now_ns: int) -> Whole | None:
        """Return the next file that has become a new picture, or None.

        Raises:
            OSError: The folder cannot be listed.
        """
        try:
            self._look(now_ns)
        except OSError:
            self._doubt_what_was_broken()
            raise
        for seen, name in self._settled(now_ns):
            seen.state, whole = self._judged(name, seen)
            if whole:
                return whole
        return None

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

    def _judged(self, name: str, seen: _Seen) -> tuple[_State, Whole | None]:
        if seen.is_unread:
            return _State.UNCLEAR, None
        path = self._folder / name
        held = hash_of(path)
        if held in self._known:
            return _State.COPY, None
        frames = self._decoded(path)
        if held is None or mark_of(path) != seen.mark:
            return _State.SETTLING, None  # it changed while it was read; the next look sees how
        if not frames:
            return _State.BROKEN, None
        self._known.add(held)
        return _State.DONE, Whole(name, seen.mark, held, tuple(frames))

    def _decoded(self, path: Path) -> list[Frame]:
        frames: list[Frame] = []
        n_bytes = 0
        try:
            for frame in self._decode(path):
                n_bytes += frame.n_bytes
                if n_bytes > _MOST_PIXEL_BYTES:
                    raise ImageRefusedError("The file is too large.", "Export it in parts.")
                frames.append(frame)
        except (EdgeAppError, OSError):
            return []
        return frames

    def _listed(self) -> Iterator[tuple[str, Mark]]:
        with os.scandir(self._folder) as entries:
            for entry in entries:
                is_named = Path(entry.name).suffix.lower() in SUFFIXES
                if is_named and not entry.name.startswith("."):
                    mark = mark_of(self._folder / entry.name)
                    if mark:
                        yield entry.name, mark

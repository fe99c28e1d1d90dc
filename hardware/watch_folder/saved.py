"""Files whose pictures are saved: moved to a folder beside them, none deleted or written over."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from edge_app.ports import Decision
from hardware.watch_folder.arrivals import Whole
from hardware.watch_folder.contents import Mark, hash_of, mark_of

FOLDER = "saved"


@dataclass(slots=True)
class _Given:
    """A file whose pictures were given, and that lies where it was.

    Attributes:
        first: The number of its first picture.
        last: The number of its last picture.
        is_kept: One of its pictures at least is saved.
    """

    name: str
    mark: Mark
    held: bytes
    first: int
    last: int
    is_kept: bool = False


class SavedFiles:
    """What becomes of the files of a folder once their pictures are saved.

    A file is moved when each of its pictures was decided on and one at least is saved. One that
    cannot be moved stays, and is tried again at each `move_what_is_due`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._into = folder / FOLDER
        self._given: list[_Given] = []
        self._n_decided = 0

    def ensure_ready(self) -> None:
        """Return once there is a folder to move to; raises OSError."""
        self._into.mkdir(exist_ok=True)

    @property
    def n_waiting(self) -> int:
        """How many files are saved and could not be moved so far."""
        return len(self._due())

    def given(self, file: Whole, first: int) -> None:
        """Note a file whose pictures are given now, under the numbers from `first` on."""
        last = first + len(file.frames) - 1
        self._given.append(_Given(file.name, file.mark, file.held, first, last))

    def passed(self, sequence: int) -> None:
        """Take it that nobody decides on the pictures up to `sequence` any more."""
        self._n_decided = max(self._n_decided, sequence)

    def settle(self, sequence: int, decision: Decision) -> None:
        """Take it that somebody decided on the picture `sequence`; move what is due by that."""
        self.passed(sequence)
        for file in self._given:
            if file.first <= sequence <= file.last:
                file.is_kept |= decision is Decision.KEPT
        self.move_what_is_due()

    def move_what_is_due(self) -> None:
        """Move each file whose pictures are saved; what cannot be moved stays due."""
        for file in self._due():
            with suppress(OSError):
                self._move(file)
                self._given.remove(file)

    def _due(self) -> list[_Given]:
        return [file for file in self._given if file.is_kept and file.last <= self._n_decided]

    def _move(self, file: _Given) -> None:
        """Move a file, unless its device has put another in its place: that one is not saved.

        Raises:
            OSError: It cannot be moved, or not be looked at; it is where it was.
        """
        source = self._folder / file.name
        held = hash_of(source)
        if held is None:
            self._ensure_gone(source)
        elif held == file.held and mark_of(source) == file.mark:
            moved = _put(source, self._into)
            if mark_of(moved) != file.mark:  # it was written to in that moment, and counts as new
                _put(moved, self._folder)

    def _ensure_gone(self, source: Path) -> None:
        """Return where its device took a file away; raise OSError where it cannot be read now."""
        self._into.stat()  # where the whole folder is away, this raises
        try:
            source.lstat()
        except FileNotFoundError:
            return
        message = "it cannot be read"
        raise OSError(message)


def _put(source: Path, folder: Path) -> Path:
    """Move a file to a folder of the same disk, under its name or one like it that is free."""
    target = _reserved(folder, source)
    try:
        return source.replace(target)
    except OSError:
        with suppress(OSError):  # a server may have moved it and not said so
            if mark_of(source) and target.stat().st_size == 0:
                target.unlink()
        raise


def _reserved(folder: Path, source: Path) -> Path:
    """Return a name that nobody had, held by an empty file of ours.

    A rename would write over a file that has the name, and a link is not known to every share.
    """
    others = (f"{source.stem}-{number}{source.suffix}" for number in count(2))
    for name in chain((source.name,), others):
        with suppress(FileExistsError):
            (folder / name).touch(exist_ok=False)
            return folder / name
    raise AssertionError

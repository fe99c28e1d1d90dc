"""A device that only drops files into a folder, often on a network share."""

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_app.domain.error import NothingYetError, ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Decision, DeviceInfo, DeviceState
from hardware.lent import Decode, DeliversFiles, Frame
from hardware.watch_folder.arrivals import Arrivals, Tally
from hardware.watch_folder.saved import FOLDER, SavedFiles

DEVICE_KIND = "watch-folder"
SETTLE, BEFORE, AFTER = "settle seconds", "files from before", "after saved"
_SETTLE_S, _LONGEST_SETTLE_S = 1.0, 60.0
_WAIT_NS = 1_000_000_000
_POLL_S = 0.2
_BEFORE_WORDS = {"leave": False, "take": True}
_AFTER_WORDS = {"leave": False, "move": True}


@dataclass(frozen=True, slots=True)
class WatchChoices:
    """How one folder is watched.

    Attributes:
        settle_s: How long a file's size and time must stand still before it is read.
        takes_before: Files that lay there at opening are taken too.
        moves_saved: A file is moved to a folder beside it once its pictures are saved.
    """

    settle_s: float = _SETTLE_S
    takes_before: bool = False
    moves_saved: bool = False


def choices_from(said: Mapping[str, str]) -> WatchChoices:
    """Return the choices of a profile.

    Raises:
        ScannerUnavailableError: One is unknown or has a value that means nothing.
    """
    unknown = sorted(set(said) - {SETTLE, BEFORE, AFTER})
    if unknown:
        what = f"A watched folder has no choice {unknown[0]!r}."
        raise ScannerUnavailableError(what, f'It has "{SETTLE}", "{BEFORE}" and "{AFTER}".')
    return WatchChoices(
        _seconds(said.get(SETTLE, str(_SETTLE_S))),
        _meant(BEFORE, said, _BEFORE_WORDS),
        _meant(AFTER, said, _AFTER_WORDS),
    )


def _meant(name: str, said: Mapping[str, str], words: Mapping[str, bool]) -> bool:
    word = said.get(name, "leave")
    if word not in words:
        known = " or ".join(f'"{each}"' for each in words)
        raise ScannerUnavailableError(f'"{name}" is {known}.', "Correct the profile.")
    return words[word]


def _seconds(said: str) -> float:
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= _LONGEST_SETTLE_S:
        what = f'"{SETTLE}" is a number from 0.1 to {_LONGEST_SETTLE_S:.0f}.'
        raise ScannerUnavailableError(what, "Correct the profile.")
    return seconds


class WatchFolderScanner:
    """A `Scanner` that delivers each picture as its file becomes whole; it changes no file.

    Where the profile says so, it moves those that are saved, and then what it opens is a `Settles`.
    """

    def __init__(
        self,
        folder: Path,
        decode: Decode,
        clock: Clock,
        choices: WatchChoices,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = folder.absolute()
        self._decode = decode
        self._clock = clock
        self._choices = choices
        self._sleep = sleep
        self._held = threading.Lock()

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it; the id does not show the path."""
        digest = hashlib.sha256(str(self._folder).encode()).hexdigest()
        return DeviceInfo(
            device_id=f"watch-{digest[:16]}",
            kind=DEVICE_KIND,
            name="Watched folder",
            driver="hardware.watch_folder.scanner",
            state=self._state(),
            capabilities=("stills", "settles") if self._choices.moves_saved else ("stills",),
        )

    @contextmanager
    def open(self) -> Iterator["OpenWatchFolder"]:
        """Take the folder; what lies there now is old, unless the profile says otherwise.

        Raises:
            ScannerUnavailableError: The folder is not there, or is being watched already.
        """
        if not self._held.acquire(blocking=False):
            raise ScannerUnavailableError(
                "The folder is being watched already.", "Close the other view of it."
            )
        try:
            arrivals, saved = self._arrivals(), self._saved()
            opened = OpenWatchFolder(arrivals, saved, self._clock, self._sleep, self.info())
            try:
                yield opened
            finally:
                opened.let_go()
        finally:
            self._held.release()

    def _arrivals(self) -> Arrivals:
        arrivals = Arrivals(self._folder, self._decode, round(self._choices.settle_s * 1e9))
        if self._choices.takes_before and self._folder.is_dir():
            return arrivals
        try:
            arrivals.leave_what_is_there(self._clock.monotonic_ns())
        except OSError as error:
            raise _not_there() from error
        return arrivals

    def _saved(self) -> SavedFiles | None:
        if not self._choices.moves_saved:
            return None
        saved = SavedFiles(self._folder)
        try:
            saved.ensure_ready()
        except OSError as error:
            why = error.strerror or "no answer"
            what = f'The device\'s folder has no room for a folder "{FOLDER}": {why}.'
            remedy = "Have a technician allow it, or take the choice out of the profile."
            raise ScannerUnavailableError(what, remedy) from error
        return saved

    def _state(self) -> DeviceState:
        if self._held.locked():
            return DeviceState.BUSY
        return DeviceState.READY if self._folder.is_dir() else DeviceState.ABSENT


class OpenWatchFolder(DeliversFiles):
    """The folder while it is watched; not for more than one thread."""

    def __init__(
        self,
        arrivals: Arrivals,
        saved: SavedFiles | None,
        clock: Clock,
        sleep: Callable[[float], None],
        info: DeviceInfo,
    ) -> None:
        super().__init__(info.device_id, clock)
        self._arrivals = arrivals
        self._saved = saved
        self._sleep = sleep
        self._ready: deque[Frame] = deque()
        self._is_held = True

    def frame(self) -> CapturedImage:
        """Return the next picture; waits a second for one.

        Raises:
            NothingYetError: None has become whole so far; it says what lies in the folder.
            ScannerUnavailableError: The folder cannot be reached; a later call finds it again.
        """
        if not self._is_held:
            raise ScannerUnavailableError("The folder was let go.", "Open the folder again.")
        self._clear_away()
        until_ns = self._clock.monotonic_ns() + _WAIT_NS
        while not self._ready:
            began_ns = self._clock.monotonic_ns()
            self._look(began_ns)
            ended_ns = self._clock.monotonic_ns()
            if self._ready:
                break
            if ended_ns >= until_ns:
                n_unmoved = self._saved.n_waiting if self._saved else 0
                raise NothingYetError(words_of(self._arrivals.tally(), n_unmoved), "")
            self._sleep(max(_POLL_S, (ended_ns - began_ns) / 1e9))  # a slow share gets its rest
        return self._captured(self._ready.popleft())

    def settle(self, sequence: int, decision: Decision) -> None:
        """Take it that the picture `sequence` is kept, or not; move its file where it is due."""
        if self._saved and self._is_held:
            self._saved.settle(sequence, decision)

    def _clear_away(self) -> None:
        """Whoever asks for the next picture has decided on the ones before."""
        if self._saved:
            self._saved.passed(self._sequence)
            self._saved.move_what_is_due()

    def _look(self, now_ns: int) -> None:
        try:
            whole = self._arrivals.whole(now_ns)
        except OSError as error:
            raise _not_there() from error
        if whole:
            self._ready.extend(whole.frames)
            if self._saved:
                self._saved.given(whole, self._sequence + 1)

    def let_go(self) -> None:
        """Refuse everything from now on; what is saved and still lies there is tried once more."""
        self._is_held = False
        if self._saved:
            self._saved.move_what_is_due()


def words_of(tally: Tally, n_unmoved: int) -> str:
    """Return what a person is told while no new picture has come."""
    said = ["No new picture has come yet."]
    if n_unmoved:
        said.append(
            f'Saved, and not moved to "{FOLDER}" so far: {n_unmoved}. Left where it is, and tried'
            " again by itself."
        )
    if tally.settling:
        said.append(f"Still being written: {tally.settling}.")
    if tally.broken:
        said.append(
            f"Cut off, damaged or no picture: {tally.broken}. Not taken; left where it is."
            " Send it again from the device."
        )
    if tally.copies:
        said.append(f"The same as a picture before: {tally.copies}. Not taken.")
    if tally.unclear:
        said.append(f"Changed, and perhaps old: {tally.unclear}. Not taken.")
    if tally.before:
        said.append(f"There before the folder was opened: {tally.before}. Not taken.")
    return " ".join(said)


def _not_there() -> ScannerUnavailableError:
    return ScannerUnavailableError(
        "The folder of the device is not there.",
        "Check the network and the device; it is looked for again by itself.",
    )

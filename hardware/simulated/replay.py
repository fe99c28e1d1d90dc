"""A folder of image files played back as a device, in the order of their names."""

import hashlib
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_app.domain.error import EdgeAppError, ImageRefusedError, ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, DeviceInfo, DeviceState
from hardware.lent import Decode, DeliversFiles, Frame

DEVICE_KIND = "replay"


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was passed over, and why; its name may be personal data, so log it nowhere."""

    path: Path
    error: EdgeAppError


class ReplayScanner:
    """A `Scanner` that delivers what lies in `folder`; dot files and folders are left out."""

    def __init__(self, folder: Path, decode: Decode, clock: Clock) -> None:
        self._folder = folder.resolve()
        self._decode = decode
        self._clock = clock
        self._held = threading.Lock()

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it; the id does not show the path."""
        digest = hashlib.sha256(str(self._folder).encode()).hexdigest()
        return DeviceInfo(
            device_id=f"replay-{digest[:16]}",
            kind=DEVICE_KIND,
            name="Replay of a folder",
            driver="hardware.simulated.replay",
            state=self._state(),
            capabilities=("replay", "stills", "repeats"),
        )

    @contextmanager
    def open(self) -> Iterator["OpenReplay"]:
        """Take the folder and begin with its first file.

        Raises:
            ScannerUnavailableError: The folder is not there, or is being replayed already.
        """
        if not self._held.acquire(blocking=False):
            raise ScannerUnavailableError(
                "The folder is being replayed already.", "Close the other view of it."
            )
        try:
            opened = OpenReplay(self._folder, self._decode, self._clock, self.info().device_id)
            try:
                yield opened
            finally:
                opened.let_go()
        finally:
            self._held.release()

    def _state(self) -> DeviceState:
        if self._held.locked():
            return DeviceState.BUSY
        return DeviceState.READY if self._folder.is_dir() else DeviceState.ABSENT


class OpenReplay(DeliversFiles):
    """The folder while it is replayed; the list of files is the one at opening."""

    def __init__(self, folder: Path, decode: Decode, clock: Clock, device_id: str) -> None:
        super().__init__(device_id, clock)
        self._folder = folder
        self._decode = decode
        self._pending = deque(listed(folder))
        self._path = folder
        self._current: Iterator[Frame] = iter(())
        self._refused: list[RefusedFile] = []
        self._is_held = True

    def frame(self) -> CapturedImage | None:
        """Return the next frame, or None after the last file.

        Raises:
            ScannerUnavailableError: The folder vanished, or was let go.
        """
        if not self._is_held:
            raise ScannerUnavailableError("The replay was let go.", "Open the folder again.")
        found = self._next()
        if found is None:
            return None
        return self._captured(found)

    def refused(self) -> Sequence[RefusedFile]:
        """Return the files passed over so far; frames before a file's fault were delivered."""
        return tuple(self._refused)

    def let_go(self) -> None:
        """Refuse everything from now on."""
        self._is_held = False

    def _next(self) -> Frame | None:
        while True:
            ensure_there(self._folder)
            try:
                found = next(self._current, None)
            except EdgeAppError as error:
                self._refuse(error)
            except OSError as error:
                what = f"The file could not be opened: {error.strerror}."
                self._refuse(ImageRefusedError(what, "Look whether the file is still there."))
            else:
                if found is not None:
                    return found
                if not self._pending:
                    return None
                self._path = self._pending.popleft()
                self._current = self._frames_of(self._path)

    def _frames_of(self, path: Path) -> Iterator[Frame]:
        yield from self._decode(path)

    def _refuse(self, error: EdgeAppError) -> None:
        self._refused.append(RefusedFile(self._path, error))
        self._current = iter(())


def listed(folder: Path) -> Sequence[Path]:
    """Return the files of `folder` by name.

    Raises:
        ScannerUnavailableError: It cannot be listed.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise vanished() from error
    return [path for path in paths if not path.name.startswith(".")]


def ensure_there(folder: Path) -> None:
    """Return where the folder can be reached.

    Raises:
        ScannerUnavailableError: It cannot.
    """
    if not folder.is_dir():
        raise vanished()


def vanished() -> ScannerUnavailableError:
    """Return the error for a folder that is not there."""
    return ScannerUnavailableError(
        "The folder to replay is not there.", "Connect its drive or choose another folder."
    )

"""The folder of received objects: what was acknowledged lies in it, whole and synced.

`arriving/` holds what is not whole yet, `objects/` what was acknowledged, `delivered/` how many
frames of each went out, `examinations/` whom the objects of one examination name, as digests.
Names of files are our own numbers and digests of UIDs: no UID and no name is in them. Objects are
sealed to the store's public key (`owner.py`) from their first byte on.
"""

import fcntl
import os
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_app.durable import ensure_folder, write_whole

_LOCK_PATIENCE_S = 0.2
_ALL = "all"
_SUFFIX, _CLEAR = ".sealed", ".dcm"


class SpoolBusyError(Exception):
    """Another process holds this side of the spool."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One object of the spool.

    Attributes:
        number: Counts up in the order of arrival.
        uid_digest: Of its SOP Instance UID.
        content_digest: Of its transfer syntax and data set.
        class_digest: Of its SOP Class UID.
        file_digest: Of the sealed file.
    """

    number: int
    uid_digest: str
    content_digest: str
    class_digest: str
    file_digest: str

    @property
    def stem(self) -> str:
        """Its name without a suffix."""
        digests = (self.uid_digest, self.content_digest, self.class_digest, self.file_digest)
        return "-".join((f"{self.number:012d}", *digests))


class Spool:
    """One spool; its folders are made where they are missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arriving = folder / "arriving"
        self.objects = folder / "objects"
        self.delivered = folder / "delivered"
        self.examinations = folder / "examinations"

    def ensure_there(self) -> None:
        """Return once all folders are there for good; raises OSError."""
        for folder in (self.arriving, self.objects, self.delivered, self.examinations):
            ensure_folder(folder)

    def kept(self, after: int = 0) -> list[Kept]:
        """Return what was acknowledged after number `after`, in the order of arrival.

        Raises:
            OSError: The folder cannot be read.
        """
        names = sorted(path.stem for path in self.objects.iterdir() if path.suffix == _SUFFIX)
        begin = bisect_left(names, f"{after + 1:012d}")
        parts = (name.split("-") for name in names[begin:])
        return [Kept(int(number), *digests) for number, *digests in parts]

    @property
    def has_clear(self) -> bool:
        """Whether objects lie here as a version before this one kept them; raises OSError."""
        return any(path.suffix == _CLEAR for path in self.objects.iterdir())

    def path(self, kept: Kept) -> Path:
        """Return the file of one object."""
        return self.objects / f"{kept.stem}{_SUFFIX}"

    def frames_out(self, kept: Kept) -> int | None:
        """Return how many frames went out, or None where there are no more; raises OSError."""
        try:
            mark = (self.delivered / kept.stem).read_text(encoding="ascii")
        except FileNotFoundError:
            return 0
        return None if mark == _ALL else int(mark)

    def mark_out(self, kept: Kept, frames: int) -> None:
        """Return once it is on the disk that so many frames went out; raises OSError."""
        write_whole(self.delivered / kept.stem, str(frames).encode("ascii"))

    def mark_done(self, kept: Kept) -> None:
        """Return once it is on the disk that nothing more will go out; raises OSError."""
        write_whole(self.delivered / kept.stem, _ALL.encode("ascii"))

    def read_examination(self, name: str) -> list[str]:
        """Return the lines that are kept under `name`; none where nothing is; raises OSError."""
        try:
            return (self.examinations / name).read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []

    def write_examination(self, name: str, lines: Sequence[str]) -> None:
        """Return once `lines` are on the disk under `name`; raises OSError."""
        write_whole(self.examinations / name, "\n".join(lines).encode("ascii"))

    @contextmanager
    def held(self, side: str) -> Iterator[None]:
        """Hold one side of the spool ("receiving", "delivering"), as only one process may.

        Raises:
            SpoolBusyError: Another one does.
            OSError: The folder cannot be written.
        """
        handle = os.open(self.folder / f"{side}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            yield
        finally:
            os.close(handle)

    def is_held(self, side: str) -> bool:
        """Return whether some process holds that side."""
        try:
            handle = os.open(self.folder / f"{side}.lock", os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False


def _lock(handle: int) -> None:
    until = time.monotonic() + _LOCK_PATIENCE_S  # `is_held` of another process holds it a moment
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                raise SpoolBusyError from error
            time.sleep(0.01)
        else:
            return

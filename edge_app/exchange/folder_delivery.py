"""Files into a folder, each whole and once: on a stick that may be pulled, or on a disk.

Everything is done through one handle of the folder, so that what began on a stick never ends up in
the empty place where the stick was.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from edge_app.domain.outbox import Problem, Send, SendFailedError

_BLOCK = 1024 * 1024
_PROBLEMS = {
    errno.ENOENT: Problem.NOT_THERE,
    errno.ENOTDIR: Problem.NOT_THERE,
    errno.EROFS: Problem.READ_ONLY,
    errno.EACCES: Problem.READ_ONLY,
    errno.EPERM: Problem.READ_ONLY,
    errno.ENOSPC: Problem.FULL,
    errno.EDQUOT: Problem.FULL,
    errno.EFBIG: Problem.TOO_LARGE,
    errno.ELOOP: Problem.OTHER_FILE,  # a link of that name, which is not followed
    errno.EISDIR: Problem.OTHER_FILE,
}
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)


def mount_of(folder: Path) -> Path:
    """Return where the medium of a folder that is there is mounted."""
    place = folder.resolve()
    while not place.is_mount():
        place = place.parent
    return place


@contextmanager
def opened_folder(send: Send) -> Iterator[int]:
    """Yield a handle of the folder on the medium that it was on when it was asked for.

    Raises:
        SendFailedError: It is not there; also for whatever the system refuses within the block.
    """
    try:
        handle = os.open(send.target, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if send.mount and not _is_on(handle, Path(send.mount)):
                raise SendFailedError(Problem.NOT_THERE)
            yield handle
        finally:
            os.close(handle)
    except OSError as error:
        problem = _PROBLEMS.get(error.errno or 0, Problem.MEDIUM_FAILED)
        raise SendFailedError(problem) from error


def _is_on(handle: int, mount: Path) -> bool:
    return mount.is_mount() and mount.stat().st_dev == os.fstat(handle).st_dev


class FolderDelivery:
    """Puts the files of one job into one open folder.

    Until it is whole, a file is called NAME.MARK.part; one that was left so by a try that was cut
    short is taken away by the next one.
    """

    def __init__(
        self,
        folder: int,
        mark: str,
        intended: Mapping[str, str],
        intend: Callable[[str, str], None],
    ) -> None:
        """Take an open folder, the job's mark, and what it wrote down of files before.

        `intend` writes down a file's hash before the file can be at its place.
        """
        self._folder, self._mark = folder, mark
        self._intended, self._intend = intended, intend

    def forget(self) -> None:
        """Take away what tries that were cut short left half."""
        for name in os.listdir(self._folder):  # noqa: PTH208  of the open folder, not of its name
            if name.endswith(f".{self._mark}.part"):
                os.unlink(name, dir_fd=self._folder)

    def put(self, name: str, made: Callable[[], bytes]) -> None:
        """Return once a file is there, whole and read back; one that is equal counts as that.

        Raises:
            SendFailedError: Another file of that name is there, or the medium gave back another.
            OSError: The medium refused.
        """
        there = self._digest(name)
        if there is None:
            content = made()
            self._intend(name, hashlib.sha256(content).hexdigest())
            self._write(name, content)
        elif there != self._intended.get(name) and there != hashlib.sha256(made()).hexdigest():
            raise SendFailedError(Problem.OTHER_FILE)
        self._sync()

    def _write(self, name: str, content: bytes) -> None:
        part = f"{name}.{self._mark}.part"
        try:
            handle = os.open(
                part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=self._folder
            )
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._ensure_is(part, content)
            self._name(part, name)
        except BaseException:
            with suppress(OSError):
                os.unlink(part, dir_fd=self._folder)
            raise

    def _ensure_is(self, name: str, content: bytes) -> None:
        if self._digest(name) != hashlib.sha256(content).hexdigest():
            raise SendFailedError(Problem.GAVE_BACK_OTHER)

    def _name(self, part: str, name: str) -> None:
        """Give a whole file its name, which nobody else has taken meanwhile."""
        here = self._folder
        try:
            os.link(part, name, src_dir_fd=here, dst_dir_fd=here)
        except FileExistsError as error:
            raise SendFailedError(Problem.OTHER_FILE) from error
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if self._digest(name) is not None:
                raise SendFailedError(Problem.OTHER_FILE) from error
            os.rename(part, name, src_dir_fd=here, dst_dir_fd=here)
        else:
            os.unlink(part, dir_fd=here)

    def _digest(self, name: str) -> str | None:
        """Return the hash of what the medium itself gives back; None where no such file is."""
        try:
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=self._folder)
        except FileNotFoundError:
            return None
        digest = hashlib.sha256()
        with os.fdopen(handle, "rb") as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _sync(self) -> None:
        try:
            os.fsync(self._folder)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network shares cannot sync a folder
                raise

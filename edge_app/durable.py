"""Files that are wholly there after a power cut, or not at all."""

import errno
import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Return once the names in `folder` are on the disk; a rename is not, before that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ensure_folder(folder: Path) -> None:
    """Return once `folder` is there, with each name above it that was made for it synced."""
    if folder.is_dir():
        return
    ensure_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    sync_folder(folder.parent)


def ensure_writable(path: Path) -> None:
    """Return where `write_whole` may replace the file at `path`; nothing is changed.

    Raises:
        OSError: It may not, or the file is not there.
    """
    if not os.access(path, os.W_OK):
        error = errno.EACCES if path.exists() else errno.ENOENT
        raise OSError(error, os.strerror(error), path)
    draft = _draft(path)
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:  # of somebody who is writing it now, or was cut off
        os.close(os.open(draft, os.O_WRONLY))
    else:
        draft.unlink()


def _draft(path: Path) -> Path:
    return path.with_name(path.name + ".draft")


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write `content` under a temporary name, sync, rename, sync the folder.

    Raises:
        OSError: `path` is as it was; or, where only the folder could not be synced, it
            holds all of `content` until the power goes.
    """
    draft = _draft(path)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)

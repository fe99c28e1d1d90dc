"""A disk that writes down what is done to it: each write, and each flush that makes them last.

It is a file system of one file, for a loop device to lie on. Run as
`python -m tests.faults.logged_disk IMAGE LOG COUNT MOUNTPOINT`; it ends when it is unmounted.
"""
# ruff: noqa: ARG002  the library's signatures

import errno
import mmap
import os
import stat
import struct
import sys
from pathlib import Path

import mfusepy

DISK = "disk"
HEAD = struct.Struct("<cQI")
WRITE, FLUSH = b"w", b"f"
COUNT = struct.Struct("<Q")


class LoggedDisk(mfusepy.Operations):
    """One file; what was done to it so often is counted in a page that others may look at."""

    use_ns = True

    def __init__(self, image: Path, log: Path, count: Path) -> None:
        self._image = os.open(image, os.O_RDWR)
        self._log = log.open("ab", buffering=0)
        handle = os.open(count, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(handle, COUNT.size)
        self._count = mmap.mmap(handle, COUNT.size)
        self._done = 0

    def _note(self, kind: bytes, offset: int = 0, content: bytes = b"") -> None:
        self._log.write(HEAD.pack(kind, offset, len(content)) + content)
        self._done += 1
        self._count[:] = COUNT.pack(self._done)

    def getattr(self, path, fh=None):
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
        if path != f"/{DISK}":
            raise mfusepy.FuseOSError(errno.ENOENT)
        size = os.fstat(self._image).st_size
        return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": size}

    def open(self, path, flags):
        return 0

    def read(self, path, size, offset, fh):
        return os.pread(self._image, size, offset)

    def write(self, path, data, offset, fh):
        os.pwrite(self._image, data, offset)
        self._note(WRITE, offset, bytes(data))
        return len(data)

    def fsync(self, path, datasync, fh):
        self._note(FLUSH)
        return 0


def main() -> None:
    """Serve the disk until it is unmounted."""
    *files, place = sys.argv[1:]
    disk = LoggedDisk(*(Path(name) for name in files))
    mfusepy.FUSE(disk, place, foreground=True, nothreads=True)


if __name__ == "__main__":
    main()

"""A disk that takes its time: each flush 20 ms, and while a file named STALL is there, no end.

It shows a folder as it is. One request is served at a time, as by a disk with one head: while it
flushes, nobody reads either. Run as `python -m tests.faults.slow_disk FOLDER CONTROL MOUNTPOINT`;
CONTROL is a folder outside of it, with STALL and the log of flushes. It ends when it is unmounted.
"""
# ruff: noqa: ARG002  the library's signatures

import os
import sys
import time
from pathlib import Path

import mfusepy

FLUSH_S = 0.02
LONGEST_STALL_S = 30.0
STALL, FLUSHES = "stall", "flushes"
_STAT = ("st_gid", "st_mode", "st_nlink", "st_size", "st_uid")
_TIMES = ("st_atime", "st_ctime", "st_mtime")
_ROOM = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files",
         "f_frsize", "f_namemax")  # fmt: skip


class SlowDisk(mfusepy.Operations):
    """A folder on a slow disk."""

    use_ns = True

    def __init__(self, folder: Path, control: Path) -> None:
        self._folder, self._stall = folder, control / STALL
        self._flushes = (control / FLUSHES).open("ab", buffering=0)

    def _at(self, path: str) -> str:
        return f"{self._folder}{path}"

    def _slowly(self) -> None:
        time.sleep(FLUSH_S)
        until = time.monotonic() + LONGEST_STALL_S
        while self._stall.exists() and time.monotonic() < until:
            time.sleep(0.005)
        self._flushes.write(b"f")

    def getattr(self, path, fh=None):
        found = os.lstat(self._at(path))
        said = {name: getattr(found, name) for name in _STAT}
        return said | {name: getattr(found, f"{name}_ns") for name in _TIMES}

    def readdir(self, path, fh):
        return [".", "..", *os.listdir(self._at(path))]  # noqa: PTH208

    def statfs(self, path):
        found = os.statvfs(self._at(path))
        return {name: getattr(found, name) for name in _ROOM}

    def open(self, path, flags):
        return os.open(self._at(path), flags & ~os.O_APPEND)

    def create(self, path, mode, fi=None):
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def read(self, path, size, offset, fh):
        return os.pread(fh, size, offset)

    def write(self, path, data, offset, fh):
        return os.pwrite(fh, bytes(data), offset)

    def truncate(self, path, length, fh=None):
        os.truncate(self._at(path), length)

    def release(self, path, fh):
        os.close(fh)
        return 0

    def fsync(self, path, datasync, fh):
        self._slowly()
        return 0

    def fsyncdir(self, path, datasync, fh):
        self._slowly()
        return 0

    def mkdir(self, path, mode):
        os.mkdir(self._at(path), mode)  # noqa: PTH102

    def rmdir(self, path):
        os.rmdir(self._at(path))  # noqa: PTH106

    def unlink(self, path):
        os.unlink(self._at(path))  # noqa: PTH108

    def rename(self, old, new):
        os.rename(self._at(old), self._at(new))  # noqa: PTH104

    def link(self, target, source):
        os.link(self._at(source), self._at(target))

    def chmod(self, path, mode):
        os.chmod(self._at(path), mode)  # noqa: PTH101
        return 0


def main() -> None:
    """Serve the disk until it is unmounted."""
    *folders, place = sys.argv[1:]
    disk = SlowDisk(*(Path(name) for name in folders))
    mfusepy.FUSE(disk, place, foreground=True, nothreads=True)


if __name__ == "__main__":
    main()

"""The pages of an encrypted database, each by itself: what is damaged is told, the rest is read.

SQLCipher 4 gives each page of 4,096 bytes a random IV and an HMAC over its content and number
(https://www.zetetic.net/sqlcipher/design/), so that a page is as it was written or is not read.
"""

import hashlib
import hmac
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = 4096
USABLE = PAGE - 80
SALT = 16
_IV, _CODE = 16, 64
_ITERATIONS, _MASK = 2, 0x3A
_WAL_HEAD, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_STEP = _FRAME.size + PAGE
_WORD = 0xFFFFFFFF
_SECTOR = 512
_LOOKS, _COMMITS_TO_TELL = 3, 2


def salt_file(database: Path) -> Path:
    """Return where the salt lies a second time; without it no page can be told to be whole."""
    return database.with_name(f"{database.name}.salt")


def _salts(database: Path) -> Iterator[bytes]:
    for place in (database, salt_file(database)):
        with suppress(OSError), place.open("rb") as file:
            salt = file.read(SALT)
            if len(salt) == SALT:
                yield salt


class PageFile:
    """The newest whole pages of a database and its log, as they lie on the disk.

    Attributes:
        count: Pages that there are or were.
        damaged: Numbers of the pages of which no version was whole when they were asked for.
    """

    def __init__(self, database: Path, key: bytes) -> None:
        """Take the database's file, its log beside it, and its 32-byte key.

        Raises:
            OSError: The files cannot be read.
        """
        self._file = database.open("rb")
        self._key = key
        self.damaged: set[int] = set()
        self._codes = [_code_key(key, salt) for salt in dict.fromkeys(_salts(database))]
        log = database.with_name(f"{database.name}-wal")
        self._log = log.read_bytes() if log.exists() else b""
        self._in_log: dict[int, list[int]] = {}
        n_pages = database.stat().st_size // PAGE
        most = n_pages + len(self._log) // PAGE  # a page beyond is a damaged number
        for number, at in _Log(self._log).frames():
            if number <= most:
                self._in_log.setdefault(number, []).append(at)
        self.count = max(n_pages, *self._in_log, 0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def page(self, number: int) -> bytes | None:
        """Return the newest version of a page that is whole; None where none is."""
        for at in reversed(self._in_log.get(number, ())):
            if content := self._opened(self._log[at : at + PAGE], number):
                return content
        self._file.seek((number - 1) * PAGE)
        content = self._opened(self._file.read(PAGE), number)
        if content is None:
            self.damaged.add(number)
        return content

    def _opened(self, page: bytes, number: int) -> bytes | None:
        skipped = SALT if number == 1 else 0
        sealed, code = page[skipped : USABLE + _IV], page[USABLE + _IV :]
        said = sealed + number.to_bytes(4, "little")
        if len(page) != PAGE or not any(
            hmac.compare_digest(hmac.digest(key, said, "sha512"), code) for key in self._codes
        ):
            return None
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(sealed[-_IV:])).decryptor()
        return bytes(skipped) + cipher.update(sealed[:-_IV]) + cipher.finalize()


def _code_key(key: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", key, bytes(b ^ _MASK for b in salt), _ITERATIONS)[:32]


def _summed(content: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    """Return SQLite's running sums over `content`, section 4.2 of its file format."""
    first, second = sums
    for one, other in struct.iter_unpack(f"{order}2I", content):
        first = (first + one + second) & _WORD
        second = (second + other + first) & _WORD
    return first, second


class _Log:
    """The frames of a write-ahead log, without a look at whether SQLite would take them."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._starts = range(_WAL_HEAD.size, len(content) - _STEP + 1, _STEP)
        heads = [_FRAME.unpack_from(content, at) for at in self._starts]
        magic, *_, salt_1, salt_2, sum_1, sum_2 = (
            _WAL_HEAD.unpack_from(content) if heads else (0,) * 8
        )
        self._order = ">" if magic & 1 else "<"
        self._sums = (
            _summed(content[: _WAL_HEAD.size - 8], self._order, (0, 0)) if heads else (0, 0)
        )
        self._head_is_whole = self._sums == (sum_1, sum_2)
        salts = Counter((head[2], head[3]) for head in heads).most_common(1)
        self._salts = (salt_1, salt_2) if self._head_is_whole or not salts else salts[0][0]
        own = [n for n, head in enumerate(heads) if (head[2], head[3]) == self._salts]
        self._heads = heads[: own[-1] + 1] if own else []

    def frames(self) -> Iterator[tuple[int, int]]:
        """Yield the number of the page in each frame, and where the page begins."""
        for at, head in zip(self._starts, self._heads, strict=False):
            if self._is_own(head):
                yield head[0], at + _FRAME.size

    def commits_after_damage(self) -> int:
        """Return how many transactions end after the first frame that SQLite would not take."""
        followed, is_whole, commits = self._followed(), self._head_is_whole, 0
        for at, head in zip(self._starts, self._heads, strict=False):
            is_whole = is_whole and next(followed)[2]  # the rest need not be summed
            is_split = at % _SECTOR > _SECTOR - 16  # its size may be older than its salts
            commits += not is_whole and head[1] > 0 and self._is_own(head) and not is_split
        return commits

    def is_in(self, database: BinaryIO) -> bool:
        """Return whether the database has the newest of each page that is whole here.

        SQLite begins a log anew only when all of it is in the database. If the power goes then,
        new frames may be on the disk, in whole or in part, under the old head.
        """
        newest = {head[0]: at + _FRAME.size for at, head, is_next in self._followed() if is_next}
        for number, at in newest.items():
            database.seek((number - 1) * PAGE)
            if database.read(PAGE) != self._content[at : at + PAGE]:
                return False
        return bool(newest)

    def _is_own(self, head: tuple[int, ...]) -> bool:
        """Return whether a frame is of this log: one salt may be damaged, both are another log's.

        Between frames of a transaction that the power cut short lie those of an earlier log.
        """
        return bool(head[2] == self._salts[0] or head[3] == self._salts[1])

    def _followed(self) -> Iterator[tuple[int, tuple[int, ...], bool]]:
        """Yield where each frame begins, its head, and whether it follows whole on the one before.

        Its sums go on from those of the frame before, as those are written there.
        """
        sums = self._sums
        for at, head in zip(self._starts, self._heads, strict=False):
            content = self._content[at : at + 8] + self._content[at + _FRAME.size : at + _STEP]
            is_next = _summed(content, self._order, sums) == head[4:] and head[2:4] == self._salts
            yield at, head, is_next
            sums = (head[4], head[5])


def log_is_damaged(database: Path) -> bool:
    """Return whether SQLite would pass over changes that were acknowledged, without a word.

    It stops at the first damaged frame of its log. One transaction after that may never have been
    acknowledged; where there are two, the first one was on the disk before the second began.
    """
    log = database.with_name(f"{database.name}-wal")
    found = _Log(b"")
    for attempt in range(_LOOKS):
        try:
            found = _Log(log.read_bytes())
        except FileNotFoundError:
            return False
        if found.commits_after_damage() < _COMMITS_TO_TELL:
            return False
        if attempt < _LOOKS - 1:
            time.sleep(0.05)  # another program may have begun the log anew in that moment
    with database.open("rb") as pages:
        return not found.is_in(pages)

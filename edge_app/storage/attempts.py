"""How often somebody tried a wrong passphrase: counted on the disk before it is looked at.

The count lies in two files with a number that only grows, and with a code by the device's secret:
the higher number counts, and a file that was edited is none. Where both are gone, everybody has the
longest wait. A program that runs also remembers the highest counts itself, so that files which are
put back give it no fresh tries. What no file can tell: both put back from one older copy while no
program runs, by somebody who can write the disk; such a person can as well guess on a copy of it.
"""

import fcntl
import hmac
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError
from edge_app.durable import write_whole
from edge_app.storage.boot_clock import boot_clock_s, boot_id
from edge_app.storage.sealing import derived

ATTEMPTS_FILES = ("attempts.json", "attempts.copy.json")
_LOCK = "attempts.lock"
_FREE = 5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30.0, 3600.0
_LOST = 12  # wrong tries of everybody where nobody knows how many there were: the longest wait


class TooManyTriesError(EdgeAppError):
    """Too many wrong passphrases; there is a wait before the next."""

    code = "KEY-004"
    safe = "Nothing was changed."


class _Tries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Wrong tries in a row, and until when, on the clock of which start of the machine."""

    wrong: int
    boot: str = ""
    until_s: float = 0.0
    is_unknown: bool = False

    @property
    def words(self) -> str:
        if self.is_unknown:
            return "It is not known any more how many wrong passphrases there were."
        return f"{self.wrong} wrong passphrases in a row."


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tries of everybody; whoever is not among them has `others` behind them."""

    number: int
    tries: dict[str, _Tries]
    others: int = 0

    def of(self, name: str) -> _Tries:
        return self.tries.get(name, _Tries(self.others, is_unknown=self.others > 0))


def wait_after(wrong: int) -> float:
    """Return the seconds to wait after so many wrong tries in a row."""
    if wrong < _FREE:
        return 0.0
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(wrong - _FREE, 10))


class Attempts:
    """The wrong tries of everybody at one store; programs that count at once wait for each other.

    A wait is one of the machine's running time: setting the clock does not shorten it, and a
    restart begins it anew.
    """

    def __init__(self, folder: Path, device_secret: Callable[[], bytes]) -> None:
        """Take where the device's secret comes from; it is asked for at each count."""
        self._folder = folder
        self._device_secret = device_secret
        self._seen = _Record(0, {}, _LOST)  # until a file tells otherwise

    def start(self) -> None:
        """Begin to count, for a store that is made now; raises OSError."""
        with self._held():
            self._write(_Record(1, {}))

    def begin(self, name: str) -> int:
        """Count a try as wrong before it is looked at; return the wrong ones before it.

        Raises:
            TooManyTriesError: It is too early for the next.
            OSError: It cannot be counted, so it must not be looked at.
        """
        with self._held():
            record = self._read()
            tries = record.of(name)
            due = wait_after(tries.wrong)
            boot, now = boot_id(), boot_clock_s()
            if tries.boot != boot:
                tries = msgspec.structs.replace(tries, boot=boot, until_s=now + due)
                record = self._put(record, name, tries)
            left = min(tries.until_s - now, due)
            if left > 0:
                raise TooManyTriesError(
                    tries.words,
                    f"Wait {max(1, round(left))} seconds, or use the recovery key.",
                )
            wrong = tries.wrong + 1
            self._put(record, name, _Tries(wrong, boot, now + wait_after(wrong)))
            return tries.wrong

    def succeeded(self, name: str) -> None:
        """Forget the wrong tries of somebody who is in, or whom an administrator let in anew."""
        with self._held():
            record = self._read()
            if record.of(name).wrong or record.number == 0:
                self._put(record, name, _Tries(0))

    @contextmanager
    def _held(self) -> Iterator[None]:
        handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _read(self) -> _Record:
        key = self._key()
        read = (_record_in(self._folder / name, key) for name in ATTEMPTS_FILES)
        known = [record for record in (self._seen, *read) if record]
        return max(known, key=lambda record: record.number)

    def _put(self, record: _Record, name: str, tries: _Tries) -> _Record:
        changed = _Record(record.number + 1, {**record.tries, name: tries}, record.others)
        self._write(changed)
        return changed

    def _write(self, record: _Record) -> None:
        content = msgspec.json.encode(record)
        whole = _code(self._key(), content) + b"\n" + content
        for name in ATTEMPTS_FILES:
            write_whole(self._folder / name, whole)
        self._seen = record

    def _key(self) -> bytes:
        return derived(self._device_secret(), b"", b"edge-app/1/attempts")


def _code(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256").hex().encode()


def _record_in(path: Path, key: bytes) -> _Record | None:
    """Return what one file says, or None where it is missing or not as it was written."""
    try:
        code, _, content = path.read_bytes().partition(b"\n")
        record = msgspec.json.decode(content, type=_Record)
    except (OSError, msgspec.DecodeError):
        return None
    return record if hmac.compare_digest(code, _code(key, content)) else None

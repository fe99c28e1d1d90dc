"""How often somebody tried a wrong passphrase: counted on the disk before it is looked at."""

from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError
from edge_app.durable import write_whole
from edge_app.storage.boot_clock import boot_clock_s, boot_id

_FILE = "attempts.json"
_FREE = 5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30.0, 3600.0


class TooManyTriesError(EdgeAppError):
    """Too many wrong passphrases; there is a wait before the next."""

    code = "KEY-004"
    safe = "Nothing was changed."


class _Tries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Wrong tries in a row, and until when, on the clock of which start of the machine."""

    wrong: int
    boot: str = ""
    until_s: float = 0.0


def wait_after(wrong: int) -> float:
    """Return the seconds to wait after so many wrong tries in a row."""
    if wrong < _FREE:
        return 0.0
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(wrong - _FREE, 10))


class Attempts:
    """The wrong tries of everybody at one store.

    A wait is one of the machine's running time: setting the clock does not shorten it, and a
    restart begins it anew.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def begin(self, name: str) -> int:
        """Count a try as wrong before it is looked at; return the wrong ones before it.

        Raises:
            TooManyTriesError: It is too early for the next.
            OSError: It cannot be counted, so it must not be looked at.
        """
        known = self._read()
        tries = known.get(name, _Tries(0))
        due = wait_after(tries.wrong)
        boot, now = boot_id(), boot_clock_s()
        if tries.boot != boot:
            tries = _Tries(tries.wrong, boot, now + due)
            self._write({**known, name: tries})
        left = min(tries.until_s - now, due)
        if left > 0:
            raise TooManyTriesError(
                f"{tries.wrong} wrong passphrases in a row.",
                f"Wait {max(1, round(left))} seconds, or use the recovery key.",
            )
        wrong = tries.wrong + 1
        after = _Tries(wrong, boot, now + wait_after(wrong))
        self._write({**known, name: after})
        return tries.wrong

    def succeeded(self, name: str) -> None:
        """Forget the wrong tries of somebody who is in."""
        known = self._read()
        if known.pop(name, None):
            self._write(known)

    def _read(self) -> dict[str, _Tries]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, _Tries])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}  # whoever can change the file can try on a copy of it anyway

    def _write(self, known: dict[str, _Tries]) -> None:
        write_whole(self._path, msgspec.json.encode(known))

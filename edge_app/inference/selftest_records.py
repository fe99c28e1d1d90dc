"""The last self-test of each detector on this machine, kept until anything changes."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from edge_app.durable import ensure_folder, write_whole
from edge_app.inference.selftest import SelftestRecord

MOST_AGE = timedelta(days=7)


class SelftestRecords:
    """One file a detector; a file that cannot be used counts as no self-test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, detector: str) -> Path:
        return self._folder / f"{detector}.json"

    def valid(self, detector: str, fingerprint: str, now: datetime) -> SelftestRecord | None:
        """Return the record for this very machine and package, unless it is due again.

        A clock that was set back makes it due: its age is then not known.
        """
        try:
            text = self._path(detector).read_bytes()
            record = msgspec.json.decode(text, type=SelftestRecord)
        except (OSError, msgspec.DecodeError):
            return None
        is_fresh = timedelta(0) <= now - record.tested_at < MOST_AGE
        return record if record.fingerprint == fingerprint and is_fresh else None

    def keep(self, record: SelftestRecord) -> None:
        """Keep `record` in place of the last one.

        Raises:
            OSError: The folder cannot be written; the next start tests again.
        """
        ensure_folder(self._folder)
        write_whole(self._path(record.detector), msgspec.json.encode(record))

    def forget(self, detector: str) -> None:
        """Make the next start test again."""
        self._path(detector).unlink(missing_ok=True)

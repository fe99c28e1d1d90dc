"""What was done to keep the store well, in clear: it names nobody, and no log-in is needed."""

from datetime import datetime
from pathlib import Path

import msgspec

from edge_app.durable import write_whole

_FILE = "upkeep.json"


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When something was done: by the clock on the wall, and in the program's own running time."""

    at: datetime | None = None
    ran_s: float = 0.0

    def is_due(self, now: datetime, ran_s: float, interval_s: float) -> bool:
        """Return whether `interval_s` passed since, by either of the two.

        A wall clock that was set forward lets it be done early, one that was set back not late.
        """
        by_wall = (now - self.at).total_seconds() if self.at else interval_s
        return by_wall >= interval_s or ran_s - self.ran_s >= interval_s


class UpkeepRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far upkeep has come.

    Attributes:
        boot: Which start of the machine `boot_s` counts from.
        boot_s: Its running time at the last look.
        ran_s: Running time of the program, over all starts.
        looked_at: The wall clock at the last look.
        newest: The newest time that the wall clock ever showed while it was trusted.
        doubt: Why the wall clock is not trusted; empty where it is.
        after: Place in the order of the last study that was read again.
        began: When the present round over all studies began.
        ended: When the last whole round ended.
        damaged: Study's and image's id of what could not be read.
        list_faults: How many things are wrong with the list of studies itself.
        strays: Files that belonged to no study when the last round ended.
        strays_seen: When that was.
        migrated: When a list from before a migration was first seen; nothing where there is none.
        backup: When the last copy was finished.
        backup_tried: When the last one was begun.
        backup_problem: Why that one was not finished.
    """

    boot: str = ""
    boot_s: float = 0.0
    ran_s: float = 0.0
    looked_at: datetime | None = None
    newest: datetime | None = None
    doubt: str = ""
    after: int = 0
    began: Done = Done()
    ended: Done = Done()
    damaged: tuple[tuple[str, str], ...] = ()
    list_faults: int = 0
    strays: frozenset[str] = frozenset()
    strays_seen: Done = Done()
    migrated: Done = Done()
    backup: Done = Done()
    backup_tried: Done = Done()
    backup_problem: str = ""

    def damaged_in(self, study_id: str) -> list[str]:
        """Return the images of a study that could not be read; "" stands for its record."""
        return [image_id for damaged_id, image_id in self.damaged if damaged_id == study_id]


def upkeep_record(folder: Path) -> UpkeepRecord:
    """Return what was done; nothing where that cannot be read, so that it is done again."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=UpkeepRecord)
    except (OSError, msgspec.DecodeError):
        return UpkeepRecord()


def keep_upkeep_record(folder: Path, record: UpkeepRecord) -> None:
    """Keep what was done.

    Raises:
        OSError: It could not be written.
    """
    write_whole(folder / _FILE, msgspec.json.encode(record))

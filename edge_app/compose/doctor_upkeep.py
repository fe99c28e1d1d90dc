"""What a technician must know of the upkeep: is everything read again, is there a copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge_app.compose.upkeep import DAY_S, WEEK_S, upkeep_wishes
from edge_app.domain.error import SettingsRefusedError
from edge_app.settings import Settings
from edge_app.storage.scrub import QUARANTINE
from edge_app.storage.upkeep_record import (
    Done,
    UpkeepRecord,
    keep_upkeep_record,
    upkeep_record,
)


@dataclass(frozen=True, slots=True)
class UpkeepState:
    """One part of the upkeep; without a remedy all is well."""

    name: str
    found: str
    remedy: str = ""
    is_fault: bool = False


def upkeep_states(settings: Settings, now: datetime) -> Iterator[UpkeepState]:
    """Yield how it stands with the studies' upkeep; nothing where there are none."""
    if not (settings.data_dir / "studies.db").exists():
        return
    record = upkeep_record(settings.data_dir)
    yield _scrub(record, now)
    yield _backup(settings, record, now)
    kept = sorted(p.name for p in (settings.data_dir / QUARANTINE).glob("*"))
    if kept:
        found = f"{len(kept)} kept in {QUARANTINE}, with patients' data: {', '.join(kept)}"
        remedy = "Remove them once nothing is missed: the program never does."
        yield UpkeepState("damaged lists of studies", found, remedy)


def _day(done: Done) -> str:
    return f"{done.at:%Y-%m-%d %H:%M %Z}" if done.at else "never"


def _scrub(record: UpkeepRecord, now: datetime) -> UpkeepState:
    name, last = "pictures read again", f"last time all of them: {_day(record.ended)}"
    if record.list_faults:
        what = "the list of studies is damaged"
        return UpkeepState(name, what, "Run edge-app study salvage.", is_fault=True)
    if record.damaged:
        studies = ", ".join(sorted({study_id for study_id, _ in record.damaged}))
        what = f"{len(record.damaged)} are damaged, in: {studies}"
        return UpkeepState(name, what, "Restore them from a backup.", is_fault=True)
    if record.ended.is_due(now, record.ran_s, WEEK_S):
        return UpkeepState(name, last, "Leave the program open, or run edge-app study check.")
    return UpkeepState(name, last)


def _backup(settings: Settings, record: UpkeepRecord, now: datetime) -> UpkeepState:
    name, last = "backup", f"last: {_day(record.backup)}"
    try:
        wishes = upkeep_wishes(settings)
    except SettingsRefusedError as error:
        return UpkeepState(name, error.what, error.remedy, is_fault=True)
    if not wishes.backup_to:
        remedy = "Name a second disk: backup_to in upkeep.toml."
        return UpkeepState(name, "none is made at night", remedy)
    if record.backup_problem:
        return UpkeepState(name, f"{last}; {record.backup_problem}", "Check the second disk.")
    if record.backup.is_due(now, record.ran_s, 2 * DAY_S):
        return UpkeepState(name, last, "Leave the program open at night, with somebody logged in.")
    return UpkeepState(name, last)


def trust_the_clock(settings: Settings, now: datetime) -> None:
    """Believe the clock from here on: a person has looked at the date.

    Raises:
        OSError: It could not be written down.
    """
    record = upkeep_record(settings.data_dir)
    trusted = msgspec.structs.replace(record, doubt="", newest=now, looked_at=None)
    keep_upkeep_record(settings.data_dir, trusted)

"""What keeps the store well while the kiosk stands there: reading again, copying, tidying.

It goes by what was done, in running time and wall time together, so that neither a restart nor a
clock that jumps lets anything be forgotten.
"""

import math
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from edge_app.compose.clock import BUILT, SystemClock
from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.clock_trust import doubt_about
from edge_app.domain.error import EdgeAppError, NotSavedError, SettingsRefusedError
from edge_app.inference.package_files import shown
from edge_app.ports import Clock
from edge_app.settings import Settings, settings_in
from edge_app.storage.audit_note import note
from edge_app.storage.backup import back_up
from edge_app.storage.boot_clock import Running, running
from edge_app.storage.saved_studies import SavedStudies, saved_studies
from edge_app.storage.schema import copies_before
from edge_app.storage.scrub import collected, scrubbed, strays
from edge_app.storage.store_keys import StoreKeys
from edge_app.storage.upkeep_record import Done, UpkeepRecord, keep_upkeep_record, upkeep_record

EVERY_S = 60
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
_A_ROUND_EVERY_S = 2 * DAY_S
_LOOKS_A_ROUND = 1500  # of a minute each: some 25 hours of running time, half a week of a clinic's
_LEAST_IMAGES = 5
_AGAIN_S = 3600.0
_LATE_S = 1.5 * DAY_S
_NICE = 10
_COPY_KEPT_S = 10 * DAY_S  # of running time: a month of a clinic's


class UpkeepWishes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a site wishes, in `upkeep.toml`.

    Attributes:
        backup_to: The folder of the second disk; nothing is copied without it.
        backup_hour: From which hour on a day's copy is made.
    """

    backup_to: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    backup_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 2


def upkeep_wishes(settings: Settings) -> UpkeepWishes:
    """Return what `upkeep.toml` in the data folder says; the usual where there is none.

    Raises:
        SettingsRefusedError: The file is not valid.
    """
    path = settings.data_dir / "upkeep.toml"
    return settings_in(path, UpkeepWishes, _refused) if path.exists() else UpkeepWishes()


def _refused(why: str) -> SettingsRefusedError:
    what = f"The site's upkeep (upkeep.toml) is not used: {shown(why)}."
    return SettingsRefusedError(what, "Correct the file, or take it away: nothing is copied then.")


class ClockDoubtedError(EdgeAppError):
    """The date of new studies may be wrong."""

    code = "CLK-001"
    safe = "Studies keep their order, whatever the clock shows."


class _StoppedError(Exception):
    """The kiosk is closed."""


@dataclass(slots=True)
class _Look:
    """One look at what is due.

    Attributes:
        now: The clock on the wall.
        record: What was done, growing.
    """

    now: datetime
    record: UpkeepRecord

    def keep(self, **changes: object) -> None:
        """Take changes into the record."""
        self.record = msgspec.structs.replace(self.record, **changes)

    @property
    def done(self) -> Done:
        """This moment."""
        return Done(self.now, self.record.ran_s)

    def is_due(self, last: Done, interval_s: float) -> bool:
        """Return whether that long ago, or longer."""
        return last.is_due(self.now, self.record.ran_s, interval_s)


class Upkeep:
    """Looks now and then what is due, and does a little of it; one thread at a time."""

    def __init__(
        self,
        settings: Settings,
        store: SavedStudies,
        keys: StoreKeys,
        clock: Clock | None = None,
        ran: Callable[[], Running] = running,
    ) -> None:
        """Take the open store; nothing is done yet."""
        self._settings, self._folder = settings, settings.data_dir
        self._store, self._keys = store, keys
        self._clock, self._ran = clock or SystemClock(), ran
        self._stop = threading.Event()
        self._working = threading.Lock()

    def close(self) -> None:
        """Stop, and return once nothing is being done any more."""
        self._stop.set()
        with self._working:
            pass

    def look(self) -> None:
        """Do a little of what is due. What fails is seen by `edge-app doctor`, and tried again.

        Raises:
            ClockDoubtedError: The clock on the wall cannot be right; once for one doubt.
        """
        said = ""
        with self._working, suppress(OSError, EdgeAppError, _StoppedError):
            if self._stop.is_set():
                return
            _give_way()
            look = _Look(self._clock.now(), upkeep_record(self._folder))
            said = self._pass_time(look)
            self._do(look)
        if said:
            raise ClockDoubtedError(said, "Look at the date, and have the technician set it.")

    def _do(self, look: _Look) -> None:
        keep_upkeep_record(self._folder, look.record)
        for part in (self._scrub, self._collect, self._copy, self._forget):
            part(look)
            keep_upkeep_record(self._folder, look.record)

    def _pass_time(self, look: _Look) -> str:
        """Count the time that passed; return why the clock is doubted, once for each reason."""
        record, ran = look.record, self._ran()
        passed = max(0.0, ran.seconds - record.boot_s) if ran.boot == record.boot else 0.0
        before = record.looked_at if ran.boot == record.boot else None
        expected = before + timedelta(seconds=passed) if before else None
        doubt = doubt_about(look.now, BUILT, record.newest, expected)
        look.keep(
            boot=ran.boot, boot_s=ran.seconds, ran_s=record.ran_s + passed, looked_at=look.now
        )
        if not doubt:
            if not record.doubt:
                look.keep(newest=max(look.now, record.newest or look.now))
            return ""
        look.keep(doubt=doubt)
        if record.doubt:
            return ""
        self._note(EventKind.SECURITY_ALERT, "the date is not trusted from here on")
        return doubt

    def _scrub(self, look: _Look) -> None:
        record = look.record
        if record.after == 0 and not look.is_due(record.began, _A_ROUND_EVERY_S):
            return
        if record.after == 0:
            look.keep(began=look.done)
        most = max(_LEAST_IMAGES, math.ceil(self._store.n_images() / _LOOKS_A_ROUND))
        portion = scrubbed(self._store, record.after, most)
        known = set(record.damaged)
        for study_id, image_id in set(portion.damaged) - known:
            what = f"image {image_id}" if image_id else "its record"
            self._note(EventKind.SECURITY_ALERT, f"found damaged: {what}", study_id)
        others = {one for one in known if one[0] not in portion.looked_at}
        look.keep(damaged=tuple(sorted(others | set(portion.damaged))), after=portion.last)
        if portion.last == 0:
            self._end_round(look)

    def _end_round(self, look: _Look) -> None:
        with saved_studies(self._folder, self._keys) as beside:
            look.keep(list_faults=len(beside.database_faults()), ended=look.done)

    def _collect(self, look: _Look) -> None:
        record = look.record
        if not look.is_due(record.strays_seen, DAY_S):
            return
        found = strays(self._folder, self._store)
        # By running time alone: a clock that was set forward makes no file a day old.
        is_a_day_old = record.ran_s - record.strays_seen.ran_s >= DAY_S
        old = found & record.strays if is_a_day_old else frozenset()
        removed = collected(self._folder, old)
        if removed:
            self._note(EventKind.APPLICATION, f"{removed} files that belong to no study removed")
        if is_a_day_old or not record.strays_seen.at:
            look.keep(strays=found - old if removed else found, strays_seen=look.done)

    def _copy(self, look: _Look) -> None:
        wishes = upkeep_wishes(self._settings)
        if not wishes.backup_to or not self._is_time_to_copy(look, wishes):
            return
        look.keep(backup_tried=look.done)
        keep_upkeep_record(self._folder, look.record)
        try:
            made = back_up(self._folder, self._keys, Path(wishes.backup_to), self._go_on)
        except EdgeAppError as error:
            look.keep(backup_problem=error.what)
            return
        missing = f"{len(made.missing)} images are damaged here" if made.missing else ""
        look.keep(backup=look.done, backup_problem=missing)
        self._note(EventKind.EXPORTED, f"backup: {made.said.studies} studies")

    def _is_time_to_copy(self, look: _Look, wishes: UpkeepWishes) -> bool:
        record = look.record
        if not look.is_due(record.backup_tried, _AGAIN_S):
            return False
        is_late = look.is_due(record.backup, _LATE_S)
        is_new_day = not record.backup.at or record.backup.at.date() != look.now.date()
        return is_late or (is_new_day and look.now.hour >= wishes.backup_hour)

    def _forget(self, look: _Look) -> None:
        """Remove the list as it was before a migration, once the new one served for a month.

        By then the program would have shown what is missing, and studies may be due to be removed.
        """
        kept = copies_before(self._folder / "studies.db")
        if not kept:
            look.keep(migrated=Done())
        elif look.record.migrated.at is None:
            look.keep(migrated=look.done)
        elif look.record.ran_s - look.record.migrated.ran_s >= _COPY_KEPT_S:
            for file in kept:
                file.unlink()
            self._note(EventKind.APPLICATION, "the list from before the new version removed")

    def _go_on(self, _done: int, _of: int) -> None:
        if self._stop.is_set():
            raise _StoppedError

    def _note(self, kind: EventKind, act: str, study_id: str = "") -> None:
        event = AuditEvent(self._clock.now(), "", kind, act, study_id)
        try:
            note(self._folder, self._keys, event)
        except NotSavedError:
            raise _StoppedError from None  # what cannot be written down is looked at again


def _give_way() -> None:
    """Let this thread run only where nobody else wants to."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)

"""Copies of the store on another medium, and the way back from one."""

import os
from pathlib import Path

from edge_app.compose.entrance import Entrance
from edge_app.compose.retention import opened_retention
from edge_app.compose.unlocked import Unlocked
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.settings import Settings
from edge_app.storage.backup import (
    BackedUp,
    Progress,
    RestoreRefusedError,
    Said,
    back_up,
    copies_on,
    restore,
)
from edge_app.storage.key_slots import KeySlots
from edge_app.storage.store_keys import StoreKeys


def copy_to(
    settings: Settings, entrance: Entrance, who: Unlocked, medium: Path, progress: Progress
) -> BackedUp:
    """Copy the store to `medium`; the kiosk may go on meanwhile.

    Raises:
        NotAllowedError: The account may not back up.
        BackupFailedError: The copy could not be finished.
    """
    with entrance.saved(who, Right.BACK_UP, EventKind.EXPORTED):
        made = back_up(settings.data_dir, who.keys, medium, progress)
    is_written = os.access(settings.data_dir / "studies.db", os.W_OK)
    if is_written and not made.missing:  # what may be removed one day counts on this
        with opened_retention(settings, who.keys, who.account.name) as retention:
            retention.note_backup(made.said.audit_count)
    return made


def copy_on(medium: Path) -> Path:
    """Return the one finished copy on `medium`, or `medium` itself where it is a copy.

    Raises:
        RestoreRefusedError: There is none, or there are several.
    """
    found = copies_on(medium)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(place.name for place in found)
        raise RestoreRefusedError(
            f"There are copies of several stores: {several}.", "Name the folder of one of them."
        )
    if (medium / "backup.sealed").exists():
        return medium
    raise RestoreRefusedError("There is no finished copy there.", "Look on another medium.")


def restore_from(settings: Settings, place: Path, recovery_key: str, progress: Progress) -> Said:
    """Restore the store of `place` into the data folder; nobody can log in there yet.

    Raises:
        LockedError: It is not the recovery key of that store.
        RestoreRefusedError: There is a store already, or the copy is damaged.
        BackupFailedError: The disk is full or the medium is gone.
    """
    secret = KeySlots(place, b"").opened_by_recovery_key(recovery_key)
    return restore(place, settings.data_dir, StoreKeys.of(secret), progress)

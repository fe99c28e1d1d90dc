"""A damaged list of studies: who may have it salvaged, and from what."""

from pathlib import Path

from edge_app.compose.clock import SystemClock
from edge_app.compose.copies import copy_on
from edge_app.compose.entrance import Entrance
from edge_app.domain.account import Account, Right
from edge_app.domain.error import EdgeAppError
from edge_app.domain.salvaged import Salvaged
from edge_app.settings import Settings
from edge_app.storage.backup import said_of
from edge_app.storage.key_slots import KeySlots
from edge_app.storage.salvage import Salvage
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.schema import StoreDamagedError
from edge_app.storage.store_keys import StoreKeys
from edge_app.workflow.allowed_store import ensure_may

RECOVERY_KEY = "recovery key"


class NotDamagedError(EdgeAppError):
    """There is nothing to salvage."""

    code = "STO-012"
    safe = "Nothing was changed."


class WhoUnknownError(EdgeAppError):
    """What the account may do stood on the damaged pages."""

    code = "STO-013"
    safe = "Nothing was changed."


class Salvaging:
    """A damaged list that somebody may have salvaged; nothing is changed before `carry_out`.

    Attributes:
        outcome: What there is of each study.
    """

    def __init__(self, settings: Settings, secret: bytes, actor: str, medium: Path | None) -> None:
        """Look at the list below the data folder, and at the copy on `medium` where one is named.

        Raises:
            NotDamagedError: The list is sound.
            NotAllowedError: Only an administrator may.
            WhoUnknownError: Nobody can tell; the recovery key helps.
            RestoreRefusedError: There is no finished copy of this store on `medium`.
        """
        keys = StoreKeys.of(secret)
        _refuse_sound(settings.data_dir, keys)
        copy = copy_on(medium) if medium else None
        if copy:
            said_of(copy, keys)
        self._salvage = Salvage(settings.data_dir, keys, copy)
        self._actor = actor
        self.outcome: Salvaged = self._salvage.outcome
        if actor != RECOVERY_KEY:
            ensure_may(self._account(), Right.RESTORE)

    def _account(self) -> Account:
        for account in self._salvage.accounts():
            if account.name == self._actor:
                return account
        raise WhoUnknownError(
            "Whether this account is an administrator's cannot be read any more.",
            "Use the recovery key instead of a passphrase.",
        )

    def carry_out(self) -> Path:
        """Write the new list; return the folder of the damaged one. Raises as `Salvage`."""
        return self._salvage.carry_out(self._actor, SystemClock().now())


def _refuse_sound(folder: Path, keys: StoreKeys) -> None:
    try:
        with saved_studies(folder, keys) as store:
            faults = store.database_faults()
    except StoreDamagedError:
        return
    if not faults:
        raise NotDamagedError("The list of studies is sound.", "Look by edge-app study check.")


def salvaging(
    settings: Settings, name: str, passphrase: str, medium: Path | None = None
) -> Salvaging:
    """Return what an administrator may have salvaged. Raises as `Salvaging` and `log_in`."""
    secret, _ = Entrance(settings).secret_of(name, passphrase)
    return Salvaging(settings, secret, name, medium)


def salvaging_by_recovery_key(
    settings: Settings, recovery_key: str, medium: Path | None = None
) -> Salvaging:
    """Return what whoever has the recovery key may have salvaged. Raises likewise."""
    secret = KeySlots(settings.data_dir, b"").opened_by_recovery_key(recovery_key)
    return Salvaging(settings, secret, RECOVERY_KEY, medium)

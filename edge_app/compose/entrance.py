"""How somebody gets in: set-up, log-in, recovery, and the store as that account may use it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edge_app.compose.clock import SystemClock
from edge_app.compose.emergency import (
    EMERGENCY,
    opened_in_emergency,
    refuse_reserved,
)
from edge_app.compose.open_store import OpenStore
from edge_app.compose.outbox import StoreOutbox, store_outbox
from edge_app.compose.retention import (
    StoreRetention,
    finish_removals,
    opened_retention,
    retention_rule,
)
from edge_app.compose.site_devices import known_devices
from edge_app.compose.unlocked import Unlocked
from edge_app.domain.account import Account, EmergencyReason, Right, Role
from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.settings import Settings
from edge_app.storage.attempts import Attempts
from edge_app.storage.audit_note import note
from edge_app.storage.device_secret import DeviceSecret
from edge_app.storage.key_slots import KeysDamagedError, KeySlots, LockedError, refuse_weak
from edge_app.storage.room import Room
from edge_app.storage.saved_studies import SavedStudies, is_without_images, saved_studies
from edge_app.storage.store_keys import StoreKeys
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.storage.tpm import TpmRefusedError
from edge_app.workflow.allowed_store import ensure_may

FIRST_ROLES = frozenset({Role.ADMINISTRATOR, Role.CLINICIAN})


class Entrance:
    """The door of the store in one data folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data_dir
        self._device = DeviceSecret(self._folder, settings.tpm)
        self._attempts = Attempts(self._folder, self._device_secret)

    @property
    def is_set_up(self) -> bool:
        """Whether somebody can log in here, or could if nothing were lost."""
        return KeySlots(self._folder, b"").is_set_up or self._has_studies

    @property
    def _has_studies(self) -> bool:
        return (self._folder / "studies.db").exists() or not is_without_images(self._folder)

    def names(self) -> tuple[str, ...]:
        """Return who has a passphrase.

        Raises:
            KeysDamagedError: The keys are missing beside studies, or damaged.
        """
        slots = KeySlots(self._folder, b"")
        self._refuse_without_keys(slots)
        return slots.names()

    def _refuse_without_keys(self, slots: KeySlots) -> None:
        if self._has_studies and not slots.is_set_up:
            raise KeysDamagedError(
                "The file with the keys is missing, and so is its copy.",
                "Put keys.json back from the backup; do not set the device up anew.",
            )

    def _device_secret(self) -> bytes:
        """Return the device's secret; nothing where it is lost, and no passphrase opens anyway."""
        try:
            return self._device.known()
        except (KeysDamagedError, TpmRefusedError):
            return b""

    def _slots(self) -> KeySlots:
        return KeySlots(self._folder, self._device.known())

    def set_up(self, name: str, passphrase: str) -> tuple[Unlocked, str]:
        """Make a store that `name` administers; return them, and the recovery key to print.

        Raises:
            WeakPassphraseError: It is too easily guessed; nothing was made.
            LockedError: Somebody set it up before.
            KeysDamagedError: There are studies whose keys are missing.
        """
        unopened = KeySlots(self._folder, b"")
        self._refuse_without_keys(unopened)
        unopened.refuse_second_set_up()
        refuse_reserved(Account(name, FIRST_ROLES))
        refuse_weak(passphrase)
        slots = KeySlots(self._folder, self._device.ensured())
        self._attempts.start()
        secret, recovery_key = slots.set_up(name, passphrase)
        return Unlocked(self._first(name, secret), secret), recovery_key

    def _first(self, name: str, secret: bytes) -> Account:
        """Make the first account, in a store that has none."""
        account = Account(name, FIRST_ROLES)
        with SqliteStudyStore(self._folder, StoreKeys.of(secret)) as store:
            store.actor = name
            store.put_account(account)
        return account

    def log_in(self, name: str, passphrase: str) -> Unlocked:
        """Return who is in; a wrong try is counted before it is looked at.

        Raises:
            LockedError: Nobody of that name, or not the passphrase, or the account is retired.
            TooManyTriesError: It is too early for another try.
            KeysDamagedError: The keys cannot be read.
        """
        secret, wrong_tries = self.secret_of(name, passphrase)
        with saved_studies(self._folder, StoreKeys.of(secret)) as store:
            account = store.account(name)
            is_first = not store.accounts() and not store.audit_events()
        if account is None and is_first:  # the power went in the middle of the set-up
            account = self._first(name, secret)
        if account is None:
            raise LockedError("This account was retired.", "Ask the administrator.")
        return Unlocked(account, secret, wrong_tries)

    def secret_of(self, name: str, passphrase: str) -> tuple[bytes, int]:
        """Return the store's secret, and how many tries were wrong before; raises as `log_in`.

        What an account may do is not looked at: that stands in the store.
        """
        slots = self._slots()
        if name not in slots.names():
            raise LockedError("Nobody of that name can log in here.", "Check the name.")
        wrong_tries = self._counted(name)
        secret = slots.opened(name, passphrase)
        for counted in (name, f"{name} (PIN)", f"{name} (badge)"):
            self._attempts.succeeded(counted)
        return secret, wrong_tries

    def _counted(self, name: str) -> int:
        try:
            return self._attempts.begin(name)
        except OSError as error:
            raise LockedError(
                "The disk cannot be written, so no try can be counted.",
                "Check the data folder and its space.",
            ) from error

    def recover(self, recovery_key: str, name: str, passphrase: str) -> tuple[Unlocked, str]:
        """Let `name` in as an administrator by the recovery key; return them and the next key.

        Raises:
            LockedError: It is not the recovery key of these studies.
            WeakPassphraseError: The new passphrase is too easily guessed; nothing was changed.
        """
        refuse_reserved(Account(name, FIRST_ROLES))
        secret = KeySlots(self._folder, b"").opened_by_recovery_key(recovery_key)
        slots = KeySlots(self._folder, self._device.ensured())
        slots.give(secret, name, passphrase)
        self._attempts.succeeded(name)
        with SqliteStudyStore(self._folder, StoreKeys.of(secret)) as store:
            store.actor = name
            store.note(EventKind.SECURITY_ALERT, "recovery key used")
            known = store.account(name)
            account = Account(name, (known.roles if known else frozenset()) | FIRST_ROLES)
            store.put_account(account)
        return Unlocked(account, secret), slots.give_recovery_key(secret)

    def move_secret_into_tpm(self, who: Unlocked) -> None:
        """Have this machine's TPM seal the device's own secret, and remove the file with it.

        Raises:
            NotAllowedError: Only an administrator may; that is written down too.
            TpmRefusedError: The TPM does not take it; the file is as it was.
        """
        act = "device's secret into the TPM"
        self.ensure_may(who, Right.MANAGE_ACCOUNTS, EventKind.SECURITY_ALERT, act)
        self._device.move_into_tpm()

    @property
    def has_emergency_code(self) -> bool:
        """Whether there is an emergency code that was not used."""
        try:
            return KeySlots(self._folder, b"").has_emergency_code
        except (KeysDamagedError, LockedError):
            return False

    def break_glass(self, code: str, name: str, reason: EmergencyReason) -> Unlocked:
        """Return the emergency access, for one session; it is written down and the code is spent.

        Raises:
            LockedError: It is not the code, or the use cannot be written down.
            TooManyTriesError: It is too early for another try.
            NotSavedError: It was not written down; the code is as before.
        """
        wrong_tries = self._counted(EMERGENCY.name)
        secret = opened_in_emergency(self._folder, code, name, reason)
        self._attempts.succeeded(EMERGENCY.name)
        self._attempts.succeeded(f"{EMERGENCY.name} (PIN)")
        return Unlocked(EMERGENCY, secret, wrong_tries)

    @contextmanager
    def store(self, who: Unlocked, room: Room | None = None) -> Iterator[OpenStore]:
        """Yield the store for writing, with `room` held back. Raises as `SqliteStudyStore` does."""
        with SqliteStudyStore(self._folder, who.keys, room) as store:
            store.actor = who.account.name
            store.note(EventKind.LOGGED_IN_OR_OUT, who.came_in)
            finish_removals(self._settings, who.keys)

            def refused(right: Right) -> None:
                store.note(EventKind.SECURITY_ALERT, f"refused: {right.value}", is_refused=True)

            with store_outbox(self._folder, who.keys, store, who.account, refused) as outbox:
                alone_s = 60.0 * known_devices(self._settings).badge_alone_min
                yield OpenStore(store, who, self._slots(), self._attempts, outbox, alone_s)
            store.note(EventKind.LOGGED_IN_OR_OUT, "logged out")

    def ensure_may(
        self, who: Unlocked, right: Right, kind: EventKind, act: str, study_id: str = ""
    ) -> None:
        """Write `act` down, or that it was refused, beside whoever has the store; then refuse it.

        Raises:
            NotAllowedError: The account has not `right`.
            NotSavedError: It could have been written down, and was not.
        """
        is_allowed = who.account.may(right)
        said = act if is_allowed else f"refused: {act or right.value}"
        name, at = who.account.name, SystemClock().now()
        event = AuditEvent(at, name, kind, said, study_id, is_refused=not is_allowed)
        note(self._folder, who.keys, event)
        ensure_may(who.account, right)

    def note(self, who: Unlocked, kind: EventKind, act: str) -> None:
        """Write down what `who` came upon, beside whoever has the store. Raises NotSavedError."""
        note(self._folder, who.keys, AuditEvent(SystemClock().now(), who.account.name, kind, act))

    @contextmanager
    def saved(
        self, who: Unlocked, right: Right, kind: EventKind, study_id: str = "", how: str = ""
    ) -> Iterator[SavedStudies]:
        """Yield the store for looking only; another program may hold it.

        It is written down first, as an act of `kind` done as `how` says, unless the disk cannot be
        written at all.

        Raises:
            NotAllowedError: The account has not `right`; that is written down too.
        """
        done = f"{right.value}, {how}" if how else right.value
        self.ensure_may(who, right, kind, done, study_id)
        with saved_studies(self._folder, who.keys) as store:
            yield store

    @contextmanager
    def outbox(self, who: Unlocked) -> Iterator[StoreOutbox]:
        """Yield the outbox; another program may hold the store, and send meanwhile."""
        refused = self._noting_refusals(who)
        with (
            saved_studies(self._folder, who.keys) as store,
            store_outbox(self._folder, who.keys, store, who.account, refused) as outbox,
        ):
            yield outbox

    @contextmanager
    def retention(self, who: Unlocked) -> Iterator[StoreRetention]:
        """Yield holds and removals; another program may hold the store.

        Raises:
            SettingsRefusedError: The site's rule cannot be read.
        """
        rule, refused = retention_rule(self._settings), self._noting_refusals(who)
        with opened_retention(self._settings, who.keys, who.account.name) as retention:
            yield StoreRetention(retention, rule, who.account, SystemClock(), refused)

    def _noting_refusals(self, who: Unlocked) -> Callable[[Right], None]:
        """Return what writes down that something was refused, beside whoever holds the store."""

        def refused(right: Right) -> None:
            act, name = f"refused: {right.value}", who.account.name
            kind, at = EventKind.SECURITY_ALERT, SystemClock().now()
            note(self._folder, who.keys, AuditEvent(at, name, kind, act, is_refused=True))

        return refused

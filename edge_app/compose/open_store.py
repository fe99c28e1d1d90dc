"""The store while somebody is in, and what an administrator may change about who gets in."""

from edge_app.compose.badges import Badges
from edge_app.compose.commissioning import MachineCommissioning
from edge_app.compose.emergency import (
    BEGINS,
    EMERGENCY,
    SEEN,
    refuse_reserved,
    use_of,
)
from edge_app.compose.figures import gathering
from edge_app.compose.outbox import StoreOutbox
from edge_app.compose.unlocked import Unlocked
from edge_app.compose.upkeep import Upkeep
from edge_app.domain.account import Account, EmergencyUse, Right, Role
from edge_app.domain.audit import EventKind
from edge_app.domain.error import NotAllowedError
from edge_app.settings import Settings
from edge_app.storage.attempts import Attempts
from edge_app.storage.key_slots import KeySlots, refuse_weak
from edge_app.storage.pins import MOST_WRONG, PinRefusedError, hashed, is_right
from edge_app.storage.report_key import ReportKey
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow.allowed_store import AllowedStore, ensure_may
from edge_app.workflow.commission import AllowedCommissioning
from edge_app.workflow.figures import AllowedFigures

SWAPPED_KEY = "another key lies where received images are sealed"


class OpenStore:
    """The store while somebody is in, and what an administrator may change about who gets in.

    Attributes:
        outbox: What still has to leave its studies.
        badges: Who has which badge.
    """

    def __init__(
        self,
        store: SqliteStudyStore,
        who: Unlocked,
        slots: KeySlots,
        attempts: Attempts,
        outbox: StoreOutbox,
        badge_alone_s: float = 0.0,
    ) -> None:
        self._store, self._who, self._slots = store, who, slots
        self._attempts, self.outbox = attempts, outbox
        self._pin_of_session = ""
        self._told_of_swapped_key = False
        self.badges = Badges(store, who, attempts, self.ensure_may, badge_alone_s)
        self.studies = AllowedStore(store, who.account, self._refused, self._reads)

    def upkeep(self, settings: Settings) -> Upkeep:
        """Return what keeps the store well while it is open."""
        return Upkeep(settings, self._store, self._who.keys)

    def commissioning(self, settings: Settings, detector: str) -> AllowedCommissioning:
        """Return what a technician does with this machine; it refuses whoever is none."""
        key = ReportKey(self._who.keys.reports)
        inner = MachineCommissioning(settings, detector, key, self._note_report, self.who)
        return AllowedCommissioning(inner, self._who.account, self._refused)

    def figures(self, settings: Settings) -> AllowedFigures:
        """Return the figures of the studies; it refuses whoever may not count them."""

        def noted() -> None:
            self._store.note(EventKind.QUERIED, "figures")

        gather = gathering(settings.data_dir, self._who.keys)
        return AllowedFigures(gather, self._who.account, self._refused, noted)

    def _note_report(self) -> str:
        self._store.note(EventKind.APPLICATION, "commissioning report")
        return self._store.audit_head

    @property
    def who(self) -> str:
        """Name of the account that is in."""
        return self._who.account.name

    @property
    def roles(self) -> tuple[str, ...]:
        """What the account that is in is here, by name."""
        return tuple(sorted(role.value for role in self._who.account.roles))

    @property
    def is_emergency(self) -> bool:
        """Whether the emergency code opened it."""
        return self._who.account == EMERGENCY

    def emergencies(self) -> list[EmergencyUse]:
        """Return the uses of the emergency code that no administrator has seen."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        return [use_of(event) for event in self._store.audit_since(BEGINS, SEEN)]

    def see_emergencies(self) -> None:
        """Write down that the administrator who is in has seen them. Raises NotAllowedError."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        self._store.note(EventKind.SECURITY_ALERT, SEEN)

    def new_emergency_code(self) -> str:
        """Return another emergency code to print; the one before opens nothing. Raises likewise."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        self._store.note(EventKind.SECURITY_ALERT, "another emergency code")
        return self._slots.give_emergency_code(self._who.secret)

    @property
    def opens_received(self) -> bytes:
        """The key to what devices received and sealed while nobody was logged in."""
        return self._who.keys.received

    def note_swapped_key(self) -> None:
        """Write down, once, that somebody put another key where devices seal. Raises NotSavedError.

        A device that is refused for it is asked again and again.
        """
        if not self._told_of_swapped_key:
            self._store.note(EventKind.SECURITY_ALERT, SWAPPED_KEY)
            self._told_of_swapped_key = True

    @property
    def recovered(self) -> tuple[str, ...]:
        """Studies whose interrupted captures were finished when it was opened."""
        return self._store.recovered

    def held(self) -> frozenset[str]:
        """Return the ids of the studies under legal hold. Raises NotAllowedError."""
        self.ensure_may(Right.SEE_STUDIES)
        return self._store.held()

    def _refused(self, right: Right) -> None:
        self._store.note(EventKind.SECURITY_ALERT, f"refused: {right.value}", is_refused=True)

    def _reads(self, study_id: str) -> None:
        self._store.note(EventKind.INSTANCES_ACCESSED, "opened", study_id=study_id)

    def may(self, right: Right) -> bool:
        """Return whether the account has `right`; for offering something, not for doing it."""
        return self._who.account.may(right)

    def ensure_may(self, right: Right) -> None:
        """Refuse what the account has no right to, and write the try down.

        Raises:
            NotAllowedError: It has not.
        """
        ensure_may(self._who.account, right, self._refused)

    def note(self, kind: EventKind, act: str, *, study_id: str = "") -> None:
        """Write down an act. Raises NotSavedError."""
        self._store.note(kind, act, study_id=study_id)

    def accounts(self) -> list[Account]:
        """Return everybody who may log in."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        return self._store.accounts()

    def add(self, account: Account, passphrase: str) -> None:
        """Let somebody new in; the account is kept before the passphrase opens anything.

        Raises:
            NotAllowedError: Only an administrator may.
            WeakPassphraseError: It is too easily guessed; nothing was changed.
        """
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        refuse_reserved(account)
        refuse_weak(passphrase)
        self._store.put_account(account)
        self._slots.give(self._who.secret, account.name, passphrase)
        self._attempts.succeeded(account.name)

    def change_roles(self, account: Account) -> None:
        """Give an account other roles; somebody stays an administrator. Raises NotAllowedError."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        refuse_reserved(account)
        if Role.ADMINISTRATOR not in account.roles:
            self._refuse_without_administrator(account.name)
        self._store.put_account(account)

    def _refuse_without_administrator(self, leaving: str) -> None:
        others = (a for a in self._store.accounts() if a.name != leaving)
        if not any(Role.ADMINISTRATOR in a.roles for a in others):
            raise NotAllowedError(
                f"{leaving} is the last administrator.", "Make somebody else one first."
            )

    def change_passphrase(self, name: str, passphrase: str) -> None:
        """Give somebody another passphrase: everybody their own, an administrator anybody's.

        Raises:
            NotAllowedError: It is somebody else's.
            WeakPassphraseError: It is too easily guessed; nothing was changed.
        """
        if name != self._who.account.name:
            self.ensure_may(Right.MANAGE_ACCOUNTS)
        self._slots.give(self._who.secret, name, passphrase)
        self._attempts.succeeded(name)
        self._store.note(EventKind.SECURITY_ALERT, f"account {name}: another passphrase")

    @property
    def has_pin(self) -> bool:
        """Whether whoever is in can come back by a PIN."""
        return bool(self._kept_pin)

    @property
    def _kept_pin(self) -> str:
        return self._pin_of_session or self._store.pin_of(self._who.account.name)

    def set_pin(self, pin: str) -> None:
        """Let whoever is in come back by `pin`.

        Raises:
            WeakPinError: It is too easily guessed; nothing was changed.
        """
        if self.is_emergency:  # it has no account, and ends with its session
            self._pin_of_session = hashed(pin)
        else:
            self._store.put_pin(self._who.account.name, hashed(pin))

    def come_back(self, pin: str) -> None:
        """Return where `pin` is that of whoever is in; each try counts before it is looked at.

        Raises:
            PinRefusedError: It is not, or was tried too often; the passphrase opens.
            TooManyTriesError: It is too early for another try.
        """
        name = self._who.account.name
        wrong = self._attempts.begin(f"{name} (PIN)")
        if wrong >= MOST_WRONG:
            raise PinRefusedError(f"{wrong} wrong PINs in a row.", "Type the passphrase.")
        if not is_right(self._kept_pin, pin):
            self._store.note(EventKind.SECURITY_ALERT, "a wrong PIN", is_refused=True)
            raise PinRefusedError("This is not the PIN.", "Try again, or type the passphrase.")
        self._attempts.succeeded(f"{name} (PIN)")
        self._store.note(EventKind.LOGGED_IN_OR_OUT, "came back by PIN")
        self.badges.proved()

    def retire(self, name: str) -> None:
        """Let somebody in no more. Raises NotAllowedError."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        self._refuse_without_administrator(name)
        self._store.retire_account(name)
        self._slots.take_back(name)

    def new_recovery_key(self) -> str:
        """Return another recovery key to print; the one before opens nothing. Raises likewise."""
        self.ensure_may(Right.MANAGE_ACCOUNTS)
        self._store.note(EventKind.SECURITY_ALERT, "another recovery key")
        return self._slots.give_recovery_key(self._who.secret)

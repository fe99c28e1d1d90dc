"""The kiosk behind its door: the parts of the window exist once somebody is in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from edge_app.compose.badges import unknown_badge
from edge_app.compose.entrance import Entrance
from edge_app.compose.open_store import OpenStore
from edge_app.compose.packages import DEFAULT
from edge_app.compose.salvaging import Salvaging, salvaging, salvaging_by_recovery_key
from edge_app.compose.site_devices import known_devices
from edge_app.compose.unlocked import Unlocked
from edge_app.compose.window import kiosk_parts
from edge_app.domain.account import EMERGENCY_NAME, EmergencyReason, EmergencyUse, Right
from edge_app.domain.badge import BadgeRead, NextStep, holder_by_text
from edge_app.settings import Settings
from edge_app.storage.key_slots import LockedError
from edge_app.storage.room import Room
from edge_app.ui.parts import KioskParts


class KioskDoor:
    """Answers `Door`, and hands out the kiosk of whoever came in."""

    def __init__(self, settings: Settings, devices: Sequence[str], detector: str = DEFAULT) -> None:
        self._settings, self._devices, self._detector = settings, devices, detector
        self._entrance = Entrance(settings)
        self._who: Unlocked | None = None
        self._store: OpenStore | None = None

    @property
    def is_set_up(self) -> bool:
        """Whether somebody can log in."""
        return self._entrance.is_set_up

    def names(self) -> Sequence[str]:
        """Return who can log in."""
        return self._entrance.names()

    def set_up(self, name: str, passphrase: str) -> str:
        """Let the first person in, and return the recovery key."""
        self._who, key = self._entrance.set_up(name, passphrase)
        return key

    def log_in(self, name: str, passphrase: str) -> None:
        """Let somebody in; while a kiosk is open, only whoever opened it.

        Raises:
            EdgeAppError: It is not the passphrase, or too early for another try.
        """
        who = self._entrance.log_in(name, passphrase)
        if self._store is None or self._store.who != name:
            self._who = who
        else:  # the kiosk that is open has its keys
            self._store.badges.proved()

    def recover(self, recovery_key: str, name: str, passphrase: str) -> str:
        """Let somebody in by the recovery key, and return the next one."""
        self._who, key = self._entrance.recover(recovery_key, name, passphrase)
        return key

    def look_at_damage(self, name: str, passphrase: str) -> Salvaging:
        """Return what an administrator may have saved of a damaged list. Raises as `salvaging`."""
        return salvaging(self._settings, name, passphrase)

    def look_at_damage_by_key(self, recovery_key: str) -> Salvaging:
        """Return what whoever has the recovery key may have saved of it. Raises likewise."""
        return salvaging_by_recovery_key(self._settings, recovery_key)

    @property
    def has_emergency_code(self) -> bool:
        """Whether there is an emergency code that was not used."""
        return self._entrance.has_emergency_code

    def break_glass(self, code: str, name: str, reason: EmergencyReason) -> str:
        """Let somebody in by the emergency code, once; return what they are called here."""
        self._who = self._entrance.break_glass(code, name, reason)
        return EMERGENCY_NAME

    def emergencies(self) -> Sequence[EmergencyUse]:
        """Return what an administrator who is in has not seen of emergencies; others see none."""
        if self._store is None or not self._store.may(Right.MANAGE_ACCOUNTS):
            return ()
        return self._store.emergencies()

    def see_emergencies(self) -> str:
        """Write down that they were seen, and return the next emergency code to write down."""
        store = self._opened()
        store.see_emergencies()
        return store.new_emergency_code()

    @property
    def has_pin(self) -> bool:
        """Whether the one who is in, with the kiosk open, can come back by a PIN."""
        return self._store is not None and self._store.has_pin

    def set_pin(self, pin: str) -> None:
        """Let the one who is in come back by `pin`.

        Raises:
            WeakPinError: It is too easily guessed.
            LockedError: No kiosk is open.
        """
        self._opened().set_pin(pin)

    def come_back(self, pin: str) -> None:
        """Return where it is the PIN of the one who is in.

        Raises:
            PinRefusedError: It is not, or was tried too often.
            TooManyTriesError: It is too early for another try.
            LockedError: No kiosk is open.
        """
        self._opened().come_back(pin)

    @property
    def wedge(self) -> str:
        """What the site's reader types before each code."""
        return known_devices(self._settings).wedge

    def read_badge(self, text: str) -> BadgeRead:
        """Return whose badge it is; where no kiosk is open, whose it says it is.

        Raises:
            BadgeRefusedError: It is nobody's.
            TooManyTriesError: It is too early for another try.
        """
        if self._store is not None:
            return self._store.badges.read(text)
        name = holder_by_text(text, self.names())
        if not name:
            raise unknown_badge()
        return BadgeRead(name, NextStep.PASSPHRASE)

    def _opened(self) -> OpenStore:
        if self._store is None:
            raise LockedError("Nobody is logged in.", "Log in.")
        return self._store

    def let_in(self, who: Unlocked) -> None:
        """Let in somebody who logged in elsewhere in this process."""
        self._who = who

    @contextmanager
    def kiosk(self) -> Iterator[KioskParts]:
        """Yield what the window is made of for whoever is in; leaving the block logs out.

        Raises:
            LockedError: Nobody is in.
            EdgeAppError: The store cannot be opened, or a device's name means nothing.
        """
        who, self._who = self._who, None  # no key stays here when the session ends
        if who is None:
            raise LockedError("Nobody is logged in.", "Log in.")
        with (
            self._entrance.store(who, Room(self._settings.data_dir)) as store,
            kiosk_parts(self._settings, store, self._devices, self._detector) as parts,
        ):
            self._store = store
            try:
                yield parts
            finally:
                self._store = None

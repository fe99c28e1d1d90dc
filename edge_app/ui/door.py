"""What the window asks of whoever lets people in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from edge_app.domain.account import EmergencyReason, EmergencyUse
from edge_app.domain.badge import BadgeRead
from edge_app.domain.salvaged import Salvaged


class SalvageOffer(Protocol):
    """What can be saved of a damaged list of studies, and the doing of it."""

    @property
    def outcome(self) -> Salvaged:
        """What there is of each study."""

    def carry_out(self) -> Path:
        """Write a new list from that; return where the damaged one is kept.

        Raises:
            EdgeAppError: It could not be written, and the damaged one is in its place.
        """


class Door(Protocol):
    """How people get in at the window; every call may take a second, and needs a thread."""

    @property
    def is_set_up(self) -> bool:
        """Whether somebody can log in; else the first person sets the device up."""

    def names(self) -> Sequence[str]:
        """Return who can log in.

        Raises:
            EdgeAppError: The keys cannot be read.
        """

    def set_up(self, name: str, passphrase: str) -> str:
        """Let the first person in, and return the recovery key to write down."""

    def log_in(self, name: str, passphrase: str) -> None:
        """Let somebody in.

        Raises:
            EdgeAppError: It is not the passphrase, or too early for another try.
        """

    def recover(self, recovery_key: str, name: str, passphrase: str) -> str:
        """Let somebody in by the recovery key, and return the next one to write down."""

    def look_at_damage(self, name: str, passphrase: str) -> SalvageOffer:
        """Return what an administrator may have saved of a damaged list; nothing is changed.

        Raises:
            EdgeAppError: It is not the passphrase, nobody who may, or the list is sound.
        """

    def look_at_damage_by_key(self, recovery_key: str) -> SalvageOffer:
        """Return what whoever has the recovery key may have saved. Raises likewise."""

    @property
    def has_emergency_code(self) -> bool:
        """Whether there is an emergency code that was not used."""

    def break_glass(self, code: str, name: str, reason: EmergencyReason) -> str:
        """Let somebody in by the emergency code, once; return what they are called here.

        Raises:
            EdgeAppError: It is not the code, too early for another try, or cannot be written down.
        """

    def emergencies(self) -> Sequence[EmergencyUse]:
        """Return what an administrator who is in has not seen of emergencies; others see none."""

    def see_emergencies(self) -> str:
        """Write down that they were seen, and return the next emergency code to write down."""

    @property
    def has_pin(self) -> bool:
        """Whether the one who is in, with the kiosk open, can come back by a PIN."""

    def set_pin(self, pin: str) -> None:
        """Let the one who is in come back by `pin`.

        Raises:
            EdgeAppError: It is too easily guessed.
        """

    def come_back(self, pin: str) -> None:
        """Return where it is the PIN of the one who is in.

        Raises:
            EdgeAppError: It is not, or too early for another try, or only the passphrase helps.
        """

    @property
    def wedge(self) -> str:
        """What the site's reader types before each code; nothing where it types no such thing."""

    def read_badge(self, text: str) -> BadgeRead:
        """Return whose badge it is and what they have to do; from cold it only fills in the name.

        Raises:
            EdgeAppError: It is nobody's, or too early for another try.
        """

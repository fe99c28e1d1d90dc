"""Badges while somebody is in: given out, taken back, and read at the locked window."""

from collections.abc import Callable

from edge_app.compose.unlocked import Unlocked
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.badge import BadgeRead, NextStep, is_drawn
from edge_app.storage.attempts import Attempts
from edge_app.storage.badges import BadgeRefusedError, new_badge_text
from edge_app.storage.boot_clock import boot_clock_s
from edge_app.storage.key_slots import LockedError
from edge_app.storage.study_store import SqliteStudyStore

LEAST_LETTERS = 4


class Badges:
    """Who has which badge; a badge brings back whoever is in, and names everybody else."""

    def __init__(
        self,
        store: SqliteStudyStore,
        who: Unlocked,
        attempts: Attempts,
        ensure_may: Callable[[Right], None],
        alone_s: float,
    ) -> None:
        """Take for how long after a PIN or passphrase a badge opens alone, in seconds."""
        self._store, self._who, self._attempts = store, who, attempts
        self._ensure_may, self._alone_s = ensure_may, alone_s
        self.proved()

    def proved(self) -> None:
        """Remember that whoever is in has just typed the PIN or the passphrase."""
        self._proved_at_s = boot_clock_s()

    def draw(self, name: str, keep: Callable[[str], None]) -> None:
        """Draw a new badge for somebody; the one before is void once `keep` took the text.

        Raises:
            NotAllowedError: It is for somebody else, and whoever is in is no administrator.
            LockedError: Nobody of that name can log in.
            NotSavedError: The badge before is as it was; so it is where `keep` raises.
        """
        self._ensure_may_change(name)
        text = new_badge_text(name)
        keep(text)
        self._store.put_badge(name, text, is_drawn=True)

    def enrol(self, name: str, text: str) -> None:
        """Let a card that somebody has be their badge; it is never enough alone.

        Raises:
            BadgeRefusedError: It is too short, of this program's own form, or somebody else's.
            NotAllowedError, LockedError, NotSavedError: As `draw`.
        """
        self._ensure_may_change(name)
        if len(text) < LEAST_LETTERS or is_drawn(text.upper()):
            raise BadgeRefusedError("This card cannot be a badge.", "Print one.")
        holder = self._store.badge_holder(text)
        if holder and holder[0] != name:
            raise BadgeRefusedError("Somebody else has this card.", "Take another one.")
        self._store.put_badge(name, text, is_drawn=False)

    def revoke(self, name: str) -> None:
        """Let somebody's badge count no more. Raises as `draw`."""
        self._ensure_may_change(name)
        self._store.take_badge(name)

    def _ensure_may_change(self, name: str) -> None:
        if name != self._who.account.name:
            self._ensure_may(Right.MANAGE_ACCOUNTS)
        if self._store.account(name) is None:
            raise LockedError("Nobody of that name can log in here.", "Check the name.")

    def read(self, text: str) -> BadgeRead:
        """Return whose badge it is and what they have to do; a try counts before it is looked at.

        Raises:
            BadgeRefusedError: It is nobody's, or was taken back.
            TooManyTriesError: It is too early for another try.
        """
        name = self._who.account.name
        self._attempts.begin(f"{name} (badge)")
        found = self._store.badge_holder(text)
        if found is None:
            self._store.note(EventKind.SECURITY_ALERT, "an unknown badge", is_refused=True)
            raise unknown_badge()
        self._attempts.succeeded(f"{name} (badge)")
        holder, is_strong = found
        if holder != name:
            return BadgeRead(holder, NextStep.PASSPHRASE)
        if is_strong and boot_clock_s() - self._proved_at_s < self._alone_s:
            self._store.note(EventKind.LOGGED_IN_OR_OUT, "came back by badge")
            return BadgeRead(name, NextStep.NOTHING)
        has_pin = bool(self._store.pin_of(name))
        return BadgeRead(name, NextStep.PIN if has_pin else NextStep.PASSPHRASE)


def unknown_badge() -> BadgeRefusedError:
    """Return what refuses a badge; a badge that was taken back is refused in the same words."""
    return BadgeRefusedError(
        "This badge is not known here.", "Touch your name and type the passphrase."
    )

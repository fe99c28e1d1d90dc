"""A short number that brings back whoever is in already; alone it opens nothing."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from edge_app.domain.error import EdgeAppError

LEAST_DIGITS, MOST_DIGITS = 4, 8
MOST_WRONG = 10
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=2)


class PinRefusedError(EdgeAppError):
    """It is not the PIN, or it was tried too often."""

    code = "KEY-005"
    safe = "The study goes on where it was."


class WeakPinError(EdgeAppError):
    """The PIN is too easily guessed."""

    code = "KEY-006"
    safe = "Nothing was changed."


def hashed(pin: str) -> str:
    """Return what is kept of a new PIN.

    Raises:
        WeakPinError: It is too short, too long, or a row of digits.
    """
    steps = (
        {int(b) - int(a) for a, b in zip(pin, pin[1:], strict=False)} if pin.isdecimal() else {0}
    )
    if not LEAST_DIGITS <= len(pin) <= MOST_DIGITS or steps in ({0}, {1}, {-1}):
        raise WeakPinError(
            f"A PIN has {LEAST_DIGITS} to {MOST_DIGITS} digits that are no row.",
            "Choose another one.",
        )
    return _HASHER.hash(pin)


def is_right(kept: str, pin: str) -> bool:
    """Return whether it is the PIN of which `kept` was kept."""
    try:
        return _HASHER.verify(kept, pin)
    except (Argon2Error, InvalidHashError):
        return False

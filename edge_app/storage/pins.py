"""A short number that brings back whoever is in already; alone it opens nothing."""

from itertools import pairwise

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
    if not (pin.isdecimal() and LEAST_DIGITS <= len(pin) <= MOST_DIGITS) or _is_row(pin):
        raise WeakPinError(
            f"A PIN has {LEAST_DIGITS} to {MOST_DIGITS} digits that are no row.",
            "Choose another one.",
        )
    return _HASHER.hash(pin)


def _is_row(pin: str) -> bool:
    """Return whether each digit is the one before it, or each the next, such as 1111 or 4321."""
    return {int(after) - int(before) for before, after in pairwise(pin)} in ({0}, {1}, {-1})


def is_right(kept: str, pin: str) -> bool:
    """Return whether it is the PIN of which `kept` was kept."""
    try:
        return _HASHER.verify(kept, pin)
    except (Argon2Error, InvalidHashError):
        return False

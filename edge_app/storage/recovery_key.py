"""Keys on paper: the recovery key, and the emergency code for one session."""

import base64
import hashlib
import secrets

RECOVERY_BYTES = 20  # 160 bits: nobody guesses that, and 36 characters can be typed
EMERGENCY_BYTES = 10  # 80 bits behind Argon2id, and half as much to type in a hurry
_GROUP = 4
_CHECKED = 4
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})


class MistypedError(Exception):
    """What was typed is no such key: a character is wrong or missing."""


def new_paper_key(size: int = RECOVERY_BYTES) -> str:
    """Return a new key of so many random bytes: groups of four letters, the last one a check."""
    return _written(secrets.token_bytes(size))


def _written(secret: bytes) -> str:
    letters = base64.b32encode(secret).decode()
    letters += base64.b32encode(hashlib.sha256(secret).digest()).decode()[:_CHECKED]
    return "-".join(letters[i : i + _GROUP] for i in range(0, len(letters), _GROUP))


def secret_in(typed: str, size: int = RECOVERY_BYTES) -> bytes:
    """Return the bytes of a typed key; case, spaces and dashes do not matter, nor 0 for O.

    Raises:
        MistypedError: It is none.
    """
    letters = "".join(c for c in typed.upper().translate(_MISREAD) if c in _ALPHABET)
    try:
        secret = base64.b32decode(letters[:-_CHECKED])
    except ValueError as error:
        raise MistypedError("it is too short or too long") from error
    if len(secret) != size or _written(secret).replace("-", "") != letters:
        raise MistypedError("a character is wrong")
    return secret

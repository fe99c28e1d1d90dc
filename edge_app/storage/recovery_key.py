"""The key on paper that opens a store when nobody knows a passphrase any more."""

import base64
import hashlib
import secrets

_BYTES = 20  # 160 bits: nobody guesses that, and 36 characters can be typed
_GROUP = 4
_CHECKED = 4
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})


class MistypedError(Exception):
    """What was typed is no recovery key: a character is wrong or missing."""


def new_recovery_key() -> str:
    """Return a new key: nine groups of four letters and digits, the last one a check."""
    return _written(secrets.token_bytes(_BYTES))


def _written(secret: bytes) -> str:
    letters = base64.b32encode(secret).decode()
    letters += base64.b32encode(hashlib.sha256(secret).digest()).decode()[:_CHECKED]
    return "-".join(letters[i : i + _GROUP] for i in range(0, len(letters), _GROUP))


def secret_in(typed: str) -> bytes:
    """Return the 20 bytes of a typed key; case, spaces and dashes do not matter, nor 0 for O.

    Raises:
        MistypedError: It is none.
    """
    letters = "".join(c for c in typed.upper().translate(_MISREAD) if c in _ALPHABET)
    try:
        secret = base64.b32decode(letters[:-_CHECKED])
    except ValueError as error:
        raise MistypedError("it is too short or too long") from error
    if len(secret) != _BYTES or _written(secret).replace("-", "") != letters:
        raise MistypedError("a character is wrong")
    return secret

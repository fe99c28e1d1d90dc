"""Bytes that nobody can read, change, cut or put in another's place without the key.

Chunks are sealed by AES-256-GCM in the STREAM construction: each chunk's nonce holds its number
and whether it is the last (Hoang, Reyhanitabar, Rogaway and Vizar, CRYPTO 2015, section 7).
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MAGIC = b"EDGESEAL1"
_SALT = 32
_CHUNK = 1024 * 1024
_TAG = 16
_NONCE = struct.Struct("!7xIB")  # one key a file, so the counter alone makes it unique


class SealBrokenError(Exception):
    """The bytes are cut, changed, of another place or of another key."""


def derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes of `key` for one purpose (HKDF with SHA-256, RFC 5869)."""
    return HKDF(SHA256(), 32, salt, purpose).derive(key)


def sealed(content: bytes, key: bytes, place: bytes) -> bytes:
    """Return `content` sealed for `place`: opened for another place, it is refused.

    Args:
        content: Anything; it grows by 57 bytes and 16 a MiB.
        key: 32 bytes.
        place: What the content is and where it belongs; kept nowhere.
    """
    salt = os.urandom(_SALT)
    cipher = AESGCM(derived(key, salt, place))
    view = memoryview(content)
    starts = range(0, len(content) or 1, _CHUNK)
    chunks = [
        cipher.encrypt(_NONCE.pack(number, start == starts[-1]), view[start : start + _CHUNK], None)
        for number, start in enumerate(starts)
    ]
    return b"".join([_MAGIC, salt, *chunks])


def opened(file: bytes, key: bytes, place: bytes) -> bytes:
    """Return what was sealed.

    Raises:
        SealBrokenError: It is not what was sealed for `place` with `key`.
    """
    start = len(_MAGIC) + _SALT
    if file[: len(_MAGIC)] != _MAGIC or len(file) < start + _TAG:
        raise SealBrokenError("it was not sealed by this program")
    cipher = AESGCM(derived(key, file[len(_MAGIC) : start], place))
    view = memoryview(file)[start:]
    places = range(0, len(view), _CHUNK + _TAG)
    try:
        return b"".join(
            cipher.decrypt(
                _NONCE.pack(number, at == places[-1]), view[at : at + _CHUNK + _TAG], None
            )
            for number, at in enumerate(places)
        )
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError("it is cut, changed, or sealed for something else") from error

"""The device's signature under what it says of itself: docs/decisions/0045."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_MARK = b"edge-app commissioning report 1\0"


class ReportKey:
    """An Ed25519 key (RFC 8032) that comes from the store's secret and is kept nowhere.

    Attributes:
        public: The half that everybody may have, in hexadecimal digits.
    """

    def __init__(self, seed: bytes) -> None:
        """Take 32 bytes that only whoever opens the store has."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def signature(self, content: bytes) -> str:
        """Return the signature under `content`, in hexadecimal digits."""
        return self._key.sign(_MARK + content).hex()


def is_signed(content: bytes, signature: str, public: str) -> bool:
    """Return whether the holder of the other half of `public` signed this very content."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), _MARK + content)
    except (InvalidSignature, ValueError):
        return False
    return True

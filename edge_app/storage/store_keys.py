"""The keys of one store, each for one purpose, all from one random secret."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from edge_app.storage.sealing import derived

SECRET = 32
_CHECK = b"edge-app store check 1"
_PURPOSES = (
    "database", "blobs", "names", "audit", "received", "pseudonyms", "badges", "reports",
)  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class StoreKeys:
    """What opens a store.

    Attributes:
        database: Encrypts the database.
        blobs: Seals images and what waits in the spool.
        names: Turns ids into names of files.
        audit: Begins the chain of the audit.
        received: Opens what devices seal for the store while nobody is logged in (X25519).
        pseudonyms: Draws the new numbers of what is exported de-identified.
        badges: Turns the text of a badge into what is kept of it.
        reports: Signs what the device says of itself (Ed25519).
    """

    database: bytes
    blobs: bytes
    names: bytes
    audit: bytes
    received: bytes
    pseudonyms: bytes
    badges: bytes
    reports: bytes

    @staticmethod
    def of(secret: bytes) -> "StoreKeys":
        """Return the keys of the store whose secret that is; 32 bytes."""
        return StoreKeys(*(derived(secret, b"", f"edge-app/1/{p}".encode()) for p in _PURPOSES))

    def file_name(self, identifier: str) -> str:
        """Return the name of an id's file, which says nothing to whoever lacks the key."""
        return hashlib.blake2b(identifier.encode(), key=self.names, digest_size=16).hexdigest()


def new_secret() -> bytes:
    """Return the random secret of a new store."""
    return secrets.token_bytes(SECRET)


def check_of(secret: bytes) -> bytes:
    """Return what tells the right secret from a wrong one, and nothing else of it."""
    return hmac.digest(secret, _CHECK, "sha256")

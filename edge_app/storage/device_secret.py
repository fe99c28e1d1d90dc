"""What this device alone knows: without it a copied disk cannot be opened by a passphrase."""

import os
import secrets
from pathlib import Path

from edge_app.durable import ensure_folder, write_whole
from edge_app.storage.key_slots import KeysDamagedError

_FILE = "device.secret"
_BYTES = 32


def new_device_secret(folder: Path) -> bytes:
    """Make and keep the device's secret; one that is there stays."""
    path = folder / _FILE
    if not path.exists():
        ensure_folder(folder)
        write_whole(path, secrets.token_bytes(_BYTES))
    return device_secret(folder)


def device_secret(folder: Path) -> bytes:
    """Return the device's secret.

    Raises:
        KeysDamagedError: It is missing or was cut; only the recovery key opens the store then.
    """
    path = folder / _FILE
    try:
        secret = path.read_bytes()
    except OSError:
        secret = b""
    if len(secret) != _BYTES:
        raise KeysDamagedError(
            "This device's own secret is missing or damaged, so no passphrase opens the studies.",
            "Run edge-app user recover with the recovery key.",
        )
    os.chmod(path, 0o600)  # noqa: PTH101  the same
    return secret

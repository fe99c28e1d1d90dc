"""What this device alone knows: without it a copied disk cannot be opened by a passphrase.

It lies in a file or, where there is a TPM 2, sealed by that. While the file is there it counts,
so that moving it into the TPM can be cut off anywhere.
"""

import hmac
import os
import secrets
from contextlib import suppress
from enum import Enum
from pathlib import Path

import msgspec

from edge_app.durable import ensure_folder, sync_folder, write_whole
from edge_app.storage.key_slots import KeysDamagedError
from edge_app.storage.tpm import SealedByTpm, Tpm, TpmRefusedError

PLAIN, SEALED, AUTH = "device.secret", "device.tpm", "device.auth"
_GOING = "device.secret.going"
_BYTES = 32
_RECOVER = "Run edge-app user recover with the recovery key."


class Place(Enum):
    """Where the secret lies."""

    NOWHERE = "nowhere"
    FILE = "file"
    TPM = "TPM"
    BOTH = "both"


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the TPM sealed, and a code by this store's own value for the TPM."""

    form: int
    sealed: SealedByTpm
    code: bytes


class DeviceSecret:
    """The secret of the device whose studies lie in one folder."""

    def __init__(self, folder: Path, tcti: str) -> None:
        """Take how the TPM is reached, empty where there is none; nothing is read yet."""
        self._folder = folder
        self._tpm = Tpm(tcti) if tcti else None
        self._seen: tuple[bytes, bytes] | None = None

    @property
    def place(self) -> Place:
        """Where it lies, whether or not it can be had."""
        is_sealed = (self._folder / SEALED).exists()
        if (self._folder / PLAIN).exists():
            return Place.BOTH if is_sealed else Place.FILE
        return Place.TPM if is_sealed else Place.NOWHERE

    def known(self) -> bytes:
        """Return the secret, of 32 bytes.

        Raises:
            KeysDamagedError: It is missing or damaged; only the recovery key opens the store then.
            TpmRefusedError: The TPM does not give it.
        """
        secret = _bytes_in(self._folder / PLAIN)
        if secret is None and (self._folder / SEALED).exists():
            secret = self._unsealed()
            with suppress(OSError):  # of a disk that cannot be written
                _wipe(self._folder / _GOING)  # where moving it was cut off
        if secret is None:
            raise KeysDamagedError(
                "This device's own secret is missing or damaged, so no passphrase opens the "
                "studies.",
                _RECOVER,
            )
        return secret

    def ensured(self) -> bytes:
        """Return the secret; where it cannot be had, make another one and keep it.

        Where the TPM does not take it, it is kept in a file: somebody waits to be let in.
        """
        try:
            return self.known()
        except (KeysDamagedError, TpmRefusedError):
            secret = secrets.token_bytes(_BYTES)
        ensure_folder(self._folder)
        try:
            self._seal(secret)
        except TpmRefusedError:
            write_whole(self._folder / PLAIN, secret)
            _remove(self._folder / SEALED)
        else:
            _remove(self._folder / PLAIN)  # it was damaged
        return secret

    def move_into_tpm(self) -> None:
        """Have the TPM seal the secret, compare, and only then remove the file with it.

        Raises:
            TpmRefusedError: The TPM does not take it, or gives something else back; the file is
                as it was.
            KeysDamagedError: There is no secret to move.
        """
        secret = self.known()
        if self.place is Place.TPM:
            return
        self._seal(secret)
        (self._folder / PLAIN).replace(self._folder / _GOING)  # half of it must never count
        sync_folder(self._folder)
        _wipe(self._folder / _GOING)

    def _seal(self, secret: bytes) -> None:
        """Return once the TPM's seal of `secret` is on the disk and opened to the same."""
        if self._tpm is None:
            raise TpmRefusedError("There is no TPM 2 here.", "Leave the secret in its file.")
        auth = _bytes_in(self._folder / AUTH)
        if auth is None:
            auth = secrets.token_bytes(_BYTES)
            write_whole(self._folder / AUTH, auth)
        sealed = self._tpm.sealed(secret, auth)
        if not hmac.compare_digest(self._tpm.opened(sealed, auth), secret):
            raise TpmRefusedError("The TPM gave something else back.", "Do not use this TPM.")
        record = _Record(1, sealed, _code(auth, sealed))
        write_whole(self._folder / SEALED, msgspec.json.encode(record))
        if not hmac.compare_digest(self._unsealed(), secret):
            raise TpmRefusedError("The sealed secret was not kept.", "Check the disk.")

    def _unsealed(self) -> bytes:
        """Return what the TPM opens; asked once for the same files, as it takes a second."""
        content = (self._folder / SEALED).read_bytes()
        auth = _bytes_in(self._folder / AUTH)
        if self._seen and self._seen[0] == content + (auth or b""):
            return self._seen[1]
        try:
            record = msgspec.json.decode(content, type=_Record)
        except msgspec.DecodeError:
            record = None
        # looked at here: the TPM would count a wrong value, and lock itself for every program
        if not (record and auth and hmac.compare_digest(record.code, _code(auth, record.sealed))):
            raise KeysDamagedError(
                "This device's own secret, sealed by its TPM, is damaged or of other studies.",
                _RECOVER,
            )
        if self._tpm is None:
            raise TpmRefusedError(
                "This device's own secret is sealed by a TPM, and there is none here.",
                "Look whether it is switched on in the machine's own settings; else run edge-app "
                "user recover with the recovery key.",
            )
        secret = self._tpm.opened(record.sealed, auth)
        self._seen = (content + auth, secret)
        return secret


def _code(auth: bytes, sealed: SealedByTpm) -> bytes:
    return hmac.digest(auth, msgspec.json.encode(sealed), "sha256")


def _bytes_in(path: Path) -> bytes | None:
    """Return the 32 bytes of a file that only its owner may read; None where it has none such."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with suppress(OSError):
        os.chmod(path, 0o600)  # noqa: PTH101  the same
    return content if len(content) == _BYTES else None


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _wipe(path: Path) -> None:
    """Overwrite a small file and remove it; what the disk itself still keeps of it is not known."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _remove(path)

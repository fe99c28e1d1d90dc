"""Files that anybody here may write and only the store's owner can read: sealed to a public key.

The shape is that of libsodium's sealed box (doc.libsodium.org, "Sealed boxes"): a key pair is made
for one file, and its secret half is thrown away with the writer. The parts are those of HPKE's base
mode (RFC 9180): X25519 (RFC 7748) of that pair with the store's public key, then HKDF with SHA-256
(RFC 5869) over the shared secret and both public keys, then AES-256-GCM. Chunks follow the STREAM
construction, as `edge_app.storage.sealing` has it: a nonce holds the chunk's number and whether it
is the last. It is no wire format of HPKE, and it does not say who wrote the file.
"""

import hashlib
import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_MAGIC = b"EDGEBOX1"
_HEAD = len(_MAGIC) + KEY_BYTES
_CHUNK = 64 << 10
_TAG = 16
_NONCE = struct.Struct("!7xIB")  # one key a file, so the counter alone makes it unique
_PURPOSE = b"edge-app/1/sealed box"


class BoxBrokenError(OSError):
    """The file is cut, changed, or sealed to another key."""


def public_of(private: bytes) -> bytes:
    """Return the public key of 32 secret bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _cipher(shared: bytes, once: bytes, public: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, once + public, _PURPOSE).derive(shared))


class SealedDraft:
    """A file that is sealed while it is written, so that no byte of it lies on the disk in clear.

    Attributes:
        path: Of the sealed file.
    """

    def __init__(self, path: Path, public: bytes) -> None:
        """Begin the file; raises OSError, and ValueError where `public` is no key."""
        once = X25519PrivateKey.generate()
        shared = once.exchange(X25519PublicKey.from_public_bytes(public))
        mark = once.public_key().public_bytes_raw()
        self.path = path
        self._cipher = _cipher(shared, mark, public)
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._number = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._put(_MAGIC + mark)

    def write(self, content: bytes) -> int:
        """Seal what is written as soon as a chunk is full; raises OSError."""
        self._waiting += content
        while len(self._waiting) > _CHUNK:
            self._seal(is_last=False)
        return len(content)

    def close(self) -> None:
        """Seal what is left and close the file; raises OSError."""
        if not self._file.closed:
            self._seal(is_last=True)
            self._file.close()

    @property
    def digest(self) -> str:
        """The SHA-256 of the sealed file, once it is closed."""
        return self._digest.hexdigest()

    def opened(self) -> BinaryIO:
        """Return what was written, to be read; for as long as the draft is in memory."""
        return _reader(self.path, self._cipher)

    def _seal(self, *, is_last: bool) -> None:
        nonce = _NONCE.pack(self._number, is_last)
        self._put(self._cipher.encrypt(nonce, bytes(self._waiting[:_CHUNK]), None))
        del self._waiting[:_CHUNK]
        self._number += 1

    def _put(self, sealed: bytes) -> None:
        self._digest.update(sealed)
        self._file.write(sealed)


def opened_box(path: Path, private: bytes) -> BinaryIO:
    """Return what a sealed file holds, to be read; a broken chunk is refused when it is reached.

    Raises:
        BoxBrokenError: It is no sealed file, or its first chunk cannot be opened by that key.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if len(head) < _HEAD or head[: len(_MAGIC)] != _MAGIC:
        raise BoxBrokenError("it is no sealed file")
    own, once = X25519PrivateKey.from_private_bytes(private), head[len(_MAGIC) :]
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(once))
    except ValueError as error:  # a point that gives everybody the same secret
        raise BoxBrokenError("it is no sealed file") from error
    file = _reader(path, _cipher(shared, once, public_of(private)))
    file.peek(1)
    return cast("BinaryIO", file)


@contextmanager
def in_memory(file: BinaryIO) -> Iterator[Path]:
    """Yield a path by which this process and nothing on a disk has the whole of `file`.

    Raises:
        BoxBrokenError: A chunk of it cannot be opened.
        OSError: There is no memory for it.
    """
    handle = os.memfd_create("received", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(handle), "wb") as clear:
            while content := file.read(_CHUNK):
                clear.write(content)
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def _reader(path: Path, cipher: AESGCM) -> io.BufferedReader:
    return io.BufferedReader(_Clear(path, cipher), _CHUNK)


class _Clear(io.RawIOBase):
    """The content of a sealed file; reads from anywhere, a chunk at a time."""

    def __init__(self, path: Path, cipher: AESGCM) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._cipher = cipher
        sealed = os.fstat(self._file.fileno()).st_size - _HEAD
        self._chunks = -(-sealed // (_CHUNK + _TAG))
        self._size = sealed - _TAG * self._chunks
        if self._chunks < 1 or self._size < 0:
            self._file.close()
            raise BoxBrokenError("it is cut off")
        self._at = 0
        self._kept = -1, b""

    @property
    def name(self) -> str:
        return str(self._file.name)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, to: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, begin + to)
        return self._at

    def readinto(self, room: "memoryview") -> int:  # type: ignore[override]  # BufferedReader's
        number, start = divmod(min(self._at, self._size), _CHUNK)
        if number >= self._chunks:
            return 0
        found = self._chunk(number)[start : start + len(room)]
        room[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _chunk(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._file.seek(_HEAD + number * (_CHUNK + _TAG))
            sealed = self._file.read(_CHUNK + _TAG)
            nonce = _NONCE.pack(number, number == self._chunks - 1)
            try:
                self._kept = number, self._cipher.decrypt(nonce, sealed, None)
            except (InvalidTag, ValueError) as error:
                raise BoxBrokenError("it is changed, or sealed to another key") from error
        return self._kept[1]

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

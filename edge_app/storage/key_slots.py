"""Who can open the store: its secret, sealed once for each of them."""

import hashlib
import hmac
import os
import time
import unicodedata
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw

from edge_app.domain.error import EdgeAppError
from edge_app.durable import ensure_folder, write_whole
from edge_app.storage.recovery_key import (
    EMERGENCY_BYTES,
    RECOVERY_BYTES,
    MistypedError,
    new_paper_key,
    secret_in,
)
from edge_app.storage.sealing import SealBrokenError, derived, opened, sealed
from edge_app.storage.store_keys import SECRET, check_of, new_secret

SLOTS_FILES = ("keys.json", "keys.copy.json")  # a spoilt sector costs one of the two
LEAST_PASSPHRASE = 12
_RECOVERY, _EMERGENCY = "", "\0emergency"  # names that no account can have
_ON_PAPER = {_RECOVERY: RECOVERY_BYTES, _EMERGENCY: EMERGENCY_BYTES}
_MEMORY_KIB = 64 * 1024
_LEAST_PASSES = 3
_LANES = 2
_WANTED_S = 0.3
_MOST_PASSES = 24
_SALT = 16
_FORM = 1
_RESTORE = "Restore keys.json from the backup."


class LockedError(EdgeAppError):
    """The store is locked, and what was given does not open it."""

    code = "KEY-001"
    safe = "Nothing was changed; the studies are there, encrypted."


class NotSetUpError(LockedError):
    """Nobody can log in, as nobody has set the device up; so there is nothing to open either."""

    code = "KEY-010"
    safe = "Nothing was changed; there are no studies here yet."


class KeysDamagedError(EdgeAppError):
    """The file with the keys is missing or damaged; both copies of it."""

    code = "KEY-002"
    safe = "The studies are on the disk, encrypted; without the keys nobody can read them."


class WeakPassphraseError(EdgeAppError):
    """The passphrase is too easily guessed."""

    code = "KEY-003"
    safe = "Nothing was changed."


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one guess costs: Argon2id, RFC 9106."""

    memory_kib: int
    passes: int
    lanes: int

    @property
    def is_enough(self) -> bool:
        """Whether it is at least what this program ever asks for: 64 MiB and three passes."""
        return self.memory_kib >= _MEMORY_KIB and self.passes >= _LEAST_PASSES

    def seconds(self) -> float:
        """Return how long one guess takes on this machine; it is made once."""
        started = time.perf_counter()
        _stretched(b"x" * LEAST_PASSPHRASE, bytes(_SALT), self)
        return time.perf_counter() - started


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to open the store; of those on paper the name is no account's."""

    name: str
    salt: bytes
    cost: Cost
    sealed: bytes


class Slots(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All ways to open one store, and how to tell its secret."""

    form: int
    check: bytes
    slots: tuple[Slot, ...]


def measured_cost() -> Cost:
    """Return a cost that takes this machine about 0.3 s a guess, and never less than the floor."""
    started = time.perf_counter()
    _stretched(b"x" * LEAST_PASSPHRASE, bytes(_SALT), Cost(_MEMORY_KIB, _LEAST_PASSES, _LANES))
    a_pass_s = (time.perf_counter() - started) / _LEAST_PASSES
    passes = min(_MOST_PASSES, max(_LEAST_PASSES, round(_WANTED_S / a_pass_s)))
    return Cost(_MEMORY_KIB, passes, _LANES)


def _stretched(passphrase: bytes, salt: bytes, cost: Cost) -> bytes:
    return hash_secret_raw(passphrase, salt, cost.passes, cost.memory_kib, cost.lanes, 32, Type.ID)


def _words(passphrase: str) -> bytes:
    """Return the bytes of a passphrase, the same on every keyboard that writes these letters."""
    return unicodedata.normalize("NFKC", passphrase).encode()


def refuse_weak(passphrase: str) -> None:
    """Refuse a passphrase of fewer than twelve characters, or of hardly more than one.

    Raises:
        WeakPassphraseError: It is.
    """
    if len(passphrase) < LEAST_PASSPHRASE or len(set(passphrase)) < LEAST_PASSPHRASE // 3:
        raise WeakPassphraseError(
            f"The passphrase is too easily guessed: it needs {LEAST_PASSPHRASE} characters.",
            "Take four words that do not belong together.",
        )


class KeySlots:
    """The slots of the store in one folder. Each change is on the disk when its method returns.

    A member of staff opens the store with a passphrase and this device's own secret together, so
    that a copied disk is worth nothing without the device. What is on paper needs no device: the
    recovery key, and the emergency code.
    """

    def __init__(self, folder: Path, device_secret: bytes) -> None:
        """Take the device's own secret of 32 bytes; nothing is read yet."""
        self._folder = folder
        self._device_secret = device_secret

    @property
    def is_set_up(self) -> bool:
        """Whether somebody can open a store here."""
        return any((self._folder / name).exists() for name in SLOTS_FILES)

    def names(self) -> tuple[str, ...]:
        """Return who has a passphrase."""
        return tuple(s.name for s in self._read().slots if s.name not in _ON_PAPER)

    def least_cost(self) -> Cost:
        """Return what a guess at the cheapest slot costs; raises as `opened`."""
        return min(
            (slot.cost for slot in self._read().slots), key=lambda c: c.memory_kib * c.passes
        )

    def set_up(self, name: str, passphrase: str) -> tuple[bytes, str]:
        """Make the secret of a new store; return it, and the recovery key to print.

        Raises:
            WeakPassphraseError: It is too easily guessed; nothing was made.
            LockedError: Somebody set it up before.
        """
        refuse_weak(passphrase)
        self.refuse_second_set_up()
        secret, recovery_key = new_secret(), new_paper_key()
        cost = measured_cost()
        slots = (
            self._slot(_RECOVERY, secret_in(recovery_key), secret, cost),
            self._slot(name, _words(passphrase), secret, cost),
        )
        ensure_folder(self._folder)
        self._write(Slots(_FORM, check_of(secret), slots))
        return secret, recovery_key

    def refuse_second_set_up(self) -> None:
        """Raise LockedError where somebody set it up before."""
        if self.is_set_up:
            raise LockedError("This device was set up before.", "Log in.")

    def opened(self, name: str, passphrase: str) -> bytes:
        """Return the store's secret.

        Raises:
            LockedError: There is no such name, or it is not its passphrase.
            KeysDamagedError: The slots cannot be read.
        """
        slots = self._read()
        for slot in slots.slots:
            if slot.name == name and name not in _ON_PAPER:
                return self._secret(slots, slot, _words(passphrase), "This is not the passphrase.")
        raise LockedError("Nobody of that name can open the studies here.", "Check the name.")

    def opened_by_recovery_key(self, typed: str) -> bytes:
        """Return the store's secret; raises as `opened`."""
        return self._opened_by_paper(_RECOVERY, "recovery key", typed)

    @property
    def has_emergency_code(self) -> bool:
        """Whether there is an emergency code that was not used; raises as `opened`."""
        return any(s.name == _EMERGENCY for s in self._read().slots)

    def opened_by_emergency_code(self, typed: str) -> bytes:
        """Return the store's secret; the code is not spent by it. Raises likewise."""
        return self._opened_by_paper(_EMERGENCY, "emergency code", typed)

    def _opened_by_paper(self, name: str, called: str, typed: str) -> bytes:
        slots = self._read()
        try:
            secret = secret_in(typed, _ON_PAPER[name])
        except MistypedError as error:
            raise LockedError(
                f"This is no {called}: {error}.", "Compare it with the paper, group by group."
            ) from error
        slot = next((s for s in slots.slots if s.name == name), None)
        if slot is None:
            raise LockedError(f"There is no {called} for these studies.", "Log in.")
        return self._secret(slots, slot, secret, f"It is another {called}.")

    def give(self, secret: bytes, name: str, passphrase: str) -> None:
        """Let `name` open the store with `passphrase`, and with no other one before it.

        Raises:
            WeakPassphraseError: It is too easily guessed; nothing was changed.
        """
        refuse_weak(passphrase)
        self._put(secret, self._slot(name, _words(passphrase), secret, measured_cost()))

    def give_recovery_key(self, secret: bytes) -> str:
        """Return a new recovery key to print; the one before opens nothing any more."""
        return self._give_paper(secret, _RECOVERY)

    def give_emergency_code(self, secret: bytes) -> str:
        """Return a new emergency code to print; the one before opens nothing any more."""
        return self._give_paper(secret, _EMERGENCY)

    def _give_paper(self, secret: bytes, name: str) -> str:
        key = new_paper_key(_ON_PAPER[name])
        words = secret_in(key, _ON_PAPER[name])
        self._put(secret, self._slot(name, words, secret, measured_cost()))
        return key

    def take_back(self, name: str) -> None:
        """Let `name` open the store no more; what is on paper stays."""
        if name not in _ON_PAPER:
            self._remove(name)

    def spend_emergency_code(self) -> None:
        """Let the emergency code open the store no more."""
        self._remove(_EMERGENCY)

    def _remove(self, name: str) -> None:
        slots = self._read()
        left = tuple(s for s in slots.slots if s.name != name)
        self._write(Slots(slots.form, slots.check, left))

    def _put(self, secret: bytes, slot: Slot) -> None:
        slots = self._read()
        if not hmac.compare_digest(slots.check, check_of(secret)):
            raise LockedError("That is the secret of another store.", "Log in again.")
        others = tuple(s for s in slots.slots if s.name != slot.name)
        self._write(Slots(slots.form, slots.check, (*others, slot)))

    def _slot(self, name: str, words: bytes, secret: bytes, cost: Cost) -> Slot:
        salt = os.urandom(_SALT)
        key = self._key(name, words, salt, cost)
        return Slot(name, salt, cost, sealed(secret, key, _place(name)))

    def _key(self, name: str, words: bytes, salt: bytes, cost: Cost) -> bytes:
        device = b"" if name in _ON_PAPER else self._device_secret
        return derived(_stretched(words, salt, cost), device, b"edge-app/1/slot")

    def _secret(self, slots: Slots, slot: Slot, words: bytes, wrong: str) -> bytes:
        key = self._key(slot.name, words, slot.salt, slot.cost)
        try:
            secret = opened(slot.sealed, key, _place(slot.name))
        except SealBrokenError as error:
            raise LockedError(wrong, "Try again, or use the recovery key.") from error
        if len(secret) != SECRET or not hmac.compare_digest(slots.check, check_of(secret)):
            raise KeysDamagedError("A key does not belong to these studies.", _RESTORE)
        return secret

    def _read(self) -> Slots:
        for name in SLOTS_FILES:
            slots = _slots_in(self._folder / name)
            if slots:
                return slots
        if not self.is_set_up:
            raise NotSetUpError("This device was not set up yet.", "Run edge-app user setup NAME.")
        raise KeysDamagedError("The file with the keys is damaged, and so is its copy.", _RESTORE)

    def _write(self, slots: Slots) -> None:
        content = msgspec.json.encode(slots)
        whole = _checksum(content) + b"\n" + content
        for name in SLOTS_FILES:
            write_whole(self._folder / name, whole)


def _place(name: str) -> bytes:
    return b"slot\0" + name.encode()


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _slots_in(path: Path) -> Slots | None:
    """Return the slots of one file, or None where it is missing or spoilt."""
    try:
        checksum, _, content = path.read_bytes().partition(b"\n")
        slots = msgspec.json.decode(content, type=Slots)
    except (OSError, msgspec.DecodeError):
        return None
    is_whole = checksum == _checksum(content)
    return slots if is_whole and slots.form == _FORM else None

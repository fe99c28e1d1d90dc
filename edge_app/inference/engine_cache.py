"""What providers compile for this machine: kept, and never loaded if anybody touched it."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from edge_app.durable import ensure_folder, write_whole
from edge_app.inference.providers import Tuning, provider_named

_SEAL = "seal.json"


class _Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The SHA-256 of each file that the provider left."""

    files: dict[str, str]


class EngineCache:
    """Compiled engines below one folder, each under a key of all that it was compiled from.

    An engine is made on this machine or not at all: nothing is ever imported here.
    """

    def __init__(self, root: Path, machine: str) -> None:
        """Keep engines in `root`; `machine` names driver, runtime and processor."""
        self._root = root
        self._machine = machine

    def key(self, model_sha256: str, provider: str, tuning: Tuning) -> str:
        """Return the folder's name: another model, provider, tuning or driver has another one."""
        known = provider_named(provider)
        taken = sorted(known.takes) if known else []  # what it does not take changes no engine
        options = ", ".join(f"{name}={getattr(tuning, name)}" for name in taken)
        said = "\n".join((model_sha256, provider, self._machine, options))
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @contextmanager
    def folder(self, model_sha256: str, provider: str, tuning: Tuning) -> Iterator[Path]:
        """Yield the folder to compile into or load from, and seal what lies there afterwards.

        A folder that is not as it was sealed is emptied first, so the engine is built anew.
        """
        place = self._root / self.key(model_sha256, provider, tuning)
        if place.exists() and not self._is_sound(place):
            shutil.rmtree(place)
        ensure_folder(place)
        yield place
        seal = _Seal(_hashes(place))
        if seal != self._sealed(place):
            write_whole(place / _SEAL, msgspec.json.encode(seal))

    def holds(self, model_sha256: str, provider: str, tuning: Tuning) -> bool:
        """Return whether something compiled lies there, as it was sealed."""
        place = self._root / self.key(model_sha256, provider, tuning)
        seal = self._sealed(place)
        return bool(seal and seal.files) and self._is_sound(place)

    def _sealed(self, place: Path) -> _Seal | None:
        try:
            return msgspec.json.decode((place / _SEAL).read_bytes(), type=_Seal)
        except (OSError, msgspec.DecodeError):
            return None

    def _is_sound(self, place: Path) -> bool:
        if any(p.is_symlink() for p in place.rglob("*")):
            return False
        seal = self._sealed(place)
        return seal is not None and seal.files == _hashes(place)


def _hashes(place: Path) -> dict[str, str]:
    files = sorted(p for p in place.rglob("*") if p.is_file() and p.name != _SEAL)
    return {str(p.relative_to(place)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

"""Where things are; read once by `compose` and handed on."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs

_Schema = TypeVar("_Schema")
_MOST_BYTES = 64 * 1024
_MODELS = Path(__file__).resolve().parent.parent / "models"
_PACKAGES = _MODELS / "onnx"
_TPM = Path("/dev/tpmrm0")


@dataclass(frozen=True, slots=True)
class Settings:
    """One run's settings.

    Attributes:
        data_dir: Holds the store; never inside the checkout by default.
        packages_dir: Holds one folder a detector.
        site_file: The site's settings where they were named; else `site.toml` in `data_dir`.
        text_finder_dir: Holds what finds text in pictures.
        tpm: How tpm2-tools reaches this machine's TPM 2; empty where there is none.
    """

    data_dir: Path
    packages_dir: Path
    site_file: Path | None = None
    text_finder_dir: Path = _MODELS / "text-finder"
    tpm: str = ""

    @property
    def selftests_dir(self) -> Path:
        """Where the self-tests of this machine's detectors lie."""
        return self.data_dir / "selftests"

    @property
    def devices_file(self) -> Path:
        """Where a technician wrote which devices stand at this site; there may be none."""
        return self.data_dir / "devices.toml"

    @property
    def retention_file(self) -> Path:
        """Where the site wrote how long studies are kept; there may be none."""
        return self.data_dir / "retention.toml"

    @property
    def engines_dir(self) -> Path:
        """Where providers keep what they compiled for this machine."""
        return self.data_dir / "engines"


def settings_from(
    data_dir: Path | None, packages_dir: Path | None = None, site_file: Path | None = None
) -> Settings:
    """Return the settings: what was given, else the environment, else the platform's place.

    The environment's names are EDGE_APP_DATA_DIR, EDGE_APP_PACKAGES_DIR, EDGE_APP_SITE and
    EDGE_APP_TPM (empty: none is used).
    """
    named = data_dir or os.environ.get("EDGE_APP_DATA_DIR")
    where = Path(named) if named else Path(platformdirs.user_data_dir("edge-app", appauthor=False))
    packages = packages_dir or Path(os.environ.get("EDGE_APP_PACKAGES_DIR") or _PACKAGES)
    site = site_file or os.environ.get("EDGE_APP_SITE")
    return Settings(where, packages, Path(site) if site else None, tpm=_tpm())


def _tpm() -> str:
    named = os.environ.get("EDGE_APP_TPM")
    if named is not None:
        return named
    return f"device:{_TPM}" if _TPM.is_char_device() else ""


def settings_in(path: Path, schema: type[_Schema], refused: Callable[[str], Exception]) -> _Schema:
    """Return what a TOML file of at most 64 KB says; raises what `refused` makes of the reason."""
    if not path.is_file():  # opening a pipe would wait for ever
        raise refused("there is no such file")
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise refused((error.strerror or "it cannot be read").lower()) from error
    if len(content) > _MOST_BYTES:
        raise refused(f"it is larger than {_MOST_BYTES // 1024} KB")
    try:
        return msgspec.toml.decode(content, type=schema)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refused(str(error)) from error

"""What a technician fixed for providers in the site's settings file: docs/how-to/tune-a-site.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from edge_app.domain.error import SettingsRefusedError
from edge_app.inference.package_files import shown
from edge_app.inference.providers import PROVIDERS, Tuning, provider_named
from edge_app.languages.catalogue import codes
from edge_app.languages.choice import tongue_from
from edge_app.settings import Settings, settings_in

_Value = TypeVar("_Value")
_DEFAULT_NAME = "site.toml"
_REMEDY = "Correct the file, or take it away: every provider then runs with its defaults."


class Fixed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The options of one provider that the site fixes; None leaves one to the program.

    Each is the field of `Tuning` with the same name.
    """

    device_id: Annotated[int, msgspec.Meta(ge=0, le=63)] | None = None
    fp16: bool | None = None
    int8: bool | None = None
    workspace_mb: Annotated[int, msgspec.Meta(ge=64, le=65_536)] | None = None
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None
    spinning: bool | None = None

    def options(self) -> dict[str, int | bool]:
        """Return what is fixed, by name."""
        every = msgspec.structs.asdict(self)
        return {name: value for name, value in every.items() if value is not None}


class SiteTuning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The site's settings: of providers, by our names of them, and the window's language.

    Attributes:
        providers: What is fixed for each.
        language: What the window speaks where nobody chose; empty for the system's.
    """

    providers: Mapping[str, Fixed] = {}
    language: str = ""

    def applied(self, provider: str, tuning: Tuning) -> Tuning:
        """Return `tuning` with what the site fixes for `provider` in its place."""
        fixed = self.providers.get(provider, Fixed())
        return Tuning(
            device_id=_either(fixed.device_id, tuning.device_id),
            fp16=_either(fixed.fp16, tuning.fp16),
            int8=_either(fixed.int8, tuning.int8),
            workspace_mb=_either(fixed.workspace_mb, tuning.workspace_mb),
            threads=_either(fixed.threads, tuning.threads),
            spinning=_either(fixed.spinning, tuning.spinning),
        )

    @property
    def words(self) -> str:
        """The whole in one line, the same for the same settings; empty where nothing is fixed."""
        return "; ".join(
            f"{name}: " + ", ".join(_said(k, v) for k, v in sorted(fixed.options().items()))
            for name, fixed in sorted(self.providers.items())
        )


def _either(fixed: _Value | None, usual: _Value) -> _Value:
    return usual if fixed is None else fixed


def _said(name: str, value: int) -> str:
    said = ("off", "on")[value] if isinstance(value, bool) else str(value)
    return f"{name} {said}"


def site_tuning(settings: Settings) -> SiteTuning:
    """Return what the site fixes; nothing where there is no file and none was named.

    Raises:
        SettingsRefusedError: The file is missing, is not valid, or names what may not be set.
    """
    path = settings.site_file or settings.data_dir / _DEFAULT_NAME
    if settings.site_file is None and not path.exists():
        return SiteTuning()
    found = settings_in(path, SiteTuning, lambda why: _refused(path, shown(why)))
    if found.language and tongue_from(found.language) is None:
        raise _refused(path, f"there is no language {shown(found.language)} ({', '.join(codes())})")
    for name, fixed in found.providers.items():
        _ensure_allowed(path, name, fixed)
    return found


def _ensure_allowed(path: Path, name: str, fixed: Fixed) -> None:
    provider = provider_named(name)
    if provider is None:
        known = ", ".join(p.name for p in PROVIDERS)
        raise _refused(path, f"{shown(name)} is not on the list of allowed providers ({known})")
    useless = sorted(fixed.options().keys() - provider.takes)
    if useless:
        takes = ", ".join(sorted(provider.takes)) or "nothing"
        raise _refused(path, f"{name} does not take {', '.join(useless)}; it takes {takes}")


def _refused(path: Path, why: str) -> SettingsRefusedError:
    name = shown(path.name)
    return SettingsRefusedError(f"The site's settings {name} are not used: {why}.", _REMEDY)

"""Which devices stand at this site, and which drivers of others may run: `devices.toml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from edge_app.domain.error import SettingsRefusedError
from edge_app.inference.package_files import shown
from edge_app.settings import Settings, settings_in

_REMEDY = "Correct the file, or take it away and name the devices with --device."
_PROFILE = ".toml"
SPACE = "Space"
_SHUTTERS = frozenset(
    {SPACE, "Insert", "Pause", "PgUp", "PgDown", *(f"F{n}" for n in range(1, 25))}
)
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    devices: tuple[_Name, ...] = ()
    drivers: tuple[_Name, ...] = ()
    shutter: tuple[_Name, ...] = (SPACE,)
    wedge: Annotated[str, msgspec.Meta(max_length=32)] = ""
    badge_alone_min: Annotated[int, msgspec.Meta(ge=0, le=720)] = 0


@dataclass(frozen=True, slots=True)
class SiteDevices:
    """The site's devices.

    Attributes:
        names: "KIND:PLACE" or "PROFILE.toml:PLACE", in the order in which the kiosk offers them.
        drivers: Kinds whose driver came with a package of somebody else and may run here.
        shutter: The keys that take a picture: the space bar, or what a foot pedal or a button on a
            handpiece sends.
        wedge: What a bar-code scanner types before each code, such as "]C1"; it is left out.
        badge_alone_min: For how many minutes after a PIN or passphrase was typed a badge that this
            program drew brings back without one; 0: never.
    """

    names: tuple[str, ...] = ()
    drivers: frozenset[str] = frozenset()
    shutter: tuple[str, ...] = (SPACE,)
    wedge: str = ""
    badge_alone_min: int = 0


NO_SITE = SiteDevices()


def site_devices(settings: Settings) -> SiteDevices:
    """Return what `devices.toml` in the data folder says; nothing where there is no such file.

    A profile's path that is not absolute counts from the file's folder.

    Raises:
        SettingsRefusedError: The file is not valid.
    """
    path = settings.devices_file
    if not path.exists():
        return NO_SITE
    found = settings_in(path, _Written, _refused)
    names = tuple(_from_folder(name, path.parent) for name in found.devices)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _refused(f"it names {twice[0]} twice")
    unknown = sorted(set(found.shutter) - _SHUTTERS)
    if unknown:
        raise _refused(f"no shutter is {unknown[0]!r}: take {', '.join(sorted(_SHUTTERS))}")
    drivers, alone_min = frozenset(found.drivers), found.badge_alone_min
    return SiteDevices(names, drivers, found.shutter, found.wedge, alone_min)


def known_devices(settings: Settings) -> SiteDevices:
    """Return what `site_devices` does; as if there were no file where it is not valid."""
    try:
        return site_devices(settings)
    except SettingsRefusedError:
        return NO_SITE


def _from_folder(name: str, folder: Path) -> str:
    profile, colon, place = name.partition(_PROFILE + ":")
    return f"{folder / (profile + _PROFILE)}:{place}" if colon else name


def _refused(why: str) -> SettingsRefusedError:
    what = f"The site's devices (devices.toml) are not used: {shown(why)}."
    return SettingsRefusedError(what, _REMEDY)

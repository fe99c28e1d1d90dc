"""Every setting of this machine, its site and whoever is in, each with where it comes from."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from edge_app.compose.open_store import OpenStore
from edge_app.compose.retention import retention_rule
from edge_app.compose.site_devices import NO_SITE, site_devices
from edge_app.compose.site_printers import printers_in
from edge_app.compose.tongue import tongue_for
from edge_app.compose.upkeep import upkeep_wishes
from edge_app.domain.error import SettingsRefusedError
from edge_app.domain.setting import Key, Origin, Scope, Setting
from edge_app.inference.site_tuning import site_tuning
from edge_app.languages.choice import kept_choice, tongue_from
from edge_app.settings import Settings

_DEVICES, _SITE, _UPKEEP = "devices.toml", "site.toml", "upkeep.toml"
_Said = Callable[[], str]


def shown_settings(settings: Settings, store: OpenStore) -> Sequence[Setting]:
    """Return every setting as it is now; nothing of a patient and no secret."""
    return [*_of_device(settings), *_of_site(settings), *_of_person(store)]


def _of_device(settings: Settings) -> Iterator[Setting]:
    yield _language(settings)
    for key, value, variable in (
        (Key.DATA, str(settings.data_dir), "EDGE_APP_DATA_DIR"),
        (Key.PACKAGES, str(settings.packages_dir), "EDGE_APP_PACKAGES_DIR"),
        (Key.TPM, settings.tpm, "EDGE_APP_TPM"),
    ):
        is_named = variable in os.environ
        origin = Origin.ENVIRONMENT if is_named else Origin.BUILT_IN
        yield Setting(Scope.DEVICE, key, value, origin, variable if is_named else "")


def _language(settings: Settings) -> Setting:
    try:
        name = tongue_for(settings).catalogue.own_name
        site = site_tuning(settings).language
    except SettingsRefusedError as error:
        where = _site_name(settings)
        return Setting(Scope.DEVICE, Key.LANGUAGE, "", Origin.FILE, where, error.what)
    if tongue_from(kept_choice(settings.data_dir)):
        return Setting(Scope.DEVICE, Key.LANGUAGE, name, Origin.CHOSEN)
    if tongue_from(site):
        return Setting(Scope.DEVICE, Key.LANGUAGE, name, Origin.FILE, _site_name(settings))
    return Setting(Scope.DEVICE, Key.LANGUAGE, name, Origin.SYSTEM)


def _site_name(settings: Settings) -> str:
    return settings.site_file.name if settings.site_file else _SITE


def _of_site(settings: Settings) -> Iterator[Setting]:
    folder = settings.data_dir
    tuning = settings.site_file or folder / _SITE
    yield _in_file(Key.PROVIDERS, tuning, lambda: site_tuning(settings).words)
    devices = settings.devices_file
    for key, said in (
        (Key.DEVICES, lambda: ", ".join(map(_name_only, site_devices(settings).names))),
        (Key.DRIVERS, lambda: ", ".join(sorted(site_devices(settings).drivers))),
        (Key.SHUTTER, lambda: ", ".join(site_devices(settings).shutter)),
        (Key.WEDGE, lambda: site_devices(settings).wedge),
        (Key.BADGE_ALONE, lambda: str(site_devices(settings).badge_alone_min)),
    ):
        yield _in_file(key, devices, said, _USUAL.get(key, ""))
    yield _in_file(Key.PRINTERS, folder / "printers.toml", lambda: ", ".join(printers_in(folder)))
    rule = settings.retention_file
    yield _in_file(Key.RETENTION, rule, lambda: str(retention_rule(settings).days or ""))
    yield _in_file(Key.BACKUP, folder / _UPKEEP, lambda: upkeep_wishes(settings).backup_to)


_USUAL = {
    Key.SHUTTER: ", ".join(NO_SITE.shutter),
    Key.BADGE_ALONE: str(NO_SITE.badge_alone_min),
}


def _name_only(device: str) -> str:
    """Return a device's kind or profile; its place may hold an address with a password."""
    return Path(device.partition(":")[0]).name


def _in_file(key: Key, file: Path, said: _Said, usual: str = "") -> Setting:
    try:
        value = said()
    except SettingsRefusedError as error:
        return Setting(Scope.SITE, key, "", Origin.FILE, file.name, error.what)
    if not file.exists() or value == usual:
        return Setting(Scope.SITE, key, value, Origin.BUILT_IN)
    return Setting(Scope.SITE, key, value, Origin.FILE, file.name)


def _of_person(store: OpenStore) -> Iterator[Setting]:
    yield Setting(Scope.PERSON, Key.ROLES, ", ".join(store.roles), Origin.ACCOUNT)
    yield Setting(Scope.PERSON, Key.PIN, "*" if store.has_pin else "", Origin.ACCOUNT)

"""Which printers the site has: `printers.toml` in the data folder."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from edge_app.domain.error import SettingsRefusedError
from edge_app.exchange.ipp_printer import PLAIN, SECURE, PrinterPeer
from edge_app.inference.package_files import shown
from edge_app.settings import settings_in

_REMEDY = "Correct the file, or take it away: then nothing is printed."
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Uri = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
_Fingerprint = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]


class _Printer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: _Name
    uri: _Uri
    fingerprint: _Fingerprint = ""
    plain: bool = False


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    printer: tuple[_Printer, ...] = ()


def printers_in(folder: Path) -> Mapping[str, PrinterPeer]:
    """Return the site's printers by name, in their order; none where there is no such file.

    Raises:
        SettingsRefusedError: The file is not valid, or a report would cross the network in clear
            without the site having said that it may.
    """
    path = folder / "printers.toml"
    if not path.exists():
        return {}
    found = settings_in(path, _Written, _refused).printer
    for printer in found:
        _ensure_sound(printer)
    if len({printer.name for printer in found}) < len(found):
        raise _refused("two printers have one name")
    return {p.name: PrinterPeer(p.name, p.uri, p.fingerprint) for p in found}


def known_printers(folder: Path) -> Mapping[str, PrinterPeer]:
    """Return what `printers_in` does; none where the file is not valid, which the doctor tells."""
    try:
        return printers_in(folder)
    except SettingsRefusedError:
        return {}


def _ensure_sound(printer: _Printer) -> None:
    try:
        parts = urlsplit(printer.uri)
        is_whole = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme not in (PLAIN, SECURE):
        raise _refused(f"{printer.uri} is no address of a printer: ipp://HOST/PATH or ipps://")
    if parts.scheme == SECURE and not printer.fingerprint:
        raise _refused(f"{printer.name} needs the fingerprint of its certificate")
    if parts.scheme == PLAIN and not printer.plain and not _is_here(parts.hostname or ""):
        raise _refused(
            f"reports to {printer.name} would cross the network in clear: use ipps://, or say "
            "plain = true"
        )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _refused(why: str) -> SettingsRefusedError:
    return SettingsRefusedError(f"The site's printers are not used: {shown(why)}.", _REMEDY)

"""Drivers that come with packages of somebody else: only what the site allows by name is run."""

from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from edge_app.domain.error import ScannerUnavailableError
from hardware.lent import Builder

GROUP = "edge_app.drivers"
"""The group of entry points: the name is the kind of device, the object a `Builder`."""


@dataclass(frozen=True, slots=True)
class ForeignDriver:
    """A driver that is installed with a package of somebody else; nothing of it was run.

    Attributes:
        package: The package and its version.
    """

    kind: str
    package: str


def foreign_drivers() -> list[ForeignDriver]:
    """Return every driver that is installed so, allowed or not, by kind."""
    found = [ForeignDriver(e.name, _package(e)) for e in entry_points(group=GROUP)]
    return sorted(found, key=lambda driver: (driver.kind, driver.package))


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown package"


def third_party_driver(kind: str, allowed: Collection[str]) -> Builder | None:
    """Return the builder of that kind, or None where no package brings one.

    Raises:
        ScannerUnavailableError: The site does not allow it, two packages bring it, or it cannot
            be loaded.
    """
    found = list(entry_points(group=GROUP, name=kind))
    if not found:
        return None
    packages = ", ".join(sorted(_package(entry) for entry in found))
    if kind not in allowed:
        what = f"The driver {kind!r} of {packages} is not allowed at this site."
        raise ScannerUnavailableError(what, "Have a technician add it to devices.toml.")
    if len(found) > 1:
        what = f"More than one package brings a driver {kind!r}: {packages}."
        raise ScannerUnavailableError(what, "Remove all but one of them.")
    try:
        builder: Builder = found[0].load()
    except (ImportError, AttributeError, SyntaxError) as error:
        what = f"The driver {kind!r} of {packages} cannot be loaded: {error}."
        raise ScannerUnavailableError(what, "Install the package again.") from error
    return builder

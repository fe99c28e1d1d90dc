"""What is inside this program, and whom it may meet, for the page that says so."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.metadata import PackageMetadata, distributions
from urllib.parse import urlsplit, urlunsplit

from edge_app import __version__
from edge_app.compose.devices import profile_and_place
from edge_app.compose.open_sockets import open_sockets
from edge_app.compose.site_devices import site_devices
from edge_app.compose.site_printers import known_printers
from edge_app.domain.about import DetectorCard, OpenSocket, Part, Peer
from edge_app.domain.error import EdgeAppError
from edge_app.inference.package import card_of, load_package, packages_in
from edge_app.settings import Settings

_MOST_LICENCE = 80
_BY_NETWORK = ("dicom", "genicam", "gstreamer", "sane")
_CLASSIFIER = "License :: "


class ProgramAbout:
    """Answers `About`; it tells of no patient, so that everybody who is in may see it."""

    version = __version__

    def __init__(self, settings: Settings, devices: Sequence[str]) -> None:
        """Take the devices that the command line named, besides the site's."""
        self._settings, self._devices = settings, devices

    def parts(self) -> Sequence[Part]:
        """Return every library that is installed with it, by name."""
        found = {
            d.metadata["Name"]: Part(d.metadata["Name"], d.version, licence_of(d.metadata))
            for d in distributions()
        }
        return sorted(found.values(), key=lambda part: part.name.lower())

    def detectors(self) -> Sequence[DetectorCard]:
        """Return every detector whose package is sound."""
        return list(self._detectors())

    def _detectors(self) -> Iterator[DetectorCard]:
        for folder in packages_in(self._settings.packages_dir):
            with suppress(EdgeAppError):
                said = load_package(folder).manifest
                yield DetectorCard(said.title, said.shown_version, said.licence, card_of(folder))

    def peers(self) -> Sequence[Peer]:
        """Return whom the site's files name; nothing else is contacted."""
        printers = known_printers(self._settings.data_dir).values()
        found = [Peer(p.name, without_password(p.uri), "printers.toml") for p in printers]
        with suppress(EdgeAppError):  # the doctor tells it
            found += _of_devices(site_devices(self._settings).names, "devices.toml")
        return [*found, *_of_devices(self._devices, "--device")]

    def sockets(self) -> Sequence[OpenSocket] | None:
        """Return the network sockets that are open now; None where the system does not say."""
        return open_sockets(os.getpid())


def _of_devices(names: Sequence[str], named_in: str) -> list[Peer]:
    found = []
    for name in names:
        with suppress(EdgeAppError):  # it is never opened then; the doctor tells it
            profile, place = profile_and_place(name)
            if profile.kind in _BY_NETWORK:
                found.append(Peer(profile.kind, without_password(place), named_in))
    return found


def without_password(address: str) -> str:
    """Return an address without the name and the password that may stand in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if "@" not in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def licence_of(said: PackageMetadata) -> str:
    """Return a licence as a distribution's metadata names it; empty where it names none."""
    expression = said.get_all("License-Expression") or []
    if expression:
        return str(expression[0])
    classified = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or []
                  if c.startswith(_CLASSIFIER)]  # fmt: skip
    written = str((said.get_all("License") or [""])[0]).strip().split("\n")[0]
    if written and len(written) <= _MOST_LICENCE:
        return written
    return ", ".join(classified)

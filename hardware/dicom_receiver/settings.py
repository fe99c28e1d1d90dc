"""What a technician says of the receiver in its TOML file: off, and TLS only, unless said so."""

import ipaddress
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec

from edge_app.domain.error import ScannerUnavailableError

_LARGEST = 64 << 10
_REPAIR = "Have a technician correct the DICOM receiver's settings."

_AeTitle = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,15}(?<! )$", max_length=16)
]
_Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One modality that may send.

    Attributes:
        ae_title: What it calls itself.
        address: The one IP address that it sends from.
        fingerprint: SHA-256 (hex, lower case) of its certificate in DER form.
        plain: It sends without TLS; then nobody is kept from reading along.
        associations: How many it may hold at a time.
        idle_s: How long it may hold one without sending.
        report_port: Where it listens at `address` for reports on storage commitment; without it
            they go only to an association that it holds.
    """

    name: _Name
    ae_title: _AeTitle
    address: str
    fingerprint: _Fingerprint | None = None
    plain: bool = False
    associations: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    idle_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 25.0
    report_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] | None = None


class ReceiverSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One receiver; paths that are not absolute begin at the folder of the settings.

    Attributes:
        listening: Whether anybody can connect at all.
        ae_title: What peers must call.
        spool: The folder that keeps what was received.
        spool_gib: How much it keeps before it refuses more.
        certificate: PEM of our own, with `key`.
        authorities: PEM of what signed the peers' certificates, or of those themselves.
    """

    ae_title: _AeTitle
    spool: str
    listening: bool = False
    address: str = "0.0.0.0"  # noqa: S104  modalities are other machines
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 11112
    spool_gib: Annotated[float, msgspec.Meta(gt=0, le=10_000)] = 20.0
    certificate: str | None = None
    key: str | None = None
    authorities: str | None = None
    peers: Annotated[tuple[Peer, ...], msgspec.Meta(max_length=32)] = ()

    @property
    def has_tls(self) -> bool:
        """Whether any peer sends by TLS."""
        return any(not peer.plain for peer in self.peers)

    def at(self, address: str) -> tuple[Peer, ...]:
        """Return the peers that may send from `address`."""
        return tuple(peer for peer in self.peers if peer.address == address)


def settings_from(path: Path) -> ReceiverSettings:
    """Return the settings in a TOML file, with absolute paths.

    Raises:
        ScannerUnavailableError: They cannot be read, or are not valid.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ScannerUnavailableError("The receiver's settings are over 64 KiB.", _REPAIR)
        settings = msgspec.toml.decode(content, type=ReceiverSettings)
        fault = _fault_of(settings)
    except OSError as error:
        what = f"The receiver's settings cannot be read: {error.strerror}."
        raise ScannerUnavailableError(what, "Look whether the file is there.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"The receiver's settings are not valid: {error}."
        raise ScannerUnavailableError(what, _REPAIR) from error
    if fault:
        raise ScannerUnavailableError(f"The receiver's settings are not valid: {fault}.", _REPAIR)
    return _anchored(settings, path.resolve().parent)


def normal(address: str) -> str:
    """Return an IP address as the settings hold it; raises ValueError for what is none."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(parsed)


def _fault_of(settings: ReceiverSettings) -> str:
    own = (settings.certificate, settings.key, settings.authorities)
    if settings.listening and not settings.peers:
        return "nobody may send, as there is no [[peers]]"
    if settings.has_tls and not all(own):
        return "TLS needs certificate, key and authorities"
    for address in (settings.address, *(peer.address for peer in settings.peers)):
        if not _is_normal(address):
            return f"{address!r} is not an IP address in its usual form"
    return _fault_of_peers(settings)


def _fault_of_peers(settings: ReceiverSettings) -> str:
    for peer in settings.peers:
        if peer.plain == bool(peer.fingerprint):
            return f"{peer.name!r} needs either a fingerprint, or plain = true"
        if len({other.plain for other in settings.at(peer.address)}) == 2:
            return f"{peer.address} has a peer with TLS and one without"
    told_apart = Counter((p.address, p.ae_title, p.fingerprint) for p in settings.peers)
    names = Counter(peer.name for peer in settings.peers)
    if max((*told_apart.values(), *names.values()), default=0) > 1:
        return "one peer is there twice"
    return ""


def _is_normal(address: str) -> bool:
    try:
        return normal(address) == address
    except ValueError:
        return False


def _anchored(settings: ReceiverSettings, folder: Path) -> ReceiverSettings:
    def there(name: str | None) -> str | None:
        return None if name is None else str(folder / name)

    return msgspec.structs.replace(
        settings,
        spool=str(folder / settings.spool),
        certificate=there(settings.certificate),
        key=there(settings.key),
        authorities=there(settings.authorities),
    )

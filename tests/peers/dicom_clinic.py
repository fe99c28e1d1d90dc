"""A clinic for the DICOM receiver: certificates, settings, the receiver, and real modalities."""

import hashlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hardware.dicom_receiver.owner import ensure_sealed_to
from hardware.dicom_receiver.sealed_box import opened_box
from tests.keys import KEYS

DCMTK = ("storescu", "echoscu")
MISSING = [name for name in DCMTK if shutil.which(name) is None]
WHY_SKIPPED = f"NOT TESTED with real modalities: DCMTK lacks {', '.join(MISSING)} (apt: dcmtk)"
OURS, THEIRS = "EDGEAPP", "US2"


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, as PEM files."""

    certificate: Path
    key: Path
    fingerprint: str


class Authority:
    """Signs certificates; `pem` is what trusts it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = self._signed(name, self._key, is_authority=True)
        self.pem = folder / f"{name}.pem"
        self.pem.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def identity(self, name: str) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(name, key, is_authority=False)
        files = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        return Identity(*files, hashlib.sha256(der).hexdigest())

    def _signed(
        self, name: str, key: ec.EllipticCurvePrivateKey, *, is_authority: bool
    ) -> x509.Certificate:
        def called(who: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, who)])

        now = datetime.now(timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(called(name))
            .issuer_name(called(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .sign(self._key, hashes.SHA256())
        )


def a_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@dataclass(frozen=True)
class Site:
    """One receiver's settings on the disk."""

    folder: Path
    port: int

    @property
    def settings(self) -> Path:
        return self.folder / "receiver.toml"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def received(self) -> list[Path]:
        return sorted((self.spool / "objects").glob("*.sealed"))

    @property
    def unsealed(self) -> list[Path]:
        """What was received, opened with the store's key into files beside the spool."""
        return [self.unsealed_one(path) for path in self.received]

    def unsealed_one(self, path: Path) -> Path:
        clear = self.folder / f"{path.stem}.dcm"
        with opened_box(path, KEYS.received) as file:
            clear.write_bytes(file.read())
        return clear


def a_peer(**values: object) -> dict[str, object]:
    return {"name": "Ultrasound 2", "ae_title": THEIRS, "address": "127.0.0.1"} | values


def a_site(
    folder: Path, *peers: dict[str, object], owner: bytes = KEYS.received, **values: object
) -> Site:
    """Write settings; values are given as they stand in the TOML file."""
    folder.mkdir(exist_ok=True)
    site = Site(folder, a_port())
    values = {
        "listening": True, "ae_title": OURS, "spool": "spool",
        "address": "127.0.0.1", "port": site.port,
    } | values  # fmt: skip
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    for peer in peers:
        lines += ["[[peers]]", *(f"{key} = {json.dumps(value)}" for key, value in peer.items())]
    site.settings.write_text("\n".join(lines) + "\n")
    site.spool.mkdir(exist_ok=True)
    ensure_sealed_to(site.spool, owner)
    return site


@dataclass(frozen=True)
class TlsSite:
    """A site with TLS, the modality that it lists, and what only looks like it."""

    site: Site
    authority: Authority
    modality: Identity
    stranger: Identity
    forger: Identity


def a_tls_site(folder: Path, *more: dict[str, object]) -> TlsSite:
    authority, other = Authority(folder, "clinic"), Authority(folder, "elsewhere")
    own, modality = authority.identity("receiver"), authority.identity("modality")
    site = a_site(
        folder, a_peer(fingerprint=modality.fingerprint), *more,
        certificate=own.certificate.name, key=own.key.name, authorities=authority.pem.name,
    )  # fmt: skip
    return TlsSite(
        site, authority, modality, authority.identity("stranger"), other.identity("forger")
    )


class Receiver:
    """A running receiver; `said` is all that it wrote to its log."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._log = site.folder / "receiver.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hardware.dicom_receiver", str(site.settings)],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.started = json.loads(self.process.stdout.readline() or b"{}")

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def worker(self) -> int:
        """The worker's process id."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        (child,) = children.read_text().split()
        return int(child)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@contextmanager
def receiving(site: Site) -> Iterator[Receiver]:
    receiver = Receiver(site)
    try:
        assert receiver.started == {"ready": True, "what": "", "remedy": ""}, receiver.started
        yield receiver
    finally:
        receiver.end()


def dcmtk(
    tool: str, site: Site, *files: Path, tls: Sequence[str] = (), more: Sequence[str] = (),
    called: str = OURS, calling: str = THEIRS,
) -> "subprocess.CompletedProcess[str]":  # fmt: skip
    """Run a real modality's program against the receiver."""
    return subprocess.run(
        [tool, "-v", "-to", "10", *tls, "-aec", called, "-aet", calling, *more,
         "127.0.0.1", str(site.port), *map(str, files)],
        capture_output=True, text=True, errors="replace", timeout=60, check=False,
    )  # fmt: skip


def with_tls(identity: Identity, authority: Authority) -> list[str]:
    return ["+tls", str(identity.key), str(identity.certificate), "+cf", str(authority.pem)]

"""A real print server: CUPS in a folder of its own, with one queue that keeps what comes out."""

import hashlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_app.exchange.ipp_printer import PrinterPeer

CUPSD, PROGRAMS = Path("/usr/sbin/cupsd"), Path("/usr/lib/cups")
QUEUE = "office"

_ACCESS = """
Browsing Off
WebInterface No
DefaultAuthType None
LogLevel debug
PreserveJobFiles No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""
_BACKEND = """#!/bin/sh
[ $# -eq 0 ] && echo 'direct collect "x" "y"' && exit 0
while [ -e "{folder}/held" ]; do sleep 0.05; done
cat ${{6:--}} > "{folder}/out/$1.part"
mv "{folder}/out/$1.part" "{folder}/out/$1.pdf"
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PrintServer:
    """CUPS; what it printed lies in `out`, one file a job."""

    folder: Path
    port: int
    secure_port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def peer(self) -> PrinterPeer:
        return PrinterPeer("Office", f"ipp://127.0.0.1:{self.port}/printers/{QUEUE}")

    def secure_peer(self, fingerprint: str) -> PrinterPeer:
        uri = f"ipps://127.0.0.1:{self.secure_port}/printers/{QUEUE}"
        return PrinterPeer("Office", uri, fingerprint)

    @property
    def fingerprint(self) -> str:
        """Of the certificate that it shows."""
        shown = ssl.get_server_certificate(("127.0.0.1", self.secure_port))
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()

    @property
    def printed(self) -> list[bytes]:
        return [p.read_bytes() for p in sorted((self.folder / "out").glob("*.pdf"))]

    @property
    def said(self) -> str:
        """All that it logged."""
        return (self.folder / "error.log").read_text(errors="replace")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the printer print for as long as the block lasts."""
        mark = self.folder / "held"
        mark.touch()
        try:
            yield
        finally:
            mark.unlink()

    def pause(self) -> None:
        self._asked("cupsdisable")

    def go_on(self) -> None:
        self._asked("cupsenable")

    def _asked(self, program: str) -> None:
        server = f"127.0.0.1:{self.port}"
        subprocess.run([program, "-h", server, QUEUE], check=True, timeout=20)

    def start(self) -> None:
        files = ("-c", str(self.folder / "cupsd.conf"), "-s", str(self.folder / "files.conf"))
        self.process = subprocess.Popen([CUPSD, "-f", *files])
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError("the print server does not start")

    def end(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


def _written(folder: Path, server: PrintServer) -> None:
    for name in ("root", "spool", "cache", "state", "scratch", "ssl", "out"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(PROGRAMS, folder / "bin", symlinks=True)
    backend = folder / "bin" / "backend" / "collect"
    backend.write_text(_BACKEND.format(folder=folder))
    backend.chmod(0o755)
    listen = f"Listen 127.0.0.1:{server.port}\nSSLListen 127.0.0.1:{server.secure_port}\n"
    (folder / "cupsd.conf").write_text(listen + _ACCESS)
    (folder / "files.conf").write_text(
        f"ServerRoot {folder}/root\nRequestRoot {folder}/spool\nCacheDir {folder}/cache\n"
        f"StateDir {folder}/state\nTempDir {folder}/scratch\nServerKeychain {folder}/ssl\n"
        f"ServerBin {folder}/bin\nErrorLog {folder}/error.log\nAccessLog {folder}/access.log\n"
        f"PageLog {folder}/page.log\nUser nobody\nGroup nogroup\nSystemGroup root\n"
    )
    queue = f"<Printer {QUEUE}>\nDeviceURI collect:/x\nState Idle\nAccepting Yes\n</Printer>\n"
    (folder / "root" / "printers.conf").write_text(queue)
    for each in (folder, folder / "out", folder / "spool", folder / "scratch"):
        each.chmod(0o777)
    for parent in folder.parents:  # pytest's folders are closed to the account that prints
        with suppress(OSError):
            parent.chmod(parent.stat().st_mode | 0o011)


@contextmanager
def print_server(folder: Path) -> Iterator[PrintServer]:
    """Yield a running CUPS; the test is skipped where there is none."""
    if not CUPSD.exists() or not PROGRAMS.is_dir():
        pytest.skip(f"NOT TESTED, nothing is printed: there is no {CUPSD}")
    server = PrintServer(folder, _free_port(), _free_port())
    _written(folder, server)
    server.start()
    try:
        yield server
    finally:
        server.end()

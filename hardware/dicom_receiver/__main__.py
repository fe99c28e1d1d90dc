"""`python -m hardware.dicom_receiver SETTINGS`: the receiver, until it is ended.

Its first line on standard output is JSON: {"ready": true}, or what is wrong and the remedy.
"""

import asyncio
import logging
import socket
import ssl
import sys
from pathlib import Path

import msgspec

from edge_app.domain.error import ScannerUnavailableError
from edge_app.isolation.sandbox import HOLDING_A_DEVICE, enter
from hardware.dicom_receiver.guard import guarded, listening_socket, tls_of
from hardware.dicom_receiver.owner import public_key_in
from hardware.dicom_receiver.settings import ReceiverSettings, settings_from
from hardware.dicom_receiver.spool import Spool, SpoolBusyError
from hardware.dicom_receiver.starting import Started
from hardware.dicom_receiver.worker_link import WorkerLink

_COME_UP_S = 30.0


def _say(started: Started) -> None:
    sys.stdout.write(msgspec.json.encode(started).decode() + "\n")
    sys.stdout.flush()


async def _serve(
    settings: ReceiverSettings,
    tls: ssl.SSLContext | None,
    listener: socket.socket,
    worker: WorkerLink,
) -> None:
    serving = asyncio.ensure_future(guarded(settings, tls, listener, worker))
    try:
        await asyncio.wait_for(worker.is_up.wait(), _COME_UP_S)
    except asyncio.TimeoutError as error:
        what = "The DICOM receiver's worker does not start."
        raise ScannerUnavailableError(what, "Start the program again.") from error
    _say(Started(ready=True))
    await serving


def _received(path: Path) -> None:
    settings = settings_from(path)
    if not settings.listening:
        what = "The DICOM receiver is switched off."
        raise ScannerUnavailableError(what, "Have a technician switch it on in its settings.")
    spool = Spool(Path(settings.spool))
    try:
        spool.ensure_there()
        _refuse_clear(spool)
        public_key_in(spool.folder)
        tls = tls_of(settings)
        with spool.held("receiving"), listening_socket(settings) as listener:
            enter(HOLDING_A_DEVICE)
            asyncio.run(_serve(settings, tls, listener, WorkerLink(path)))
    except SpoolBusyError as error:
        what = "The DICOM receiver is running already."
        raise ScannerUnavailableError(what, "Nothing needs to be done.") from error
    except OSError as error:
        what = f"The DICOM receiver cannot start: {error.strerror or 'no reason is given'}."
        remedy = "Have a technician look at its port, its certificates and its folder."
        raise ScannerUnavailableError(what, remedy) from error


def _refuse_clear(spool: Spool) -> None:
    if spool.has_clear:
        what = "The folder of received images holds some that an earlier version did not seal."
        remedy = "Have a technician move its .dcm files away, then start again."
        raise ScannerUnavailableError(what, remedy)


def main() -> int:
    """Receive; return 1 where it cannot."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    try:
        _received(Path(sys.argv[1]))
    except ScannerUnavailableError as error:
        _say(Started(ready=False, what=error.what, remedy=error.remedy))
    return 1


if __name__ == "__main__":
    sys.exit(main())

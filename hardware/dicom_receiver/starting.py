"""The receiver, seen from the driver: started where nobody runs it, and ended."""

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from edge_app.domain.error import ScannerUnavailableError

_MODULE = "hardware.dicom_receiver"
_COME_UP_S = 12.0
_LINE = 4096


class Started(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The receiver's first word."""

    ready: bool
    what: str = ""
    remedy: str = ""


def start_receiver(settings: Path) -> "subprocess.Popen[bytes]":
    """Return the receiver's process, as soon as peers can connect.

    Raises:
        ScannerUnavailableError: It does not start; the words are its own.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", _MODULE, str(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    try:
        said = _first_line(cast("BinaryIO", process.stdout))
        started = msgspec.json.decode(said, type=Started)
    except msgspec.DecodeError as error:
        end_receiver(process)
        what = "The DICOM receiver does not start."
        raise ScannerUnavailableError(what, "Start the program again.") from error
    if not started.ready:
        end_receiver(process)
        raise ScannerUnavailableError(started.what, started.remedy)
    return process


def end_receiver(process: "subprocess.Popen[bytes]") -> None:
    """End the receiver; what it had acknowledged is in the spool."""
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def _first_line(stream: BinaryIO) -> bytes:
    until = time.monotonic() + _COME_UP_S
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while b"\n" not in said and len(said) < _LINE:
            if not selector.select(max(0.0, until - time.monotonic())):
                break
            more = os.read(stream.fileno(), _LINE)
            if not more:
                break
            said += more
    return said

"""A spool with objects in it, and what compose lends to read them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from edge_app.exchange.pictures import belonging, read_frames
from edge_app.ports import Clock
from hardware.dicom_receiver.keeping import Keeper
from hardware.dicom_receiver.scanner import DicomReceiverScanner
from hardware.dicom_receiver.spool import Kept, Spool
from hardware.dicom_receiver.whole import ensure_whole
from hardware.lent import Frame
from tests.peers.dicom_clinic import Site
from tests.peers.dicom_objects import announced, shipped


def decoded_dicom(path: Path) -> Iterator[Frame]:
    for frame in read_frames(path):
        yield frame.pixels, frame.spacing_mm


def driver(site: Site, clock: Clock) -> DicomReceiverScanner:
    return DicomReceiverScanner(site.settings, decoded_dicom, belonging, clock)


def fill(site: Site, *names: str) -> list[Kept]:
    """Keep shipped objects as if they had been received."""
    return keep(site, *(shipped(name) for name in names))


def keep(site: Site, *files: Path) -> list[Kept]:
    """Keep objects as if they had been received."""
    spool = Spool(site.spool)
    spool.ensure_there()
    keeper = Keeper(spool, 1 << 30)
    kept = []
    for file in files:
        path = Path(shutil.copyfile(file, spool.arriving / file.name))
        kept.append(keeper.keep(path, ensure_whole(path, announced(path)), announced(path)))
    return kept

"""A spool with objects in it, and what compose lends to read them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from edge_app.exchange.pictures import read_frames
from hardware.dicom_receiver.keeping import Keeper
from hardware.dicom_receiver.scanner import Frame
from hardware.dicom_receiver.spool import Kept, Spool
from hardware.dicom_receiver.whole import ensure_whole
from tests.peers.dicom_clinic import Site
from tests.peers.dicom_objects import announced, shipped


def decoded_dicom(path: Path) -> Iterator[Frame]:
    for frame in read_frames(path):
        yield frame.pixels, frame.spacing_mm


def fill(site: Site, *names: str) -> list[Kept]:
    """Keep shipped objects as if they had been received."""
    spool = Spool(site.spool)
    spool.ensure_there()
    keeper = Keeper(spool, 1 << 30)
    kept = []
    for name in names:
        path = Path(shutil.copyfile(shipped(name), spool.arriving / name))
        kept.append(keeper.keep(path, ensure_whole(path, announced(path)), announced(path)))
    return kept

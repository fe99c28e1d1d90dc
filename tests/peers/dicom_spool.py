"""A spool with objects in it, and what compose lends to read them."""

from collections.abc import Iterator
from pathlib import Path

from edge_app.exchange.pictures import belonging, read_frames
from edge_app.ports import Clock
from hardware.dicom_receiver.keeping import Keeper
from hardware.dicom_receiver.scanner import DicomReceiverScanner
from hardware.dicom_receiver.sealed_box import SealedDraft, public_of
from hardware.dicom_receiver.spool import Kept, Spool
from hardware.dicom_receiver.whole import ensure_whole
from hardware.lent import Frame, Surroundings
from tests.keys import KEYS
from tests.peers.dicom_clinic import Site
from tests.peers.dicom_objects import announced, shipped


def decoded_dicom(path: Path) -> Iterator[Frame]:
    for frame in read_frames(path):
        yield Frame(frame.pixels, frame.spacing_mm, frame.deep)


def driver(site: Site, clock: Clock, opens: bytes = KEYS.received) -> DicomReceiverScanner:
    lent = Surroundings(clock, decoded_dicom, belongs=belonging, opens=opens)
    return DicomReceiverScanner(site.settings, lent)


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
        draft = arrived(spool, file)
        with draft.opened() as whole:
            begin = ensure_whole(whole, announced(file))
        kept.append(keeper.keep(draft, begin, announced(file)))
    return kept


def arrived(spool: Spool, file: Path) -> SealedDraft:
    """Return an object as the worker has it when its last byte has come."""
    draft = SealedDraft(spool.arriving / f"{file.stem}.sealed", public_of(KEYS.received))
    draft.write(file.read_bytes())
    draft.close()
    return draft

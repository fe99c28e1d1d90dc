"""The demonstration's parts: the shipped microscope, real DICOM files, the real store."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom

from edge_app.compose.clock import SystemClock
from edge_app.compose.detectors import detector
from edge_app.compose.drivers import local_scanner
from edge_app.compose.entrance import Entrance
from edge_app.compose.outbox import StoreOutbox
from edge_app.compose.packages import DEFAULT
from edge_app.compose.unlocked import Unlocked
from edge_app.durable import ensure_folder, write_whole
from edge_app.inference.choice import Choice
from edge_app.ports import Scanner
from edge_app.settings import Settings
from edge_app.storage.key_slots import LockedError
from edge_app.workflow.demonstrate import DemoRoom

MICROSCOPE_SEED = "7"
DEMO_NAME = "Demonstration"
DEMO_WORDS = "demo-passphrase.txt"
_SHIPPED_DICOM = ("CT_small.dcm", "MR_small.dcm", "examples_jpeg2k.dcm")
NO_DETECTOR_FOR_IT = "No detector of this program reads this kind of image."


@contextmanager
def demo_room(settings: Settings) -> Iterator[tuple[DemoRoom, StoreOutbox]]:
    """Yield the room of a demonstration, and the outbox of its store.

    Raises:
        DetectorRefusedError: The shipped detector is missing or damaged.
        NotSavedError: The data folder cannot be written.
    """
    loaded = detector(settings, DEFAULT, Choice())
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store:
        yield DemoRoom(store.studies, SystemClock(), loaded), store.outbox


def demo_entrance(settings: Settings) -> tuple[Entrance, Unlocked]:
    """Return the door of the demonstration's own store and who is in; set up at the first call.

    Its passphrase lies beside the store, for whoever wants to look in by the command line: a
    demonstration has no patients.
    """
    entrance, file = Entrance(settings), settings.data_dir / DEMO_WORDS
    if entrance.is_set_up:
        try:
            words = file.read_text("ascii").strip()
        except OSError as error:
            raise LockedError(
                "These are not the studies of a demonstration.", "Name another folder by --out."
            ) from error
        return entrance, entrance.log_in(DEMO_NAME, words)
    passphrase = secrets.token_urlsafe(24)
    ensure_folder(settings.data_dir)
    write_whole(file, f"{passphrase}\n".encode("ascii"))
    who, _ = entrance.set_up(DEMO_NAME, passphrase)
    return entrance, who


def demo_microscope() -> Scanner:
    """Return the simulated microscope of the demonstration."""
    return local_scanner("microscope", MICROSCOPE_SEED)


@contextmanager
def demo_dicom() -> Iterator[Scanner]:
    """Yield a replay of real DICOM files that pydicom carries."""
    files = Path(pydicom.__file__).parent / "data" / "test_files"
    with tempfile.TemporaryDirectory() as folder:
        for name in _SHIPPED_DICOM:
            if (files / name).is_file():
                shutil.copy(files / name, folder)
        yield local_scanner("replay", folder)

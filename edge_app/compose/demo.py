"""The demonstration's parts: the shipped microscope, real DICOM files, the real store."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom

from edge_app.compose.clock import SystemClock
from edge_app.compose.detectors import detector
from edge_app.compose.drivers import local_scanner
from edge_app.compose.packages import DEFAULT
from edge_app.inference.choice import Choice
from edge_app.ports import Scanner
from edge_app.settings import Settings
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow.demonstrate import DemoRoom

MICROSCOPE_SEED = "7"
_SHIPPED_DICOM = ("CT_small.dcm", "MR_small.dcm", "examples_jpeg2k.dcm")
NO_DETECTOR_FOR_IT = "No detector of this program reads this kind of image."


@contextmanager
def demo_room(settings: Settings) -> Iterator[DemoRoom]:
    """Yield the room of a demonstration.

    Raises:
        DetectorRefusedError: The shipped detector is missing or damaged.
        NotSavedError: The data folder cannot be written.
    """
    loaded = detector(settings, DEFAULT, Choice())
    with SqliteStudyStore(settings.data_dir) as store:
        yield DemoRoom(store, SystemClock(), loaded)


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

"""A film of 16 bits keeps its own depth from its device's process into the store and back."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from edge_app.compose.devices import scanners
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.exchange.pictures import read_frames
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from hardware.simulated.dicom_files import shipped
from hardware.simulated.xray_panel import FILMS
from tests.fakes import FakeClock
from tests.keys import KEYS

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's word on odd files


@pytest.fixture(scope="module")
def films() -> Iterator[list[CapturedImage]]:
    """Return what the simulated panel, in a process of its own, gives of its films."""
    (panel,) = scanners(["xray-panel:shipped"])
    with panel.open() as device:
        return [device.frame() for _ in FILMS]


def test_each_film_comes_out_of_its_process_with_every_number_that_it_has(films):
    deep = 0
    for name, film in zip(FILMS, films, strict=True):
        frame = next(read_frames(shipped(name)))
        assert np.array_equal(film.pixels, frame.pixels)
        assert (film.deep is None) == (frame.deep is None)
        if film.deep:
            deep += 1
            assert np.array_equal(film.deep.numbers, frame.deep.numbers)
            assert film.deep.scale == frame.deep.scale

    assert deep >= 2


def test_a_film_is_opened_from_the_store_in_the_depth_in_which_it_was_taken(tmp_path, films):
    film = films[FILMS.index("CT_small.dcm")]
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = examine.begin(store, FakeClock(), PatientRef("P-1"))
        study = examine.keep(store, study, film)
        opened = examine.opened(store, study.study_id)
        (back,) = opened.images.values()

    ct = pydicom.dcmread(shipped("CT_small.dcm"))
    levels = back.deep.numbers * back.deep.scale.slope + back.deep.scale.intercept
    assert np.array_equal(levels, ct.pixel_array + int(ct.RescaleIntercept))
    assert (back.deep.scale.unit, back.hash) == ("HU", film.hash)
    assert np.array_equal(back.pixels, replace(film).pixels)

"""A detector refuses what it was not made for, and says so; its own kind it reads."""

from pathlib import Path

import pydicom
import pytest

from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.exchange.pictures import read_frames
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from tests.fakes import an_image
from tests.smears import PACKAGE

DICOM = Path(pydicom.__file__).parent / "data" / "test_files"


@pytest.fixture(scope="module")
def smear_detector():
    return load_detector(PACKAGE, Choice("int8", "cpu"))


@pytest.mark.parametrize("file", ["CT_small.dcm", "examples_rgb_color.dcm", "MR_small.dcm"])
def test_no_cells_are_found_in_a_slice_or_an_echo(smear_detector, file):
    frame = next(iter(read_frames(DICOM / file)))

    reading = smear_detector.read(an_image(frame.pixels))

    assert reading.outcome is Outcome.CANNOT_SAY
    assert reading.quality.issue is QualityIssue.WRONG_KIND
    assert "blood smear" in reading.reason
    assert reading.detections == ()

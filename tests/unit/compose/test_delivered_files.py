"""The files of a study: report, picture and JSON carry what people drew."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from edge_app.compose.delivery import files_of
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Called, DrawnFinding, Verdict
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_reading, an_image
from tests.keys import KEYS

BOX = Box(30.0, 30.0, 44.0, 40.0)


@pytest.fixture
def files(tmp_path):
    """Return what makes the files of a study in which nothing was found and one box was drawn."""
    with SqliteStudyStore(tmp_path, KEYS) as store:
        image = an_image()
        study = examine.keep(store, examine.begin(store, FakeClock(), PatientRef("P-1")), image)
        image_id = study.images[0].image_id
        study = examine.keep_reading(store, study, image_id, a_reading(image))

        def made(verdict):
            drawn = DrawnFinding(Called("platelet"), BOX, image_id, "Amina", NOON, verdict)
            contents = files_of(store, study.with_drawn(drawn))
            return {name.rsplit(".")[-1]: make() for name, make in contents}

        yield made


def test_the_json_names_a_drawing_apart_from_what_the_detector_found(files):
    study = json.loads(files(Verdict.ACCEPTED)["json"])["study"]

    assert study["findings"] == []
    (drawn,) = study["drawn"]
    assert drawn["called"] == {"label": "platelet", "words": ""}
    assert drawn["box"] == {"x0": 30.0, "y0": 30.0, "x1": 44.0, "y1": 40.0}
    assert (drawn["verdict"], drawn["drawn_by"]) == ("accepted", "Amina")
    (reading,) = study["readings"].values()
    assert (reading["outcome"], reading["detections"]) == ("no finding", [])


def test_the_picture_has_a_box_that_was_drawn_and_none_that_was_rejected(files):
    def picture(verdict):
        return np.asarray(Image.open(io.BytesIO(files(verdict)["png"])))

    accepted, rejected = picture(Verdict.ACCEPTED), picture(Verdict.REJECTED)

    assert np.array_equal(rejected, an_image().pixels)
    assert np.any(accepted[30:40, 30:44] != rejected[30:40, 30:44])

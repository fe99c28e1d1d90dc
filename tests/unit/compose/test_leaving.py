"""What the window lets leave is searched by the real finder, allowed, written down and clean."""

import io

import cv2
import numpy as np
import pytest
from pydicom import dcmread

from edge_app.compose.demo import demo_entrance
from edge_app.compose.leaving import KioskLeaving
from edge_app.compose.unlocked import Unlocked
from edge_app.domain.account import Account, Role
from edge_app.domain.audit import EventKind
from edge_app.domain.error import NotAllowedError
from edge_app.domain.study import Study
from edge_app.settings import Settings
from tests.fakes import NOON, an_image, some_pixels
from tests.faults.marked_day import MARKED
from tests.faults.test_nothing_readable import hits


@pytest.fixture
def entrance(tmp_path):
    return demo_entrance(Settings(tmp_path / "data", tmp_path))


def with_a_name() -> np.ndarray:
    pixels = np.array(some_pixels(400, 300))
    pixels[:60] = 0
    cv2.putText(pixels, "ZEBROWSKA 1957", (10, 36), 0, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return pixels


def test_a_study_leaves_with_its_text_black_and_the_audit_knows(entrance, tmp_path):
    door, who = entrance
    with door.store(who) as store:
        study = store.studies.start(Study("study-1", MARKED, NOON))
        image = an_image(with_a_name())
        study = store.studies.capture(study, image)
        way = KioskLeaving(Settings(tmp_path / "data", tmp_path), store)

        found = way.search([image])
        files = way.write(study, [image], found)

        event = store._store.audit_events()[-1]

    assert len(found[0]) >= 1
    dicom = dcmread(io.BytesIO(files[0].read_bytes()))
    ink = with_a_name()[:60].max(axis=2) > 60
    assert (dicom.pixel_array[:60].max(axis=2)[ink] == 0).all()
    assert dicom.BurnedInAnnotation == "NO"
    assert sum(hits(b"".join(p.read_bytes() for p in files)).values()) == 0
    assert all(p.parent == tmp_path / "data" / "without-names" for p in files)
    assert (event.kind, event.study_id) == (EventKind.EXPORTED, "study-1")
    assert event.act == "exported de-identified, keeping nothing; text: gone"


def test_whoever_may_not_export_writes_nothing(entrance, tmp_path):
    door, who = entrance
    operator = Unlocked(Account(who.account.name, frozenset({Role.OPERATOR})), who.secret)
    with door.store(operator) as store:
        image = an_image()
        study = store.studies.capture(store.studies.start(Study("s", MARKED, NOON)), image)
        way = KioskLeaving(Settings(tmp_path / "data", tmp_path), store)

        with pytest.raises(NotAllowedError):
            way.write(study, [image], [()])

    assert not (tmp_path / "data" / "without-names").exists()

"""What the window lets leave is searched by the real finder, allowed, written down and clean."""

import io

import cv2
import numpy as np
import pytest
from pydicom import dcmread

from edge_app.compose.demo import demo_entrance
from edge_app.compose.leaving import KioskLeaving
from edge_app.compose.outbox import sent_now
from edge_app.compose.unlocked import Unlocked
from edge_app.domain.account import Account, Role
from edge_app.domain.audit import EventKind
from edge_app.domain.confidentiality import BurnedText, Confidentiality, LeavingPlan
from edge_app.domain.error import ExportFailedError, NotAllowedError
from edge_app.domain.outbox import CancelReason, JobState, Problem
from edge_app.domain.study import Study
from edge_app.settings import Settings
from tests.fakes import NOON, an_image, some_pixels
from tests.faults.marked_day import MARKED
from tests.faults.test_nothing_readable import hits

PLAN = LeavingPlan(Confidentiality("trial", text=BurnedText.GONE), ((),))


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
        job = way.write(study, found)

        files = store.outbox.written(job)
        events = store._store.audit_events()

    assert len(found[0]) >= 1
    dicom = dcmread(io.BytesIO(files[0].read_bytes()))
    ink = with_a_name()[:60].max(axis=2) > 60
    assert (dicom.pixel_array[:60].max(axis=2)[ink] == 0).all()
    assert dicom.BurnedInAnnotation == "NO"
    assert sum(hits(b"".join(p.read_bytes() for p in files)).values()) == 0
    assert all(p.parent == tmp_path / "data" / "without-names" for p in files)
    assert job.state is JobState.SENT
    asked, sent = events[-2:]
    assert (asked.kind, asked.study_id) == (EventKind.EXPORTED, "study-1")
    assert asked.act == "asked for: de-identified, keeping nothing; text: gone"
    assert (sent.act, sent.by) == ("de-identified sent", "")


def test_what_cannot_be_written_waits_and_is_the_same_study_when_it_can(entrance, tmp_path):
    door, who = entrance
    place = tmp_path / "data" / "without-names"
    with door.store(who) as store:
        image = an_image()
        study = store.studies.capture(store.studies.start(Study("s", MARKED, NOON)), image)
        place.write_bytes(b"no folder")
        way = KioskLeaving(Settings(tmp_path / "data", tmp_path), store)
        with pytest.raises(ExportFailedError):
            way.write(study, [()])
        place.unlink()
        place.mkdir()
        job = store.outbox.ask_without_names(study, place, PLAN)
        place.rmdir()

        waiting = sent_now(store.outbox, job)
        assert (waiting.state, waiting.problem) == (JobState.WAITING, Problem.NOT_THERE)
        assert [j.key for j in store.outbox.unsent()] == [job.key]

        place.mkdir()
        store.outbox.retry(job.key)
        assert sent_now(store.outbox, store.outbox.job(job.key)).state is JobState.SENT
        first = {p.name: p.read_bytes() for p in place.iterdir()}
        again = sent_now(store.outbox, store.outbox.ask_without_names(study, place, PLAN))

    assert again.key == job.key
    assert again.state is JobState.SENT
    assert {p.name: p.read_bytes() for p in place.iterdir()} == first


def test_one_that_is_cancelled_does_not_leave(entrance, tmp_path):
    door, who = entrance
    with door.store(who) as store:
        study = store.studies.start(Study("s", MARKED, NOON))
        study = store.studies.capture(study, an_image())
        job = store.outbox.ask_without_names(study, tmp_path / "out", PLAN)

        store.outbox.cancel(job.key, CancelReason.MISTAKE)
        store.outbox.work()

        assert store.outbox.job(job.key).state is JobState.CANCELLED
        assert (
            store._store.audit_events()[-1].act == "de-identified cancelled: asked for by mistake"
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_whoever_may_not_export_writes_nothing(entrance, tmp_path):
    door, who = entrance
    operator = Unlocked(Account(who.account.name, frozenset({Role.OPERATOR})), who.secret)
    with door.store(operator) as store:
        image = an_image()
        study = store.studies.capture(store.studies.start(Study("s", MARKED, NOON)), image)
        way = KioskLeaving(Settings(tmp_path / "data", tmp_path), store)

        with pytest.raises(NotAllowedError):
            way.write(study, [()])

    assert not (tmp_path / "data" / "without-names").exists()

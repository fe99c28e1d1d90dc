"""Steps of the review, and going back over each of them."""

import pytest

from edge_app.domain.error import StepRefusedError
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import OTHER, Called, Verdict
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine, review
from edge_app.workflow.review import MOST_LETTERS, Drawing, Judgement, other
from tests.fakes import FakeClock, a_detection, a_reading, an_image
from tests.keys import KEYS

IMAGE = an_image()
BOX = Box(1.0, 2.0, 9.0, 9.0)


def a_kept_study(store):
    study = examine.begin(store, FakeClock(), PatientRef("P-1"))
    study = examine.keep(store, study, IMAGE)
    image_id = study.images[0].image_id
    return examine.keep_reading(store, study, image_id, a_reading(IMAGE, (a_detection(),)))


def a_drawing(study):
    drawing = Drawing(study.images[0].image_id, BOX, Called("platelet"), "Amina")
    return review.drawn_at(FakeClock(), drawing)


def test_each_step_is_kept_audited_and_can_be_gone_back_over(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = begun = a_kept_study(store)
        befores = []
        for act, step in (
            ("drawing undone", lambda s: review.draw(store, s, a_drawing(s))),
            ("label undone", lambda s: review.rename(store, s, 0, Called("white-cell"))),
            (
                "verdict undone",
                lambda s: review.judge_all(store, s, {0: Verdict.REJECTED}, "judged rejected"),
            ),
            (
                "reading by eye undone",
                lambda s: examine.read_by_eye(store, s, s.images[0].image_id),
            ),
        ):
            befores.append((Judgement.of(study), act))
            study = step(study)
        assert store.study(study.study_id) == study
        assert (len(study.drawn), len(study.read_by_eye)) == (1, 1)

        for before, act in reversed(befores):
            study = review.undo(store, study, before, act)
            assert Judgement.of(store.study(study.study_id)) == before

        assert Judgement.of(study) == Judgement.of(begun)
        acts = [e.act for e in store.audit_events() if e.study_id == study.study_id]
        assert acts[-8:] == [
            "finding drawn", "label corrected", "judged rejected", "read by eye",
            "reading by eye undone", "verdict undone", "label undone", "drawing undone",
        ]  # fmt: skip


def test_a_drawing_says_who_made_it_and_when(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_kept_study(store)
        kept = review.draw(store, study, a_drawing(study))

        (drawn,) = store.study(kept.study_id).drawn
        assert (drawn.drawn_by, drawn.drawn_at) == ("Amina", FakeClock().now())
        (listed,) = store.studies()
        assert listed.n_findings == 2


def test_nothing_is_undone_across_a_new_reading_or_a_signature(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_kept_study(store)
        before = Judgement.of(study)
        image_id = study.images[0].image_id
        other_reading = a_reading(IMAGE, (a_detection("platelet"),))
        again = examine.keep_reading(store, study, image_id, other_reading)
        with pytest.raises(StepRefusedError, match="read again"):
            review.undo(store, again, before, "verdict undone")

        accepted = review.judge_all(store, again, {0: Verdict.ACCEPTED}, "judged accepted")
        signed = examine.sign(store, FakeClock(), accepted, "Dr Test")
        with pytest.raises(StepRefusedError, match="signed"):
            review.undo(store, signed, Judgement.of(again), "verdict undone")


def test_words_of_ones_own_are_one_short_line_or_none():
    assert other("  a fold\n in the   film ") == Called(OTHER, "a fold in the film")
    assert other(" \n ") is None
    assert len(other("x" * 500).words) == MOST_LETTERS

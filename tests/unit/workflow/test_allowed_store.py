"""Every role x every way into the store: what the table gives, and nothing else."""

from itertools import product

import pytest

from edge_app.domain.account import RIGHTS, Account, Right, Role
from edge_app.domain.error import NotAllowedError, NotSavedError
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Called, DrawnFinding, Study, Verdict
from edge_app.ports import StudyStore
from edge_app.workflow import deidentify, examine, review
from edge_app.workflow.allowed_store import AllowedStore, right_for
from tests.fakes import NOON, FakeClock, FakeStore, a_detection, a_reading, an_image

IMAGE = an_image()


def a_kept_study(store: StudyStore) -> Study:
    study = store.capture(store.start(Study("study-1", PatientRef("P-1"), NOON)), IMAGE)
    reading = a_reading(IMAGE, (a_detection(),))
    return examine.keep_reading(store, study, study.images[0].image_id, reading)


def keep_signed_ones(store: StudyStore) -> None:
    """Keep a signed study, and one that was opened again since; they are in `SIGNED` too."""
    clock = FakeClock()
    for study_id in ("signed", "amended"):
        study = store.capture(store.start(Study(study_id, PatientRef("P-1"), NOON)), IMAGE)
        study = examine.keep_reading(store, study, study.images[0].image_id, a_reading(IMAGE, ()))
        SIGNED[study_id] = examine.sign(store, clock, study, "Dr Test")
    SIGNED["amended"] = examine.amend(store, clock, SIGNED["amended"], "Dr Test", "The other hand.")


SIGNED: dict[str, Study] = {}


def image_of(study: Study) -> str:
    return study.images[0].image_id


def a_drawing(study: Study) -> DrawnFinding:
    called = Called("platelet")
    drawing = review.Drawing(image_of(study), Box(1.0, 1.0, 9.0, 9.0), called, "Amina")
    return review.drawn_at(FakeClock(), drawing)


COMMANDS = {
    "list": (Right.SEE_STUDIES, lambda s, _: list(s.studies())),
    "show": (Right.SEE_STUDIES, lambda s, _: s.study("study-1")),
    "opened": (Right.SEE_STUDIES, lambda s, _: examine.opened(s, "study-1")),
    "pixels": (Right.SEE_STUDIES, lambda s, k: s.pixels(k, image_of(k))),
    "holds": (Right.CAPTURE, lambda s, _: s.holds(IMAGE.hash)),
    "begin": (Right.CAPTURE, lambda s, _: examine.begin(s, FakeClock(), PatientRef("P-2"))),
    "keep": (Right.CAPTURE, lambda s, k: examine.keep(s, k, an_image(sequence=9))),
    "keep_reading": (
        Right.CAPTURE,
        lambda s, k: examine.keep_reading(s, k, image_of(k), a_reading(IMAGE, ())),
    ),
    "retake": (Right.CAPTURE, lambda s, k: examine.retake(s, k, image_of(k))),
    "identify": (Right.CAPTURE, lambda s, k: review.identify(s, k, PatientRef("P-3"))),
    "judge": (Right.REVIEW, lambda s, k: examine.judge(s, k, 0, Verdict.ACCEPTED)),
    "judge_all": (
        Right.REVIEW,
        lambda s, k: review.judge_all(s, k, {0: Verdict.REJECTED}, "judged rejected"),
    ),
    "undo": (
        Right.REVIEW,
        lambda s, k: review.judge_all(s, k, {0: Verdict.UNREVIEWED}, "verdict undone"),
    ),
    "draw": (Right.REVIEW, lambda s, k: review.draw(s, k, a_drawing(k))),
    "rename": (Right.REVIEW, lambda s, k: review.rename(s, k, 0, Called("platelet"))),
    **{
        act: (Right.REVIEW, lambda s, k, act=act: review.undo(s, k, review.Judgement.of(k), act))
        for act in ("drawing undone", "label undone", "reading by eye undone")
    },
    "read_by_eye": (Right.REVIEW, lambda s, k: examine.read_by_eye(s, k, image_of(k))),
    "sign": (
        Right.SIGN,
        lambda s, k: examine.sign(s, FakeClock(), k.judged(0, Verdict.ACCEPTED), "Dr Test"),
    ),
    "amend": (
        Right.SIGN,
        lambda s, _: examine.amend(s, FakeClock(), SIGNED["signed"], "Dr Test", "The other hand."),
    ),
    "abandon_amendment": (
        Right.SIGN,
        lambda s, _: examine.abandon_amendment(s, SIGNED["amended"]),
    ),
    "signed versions": (Right.SEE_STUDIES, lambda s, _: s.signed_versions("signed")),
    "signed version": (Right.SEE_STUDIES, lambda s, _: s.signed_version("signed", 4)),
}

FIRST_ASKED = {"abandon_amendment": Right.SEE_STUDIES}


@pytest.mark.parametrize(("role", "command"), list(product(Role, COMMANDS)))
def test_a_role_does_what_its_rights_give_and_nothing_else(role, command):
    right, act = COMMANDS[command]
    inner = FakeStore()
    study = a_kept_study(inner)
    keep_signed_ones(inner)
    acts = list(inner.acts)
    refused, opened = [], []
    account = Account("Amina", frozenset({role}))
    store = AllowedStore(inner, account, refused.append, opened.append)
    before = inner.study("study-1")

    if right in RIGHTS[role]:
        act(store, study)
        assert refused == []
    else:
        with pytest.raises(NotAllowedError):
            act(store, study)
        assert opened == [] or command in FIRST_ASKED
        assert refused in ([right], [FIRST_ASKED.get(command, right)])
        assert inner.study("study-1") == before
        assert inner.acts == acts


@pytest.mark.parametrize(
    ("command", "study_id"),
    [("show", "study-1"), ("opened", "study-1"), ("signed version", "signed")],
)
def test_a_study_that_is_opened_is_told_of_once_before_it_is_handed_out(command, study_id):
    inner, opened = FakeStore(), []
    study = a_kept_study(inner)
    keep_signed_ones(inner)
    account = Account("Amina", frozenset({Role.CLINICIAN}))
    store = AllowedStore(inner, account, lambda _right: None, opened.append)
    COMMANDS[command][1](store, study)
    assert opened == [study_id]

    def not_written_down(_study_id: str) -> None:
        raise NotSavedError("It was not saved.", "Free some disk space.")

    store = AllowedStore(inner, account, lambda _right: None, not_written_down)
    with pytest.raises(NotSavedError):
        COMMANDS[command][1](store, study)


def test_every_public_function_of_the_workflow_that_writes_is_in_the_matrix():
    writes = {
        name
        for module in (deidentify, examine, review)
        for name, made in vars(module).items()
        if callable(made) and "store" in getattr(made, "__annotations__", {})
    }

    assert writes <= COMMANDS.keys()


def test_every_method_of_the_store_is_asked_for():
    asked = {name for name in vars(AllowedStore) if not name.startswith("_")}
    port = {n for k in StudyStore.__mro__ for n in vars(k) if not n.startswith("_")}

    assert asked == port


def test_an_act_that_nobody_named_needs_the_right_to_sign():
    assert right_for("something new") is Right.SIGN
    assert right_for("readmitted") is Right.SIGN


def test_several_roles_give_the_rights_of_all_of_them():
    both = Account("Amina", frozenset({Role.AUDITOR, Role.OPERATOR}))

    assert both.may(Right.SEE_AUDIT)
    assert both.may(Right.CAPTURE)
    assert not both.may(Right.SIGN)
    assert not Account("Nobody", frozenset()).may(Right.SEE_STUDIES)


def test_a_technician_and_an_auditor_see_no_patient():
    assert Right.SEE_STUDIES not in RIGHTS[Role.TECHNICIAN] | RIGHTS[Role.AUDITOR]

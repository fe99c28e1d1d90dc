"""What waits comes in the order of its urgency, with its reason."""

from types import SimpleNamespace

from edge_app.domain.reading import Outcome
from edge_app.domain.study import StudyState
from edge_app.domain.worklist import Waits, in_order


def line(study_id, state, outcome=Outcome.NO_FINDING):
    return SimpleNamespace(study_id=study_id, state=state, outcome=outcome.value)


def test_the_most_urgent_comes_first_and_what_is_signed_last():
    lines = [
        line("signed", StudyState.SIGNED, Outcome.FINDING),
        line("draft", StudyState.DRAFT, Outcome.NOT_ANALYSED),
        line("answered", StudyState.REVIEWED),
        line("cannot say", StudyState.READ, Outcome.CANNOT_SAY),
        line("not analysed", StudyState.CAPTURED, Outcome.NOT_ANALYSED),
        line("finding", StudyState.READ, Outcome.FINDING),
        line("recovered", StudyState.CAPTURED, Outcome.NOT_ANALYSED),
    ]

    ordered = in_order(lines, {"recovered", "signed"})

    assert [each.study_id for each, _ in ordered] == [each.study_id for each in lines[::-1]]
    assert [why for _, why in ordered] == list(Waits)


def test_of_one_reason_the_order_stays():
    lines = [line(f"study-{n}", StudyState.READ, Outcome.FINDING) for n in range(3)]

    assert [each for each, _ in in_order(lines, ())] == lines

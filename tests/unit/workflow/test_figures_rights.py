"""Who may count, what is counted of a real store, and that counting opens no study."""

from datetime import date, timedelta

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.domain.account import RIGHTS, Account, Right, Role
from edge_app.domain.error import NotAllowedError, StudyDamagedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Outcome
from edge_app.settings import Settings
from edge_app.workflow import examine
from edge_app.workflow.figures import AllowedFigures, Gathered, gathered
from tests.fakes import NOON, FakeClock, FakeStore, a_detection, a_reading, an_image, some_pixels

LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize("role", Role)
def test_who_may_see_studies_or_manages_devices_may_count_them(role):
    refused, noted = [], []
    account = Account("A", frozenset({role}))
    figures = AllowedFigures(
        lambda _: Gathered(()), account, refused.append, lambda: noted.append("figures")
    )

    if {Right.SEE_STUDIES, Right.MANAGE_DEVICES} & RIGHTS[role]:
        assert figures.since(LONG_AGO) == Gathered(())
        assert (refused, noted) == ([], ["figures"])
    else:
        with pytest.raises(NotAllowedError):
            figures.since(LONG_AGO)
        assert (refused, noted) == ([Right.MANAGE_DEVICES], [])


def keep(store, n):
    """Keep so many studies, a day apart, each with one picture that was read."""
    clock = FakeClock()
    for number in range(n):
        image = an_image(some_pixels(shift=number))
        study = examine.begin(store, clock, PatientRef(f"P-{number}", "Amina Test"))
        study = examine.keep(store, study, image)
        said = a_reading(image, (a_detection(),))
        examine.keep_reading(store, study, study.images[0].image_id, said)
        clock.pass_s(timedelta(days=1).total_seconds())


def test_older_studies_and_too_many_are_left_out_and_that_is_told():
    store = FakeStore()
    keep(store, 5)
    recent = NOON.astimezone().date() + timedelta(days=3)

    assert len(gathered(store, LONG_AGO).pictures) == 5
    assert len(gathered(store, recent).pictures) == 2
    cut = gathered(store, LONG_AGO, most=3)
    assert (len(cut.pictures), cut.is_whole) == (3, False)


class DamagedStore(FakeStore):
    """One of whose studies cannot be read."""

    def study(self, study_id):
        if study_id == next(iter(self.kept)):
            raise StudyDamagedError("A record is damaged.", "Restore it.")
        return super().study(study_id)


def test_a_damaged_study_costs_itself_and_is_told():
    store = FakeStore()
    keep(store, 3)
    damaged = DamagedStore()
    damaged.kept = store.kept

    found = gathered(damaged, LONG_AGO)

    assert (len(found.pictures), found.unread) == (2, 1)


def test_a_real_store_is_counted_without_a_study_counting_as_opened(tmp_path):
    settings = Settings(tmp_path, tmp_path)
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store:
        keep(store.studies, 2)

        found = store.figures(settings).since(LONG_AGO)

        acts = [e.act for e in store._store.audit_events()]
    assert [p.outcome for p in found.pictures] == [Outcome.FINDING] * 2
    assert acts.count("figures") == 1
    assert "opened" not in acts

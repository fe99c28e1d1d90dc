"""Whoever opens a kept study in the kiosk stands in the audit, once an opening."""

from edge_app.compose.demo import demo_entrance
from edge_app.domain.audit import EventKind
from edge_app.domain.patient import PatientRef
from edge_app.settings import Settings
from edge_app.workflow import examine
from tests.fakes import FakeClock, an_image, some_pixels


def test_opening_a_study_of_several_images_is_one_event_and_listing_is_none(tmp_path):
    entrance, who = demo_entrance(Settings(tmp_path, tmp_path))
    with entrance.store(who) as store:
        study = examine.begin(store.studies, FakeClock(), PatientRef("P-1"))
        for shift in range(3):
            image = an_image(some_pixels(shift=shift), sequence=shift)
            study = examine.keep(store.studies, study, image)
        before = len(store._store.audit_events())

        list(store.studies.studies())
        examine.opened(store.studies, study.study_id)
        more = store._store.audit_events()[before:]

    assert [(e.by, e.kind, e.act, e.study_id) for e in more] == [
        (who.account.name, EventKind.INSTANCES_ACCESSED, "opened", study.study_id)
    ]

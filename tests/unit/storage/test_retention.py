"""A signed study goes when nothing keeps it, with every file of it; what is held never goes."""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.error import StepRefusedError, StudyRemovedError, StudyUnknownError
from edge_app.domain.outbox import REPORT, Send, SendKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.retention import RetentionRule, SignedStudy
from edge_app.domain.study import Signature, Study, Verdict
from edge_app.durable import write_whole
from edge_app.storage.cipher import DatabaseError, connected
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.retention import Retention
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, a_detection, a_reading, an_image, some_pixels
from tests.keys import KEYS

FILES = Send(SendKind.FILES, "/media/stick", "/media")
ANY = RetentionRule(0, needs_backup=False)
LATER = datetime.now(timezone.utc) + timedelta(days=4000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStudyStore]:
    with SqliteStudyStore(tmp_path, KEYS) as opened:
        yield opened


@pytest.fixture
def retention(store: SqliteStudyStore, tmp_path: Path) -> Iterator[Retention]:
    with closing(Retention(tmp_path, KEYS, "Admin")) as opened:
        yield opened


def a_signed(store: SqliteStudyStore, study_id: str, sends: tuple[Send, ...] = ()) -> Study:
    """Sign a study of two images, one of which was retaken."""
    study = store.start(Study(study_id, PatientRef("P-1", "Amina Test"), NOON))
    for shift in (1, 2):
        image = an_image(some_pixels(shift=shift))
        study = store.capture(study, image)
        reading = a_reading(image, (a_detection(),))
        study = store.save(study.with_reading(study.images[-1].image_id, reading), "read")
    study = store.save(study.without_image(study.images[0].image_id), "retaken")
    study = study.judged(0, Verdict.ACCEPTED).signed(Signature("Dr Njeri", NOON))
    return store.save(study, "signed", sends)


def listed(retention: Retention, study_id: str = "study-1") -> SignedStudy:
    return next(s for s in retention.signed_studies() if s.study_id == study_id)


def removed(retention: Retention, rule: RetentionRule = ANY, study_id: str = "study-1") -> bool:
    return retention.remove(listed(retention, study_id), lambda s: not s.kept_by(rule, LATER))


def acts(store: SqliteStudyStore) -> list[tuple[str, str, str]]:
    return [(e.by, e.act, e.study_id) for e in store.audit_events()]


def test_only_signed_studies_are_listed(store, retention):
    store.start(Study("study-0", PatientRef("P-1"), NOON))
    a_signed(store, "study-1")

    assert [s.study_id for s in retention.signed_studies()] == ["study-1"]


@pytest.mark.parametrize(
    ("rule", "facts", "why"),
    [
        (RetentionRule(None, needs_backup=False), {}, "the site keeps everything"),
        (RetentionRule(30, needs_backup=False), {"days": 29}, "signed less than 30 days ago"),
        (RetentionRule(30), {"days": 31}, "not in a finished backup"),
        (
            RetentionRule(30, needs_backup=False, needs_delivery=True),
            {"days": 31, "is_backed_up": True},
            "its files were not sent",
        ),
        (RetentionRule(30), {"days": 31, "is_backed_up": True, "hold": "court"}, "legal hold"),
        (
            RetentionRule(30),
            {"days": 31, "is_backed_up": True, "is_waiting": True},
            "something of it is still to be sent, or was given up",
        ),
    ],
)
def test_each_thing_that_keeps_a_study_keeps_it_alone_and_is_said(rule, facts, why):
    facts = {"days": 31, "is_backed_up": False, "is_delivered": False, "is_waiting": False} | facts
    now = NOON + timedelta(days=facts.pop("days"))

    assert SignedStudy("study-1", NOON, **facts).kept_by(rule, now) == (why,)


def test_a_study_that_nothing_keeps_may_go_on_its_day():
    signed = SignedStudy("s", NOON, is_backed_up=True, is_delivered=False, is_waiting=False)

    assert signed.kept_by(RetentionRule(30), NOON + timedelta(days=30)) == ()


def test_what_is_removed_leaves_a_tombstone_and_the_audit_and_nothing_of_the_patient(
    store, retention, tmp_path
):
    study = a_signed(store, "study-1")
    write_whole(tmp_path / "report.sealed", b"sealed")
    assert len(list((tmp_path / "images").iterdir())) == 2  # also the retaken one

    files = [("", "report.sealed")]
    assert retention.remove(listed(retention), lambda _: True, files)

    assert list((tmp_path / "images").iterdir()) == []
    assert not (tmp_path / "report.sealed").exists()
    assert list(store.studies()) == []
    assert list(store.studies("Amina")) == []
    assert not store.holds(study.images[0].hash)
    with pytest.raises(StudyRemovedError, match="removed by the retention rule on 20"):
        store.study("study-1")
    assert acts(store)[-1] == ("Admin", "removed by the retention rule", "study-1")
    assert store.audit_verified().wrong == ""
    assert list(store.faults()) == []


def test_the_others_are_not_touched(store, retention):
    a_signed(store, "study-1")
    other = a_signed(store, "study-2")

    assert removed(retention)

    assert store.study("study-2") == other
    assert store.pixels(other, other.images[0].image_id).hash == other.images[0].hash
    assert list(store.faults()) == []


def test_a_study_that_was_never_there_is_told_from_one_that_was_removed(store, retention):
    a_signed(store, "study-1")
    removed(retention)

    with pytest.raises(StudyUnknownError) as never:
        store.study("study-9")
    assert not isinstance(never.value, StudyRemovedError)


def test_a_held_study_stays_until_it_is_released_and_both_are_written_down(store, retention):
    a_signed(store, "study-1")
    retention.hold("study-1", "court  order\n12/2026")
    assert listed(retention).hold == "court order 12/2026"
    assert store.hold_on("study-1").by == "Admin"
    assert store.held() == {"study-1"}

    assert not removed(retention)
    retention.release("study-1", "case closed")
    assert store.hold_on("study-1") is None
    assert removed(retention)

    assert acts(store)[-3:] == [
        ("Admin", "legal hold: court order 12/2026", "study-1"),
        ("Admin", "legal hold lifted: case closed", "study-1"),
        ("Admin", "removed by the retention rule", "study-1"),
    ]


def test_a_hold_that_comes_between_the_list_and_the_removal_keeps_the_study(store, retention):
    a_signed(store, "study-1")
    before = listed(retention)
    retention.hold("study-1", "court")

    assert not retention.remove(before, lambda s: not s.kept_by(ANY, LATER))
    assert store.study("study-1").signature


def test_what_comes_to_the_outbox_between_the_list_and_the_removal_keeps_the_study(
    store, retention, tmp_path
):
    study = a_signed(store, "study-1")
    before = listed(retention)
    with closing(OutboxRecords(tmp_path, KEYS)) as records:
        records.ask("study-1", study.version, FILES)

    assert not retention.remove(before, lambda s: not s.kept_by(ANY, LATER))


@pytest.mark.parametrize("is_held", [True, False])
def test_the_database_itself_refuses_to_lose_a_held_or_an_unsigned_study(
    store, retention, tmp_path, is_held
):
    if is_held:
        a_signed(store, "study-1")
        retention.hold("study-1", "court")
    else:
        store.start(Study("study-1", PatientRef("P-1"), NOON))
    with (
        closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as database,
        pytest.raises(DatabaseError, match="never removed"),
    ):
        database.execute("DELETE FROM study WHERE study_id='study-1'")
    assert store.study("study-1")


def test_a_hold_needs_a_reason_and_a_study_and_is_set_once(store, retention):
    a_signed(store, "study-1")
    for reason in ("", " \n", "x" * 201, "bell \x07"):
        with pytest.raises(StepRefusedError):
            retention.hold("study-1", reason)
    with pytest.raises(StudyUnknownError):
        retention.hold("study-9", "court")
    with pytest.raises(StepRefusedError):
        retention.release("study-1", "never held")
    before = acts(store)

    retention.hold("study-1", "court")
    with pytest.raises(StepRefusedError):
        retention.hold("study-1", "again")

    assert len(acts(store)) == len(before) + 1
    assert [h.reason for h in retention.holds()] == ["court"]


def test_a_study_with_something_unsent_is_waiting_until_that_is_sent_or_cancelled(
    store, retention, tmp_path
):
    a_signed(store, "study-1", (REPORT, FILES))
    with closing(OutboxRecords(tmp_path, KEYS)) as records:
        assert listed(retention).is_waiting
        for job in records.jobs():
            assert not listed(retention).is_delivered
            records.sent(records.begin(job))

        assert not listed(retention).is_waiting
        assert listed(retention).is_delivered
        assert removed(retention)
        assert records.jobs() == []


def test_a_report_kept_here_is_no_delivery(store, retention, tmp_path):
    a_signed(store, "study-1", (REPORT,))
    with closing(OutboxRecords(tmp_path, KEYS)) as records:
        records.sent(records.begin(records.jobs()[0]))

    assert not listed(retention).is_delivered


def test_a_backup_counts_for_what_was_signed_before_it_and_for_nothing_after(store, retention):
    a_signed(store, "study-1")
    retention.note_backup(len(store.audit_events()))
    a_signed(store, "study-2")

    assert listed(retention, "study-1").is_backed_up
    assert not listed(retention, "study-2").is_backed_up
    retention.note_backup(len(store.audit_events()) - 1)
    assert not listed(retention, "study-2").is_backed_up


def test_an_amended_study_counts_from_its_last_signature_and_goes_with_all_that_was_signed(
    store, retention, tmp_path
):
    study = a_signed(store, "study-1", (REPORT,))
    retention.note_backup(len(store.audit_events()))
    study = store.save(study.amended("a wrong verdict", "Dr Njeri", NOON), "amended")
    assert retention.signed_studies() == []  # what is being amended is never removed

    study = store.save(study.signed(Signature("Dr Njeri", NOON)), "signed", (REPORT,))
    assert not listed(retention).is_backed_up
    with closing(OutboxRecords(tmp_path, KEYS)) as records:
        for job in records.jobs():
            records.intend(job, f"study-1-version{job.version}.sealed", "0" * 64)
            write_whole(tmp_path / f"study-1-version{job.version}.sealed", b"sealed")
            records.sent(records.begin(job))
    (tmp_path / "reports").mkdir()
    for sealed in list(tmp_path.glob("*.sealed")):
        sealed.rename(tmp_path / "reports" / sealed.name)

    assert removed(retention)

    assert list((tmp_path / "reports").iterdir()) == []
    with closing(connected(tmp_path / "studies.db", "mode=ro", KEYS.database)) as database:
        assert database.execute("SELECT count(*) FROM signed_version").fetchone() == (0,)


def test_a_clock_that_was_wrong_makes_a_study_younger_and_never_older(store, retention):
    """Signed while the clock said 1970, after something that was done today."""
    a_signed(store, "study-1")
    today = listed(retention).signed_at
    study = store.start(Study("study-2", PatientRef("P-1"), NOON))
    event = AuditEvent(datetime(1970, 1, 1, tzinfo=timezone.utc), "", EventKind.PROCEDURE_RECORD,
                       "signed", "study-2", study.version)  # fmt: skip
    with store._transaction():
        store._audit.append(event)
        store._db.execute("UPDATE study SET state='signed' WHERE study_id='study-2'")

    assert listed(retention, "study-2").signed_at >= today


def test_a_removal_that_was_cut_before_its_files_were_gone_is_finished_later(
    store, retention, tmp_path, monkeypatch
):
    a_signed(store, "study-1")

    def cut() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(retention, "finish", cut)
    with suppress(KeyboardInterrupt):
        removed(retention)
    assert len(list((tmp_path / "images").iterdir())) == 2
    assert list(store.studies()) == []

    with closing(Retention(tmp_path, KEYS, "")) as later:
        assert later.finish() == 2
        assert later.finish() == 0

    assert list((tmp_path / "images").iterdir()) == []


def test_a_removal_that_is_not_written_down_removes_nothing(store, retention, tmp_path):
    a_signed(store, "study-1")
    with closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as database:
        database.execute(
            "CREATE TRIGGER no_audit BEFORE INSERT ON audit"
            " BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    with pytest.raises(Exception, match="no room"):
        removed(retention)

    assert store.study("study-1").signature
    assert len(list((tmp_path / "images").iterdir())) == 2
    assert list(store.faults()) == []


def test_a_store_of_a_version_without_holds_can_be_looked_at(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as opened:
        opened.start(Study("study-1", PatientRef("P-1"), NOON))
    with closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as database:
        for table in ("hold", "tombstone"):
            database.execute(f"DROP TABLE {table}")
        database.execute("PRAGMA user_version=1")

    with saved_studies(tmp_path, KEYS) as looked:
        assert looked.hold_on("study-1") is None
        assert looked.held() == frozenset()
        with pytest.raises(StudyUnknownError):
            looked.study("study-9")

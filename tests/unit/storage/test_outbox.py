"""A job is written with its act, waits in the machine's running time, and is one job an act."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_app.domain.error import NotSavedError, StepRefusedError
from edge_app.domain.outbox import (
    MOST_TRIES,
    REPORT,
    CancelReason,
    JobState,
    Problem,
    Send,
    SendKind,
    is_given_up,
    key_of,
    wait_after,
)
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.boot_clock import Running
from edge_app.storage.cipher import connected
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON
from tests.keys import KEYS

FILES = Send(SendKind.FILES, "/media/stick", "/media")


class Machine:
    """A machine that runs, sleeps and starts again as it is told."""

    def __init__(self) -> None:
        self.boot, self.seconds = "first", 1000.0

    def now(self) -> Running:
        return Running(self.boot, self.seconds)

    def restart(self) -> None:
        self.boot, self.seconds = self.boot + "+", 3.0


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStudyStore]:
    with SqliteStudyStore(tmp_path, KEYS) as opened:
        opened.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        yield opened


@pytest.fixture
def records(store: SqliteStudyStore, tmp_path: Path, machine: Machine) -> Iterator[OutboxRecords]:
    with closing(OutboxRecords(tmp_path, KEYS, "Amina", machine.now)) as opened:
        yield opened


def acts(store: SqliteStudyStore) -> list[tuple[str, str]]:
    return [(e.by, e.act) for e in store.audit_events()]


def test_what_a_change_sends_is_in_the_outbox_with_it(store, records):
    study = store.save(store.study("study-1"), "looked at", (REPORT, FILES))

    jobs = records.jobs("study-1")
    assert [(j.send, j.version, j.state) for j in jobs] == [
        (REPORT, study.version, JobState.WAITING),
        (FILES, study.version, JobState.WAITING),
    ]


def test_a_change_that_is_not_kept_sends_nothing(store, records, tmp_path):
    with closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as connection:
        connection.execute(
            "CREATE TRIGGER no_job BEFORE INSERT ON outbox"
            " BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    study, before = store.study("study-1"), acts(store)

    with pytest.raises(NotSavedError):
        store.save(study, "looked at", (REPORT,))

    assert store.study("study-1") == study
    assert acts(store) == before
    assert records.jobs() == []


def test_the_same_act_twice_is_one_job_and_another_version_or_place_is_another(records):
    first = records.ask("study-1", 1, FILES)
    again = records.ask("study-1", 1, FILES)
    elsewhere = records.ask("study-1", 1, Send(SendKind.FILES, "/media/other", "/media"))
    newer = records.ask("study-1", 2, FILES)

    assert again.key == first.key == key_of("study-1", 1, FILES)
    assert [j.key for j in records.jobs()] == [first.key, elsewhere.key, newer.key]


def test_asking_again_for_what_was_given_up_has_it_tried_again(records):
    job = records.begin(records.ask("study-1", 1, FILES))
    records.failed(job, Problem.OTHER_FILE)
    assert records.jobs()[0].state is JobState.GIVEN_UP

    again = records.ask("study-1", 1, FILES)

    assert (again.state, again.tries, again.problem) == (JobState.WAITING, 0, Problem.NONE)


def test_asking_again_while_it_is_being_sent_changes_nothing(records):
    job = records.begin(records.ask("study-1", 1, FILES))

    assert records.ask("study-1", 1, FILES) == job


def test_a_failed_try_waits_longer_each_time_up_to_an_hour(records, machine):
    job = records.ask("study-1", 1, FILES)
    waits = []
    for _ in range(12):
        assert records.next_due() == records.job(job.key)
        records.failed(records.begin(records.job(job.key)), Problem.NOT_THERE)
        waits.append(records.next_wait_s())
        assert records.next_due() is None
        machine.seconds += waits[-1] - 0.01
        assert records.next_due() is None
        machine.seconds += 0.01

    assert waits == [wait_after(n) for n in range(1, 13)]
    assert waits[:3] == [5.0, 10.0, 20.0]
    assert waits[-1] == 3600.0


def test_a_job_is_given_up_after_its_last_try_with_the_reason(records, machine, store):
    job = records.ask("study-1", 1, FILES)
    for _ in range(MOST_TRIES):
        records.failed(records.begin(records.job(job.key)), Problem.FULL)
        machine.seconds += 4000

    given_up = records.job(job.key)
    assert (given_up.state, given_up.problem) == (JobState.GIVEN_UP, Problem.FULL)
    assert records.next_due() is None
    assert records.next_wait_s() is None
    assert records.unsent() == [given_up]
    assert acts(store)[-1] == ("", "files given up")


@pytest.mark.parametrize("problem", [p for p in Problem if p is not Problem.NONE])
def test_what_no_waiting_helps_is_given_up_at_once_and_the_rest_is_not(problem):
    hopeless = {"OUT-004", "OUT-007", "OUT-008", "OUT-009"}

    assert is_given_up(problem, 1) is (problem.value in hopeless)


def test_a_restart_of_the_machine_keeps_what_is_left_of_a_wait(records, machine):
    job = records.ask("study-1", 1, FILES)
    for _ in range(9):  # the ninth wait is 1280 s
        records.failed(records.begin(records.job(job.key)), Problem.NOT_THERE)
    machine.seconds += 1000
    assert records.next_due() is None  # somebody looked: 280 s are left
    machine.restart()

    assert records.next_wait_s() == pytest.approx(280)
    assert records.next_due() is None
    machine.seconds += 279
    assert records.next_due() is None
    machine.seconds += 2
    assert records.next_due() is not None


def test_a_clock_of_running_time_that_began_anew_never_lengthens_a_wait(records, machine):
    job = records.ask("study-1", 1, FILES)
    machine.seconds = 9_000_000.0
    records.failed(records.begin(records.job(job.key)), Problem.NOT_THERE)
    machine.seconds = 5.0  # the same start by its name, which a copied disk may say

    assert records.next_wait_s() == 5.0


def test_only_one_program_sends_at_a_time(records, tmp_path, machine):
    with closing(OutboxRecords(tmp_path, KEYS, "", machine.now)) as other:
        with records.working() as ours, other.working() as theirs:
            assert (ours, theirs) == (True, False)
        with other.working() as later:
            assert later


def test_what_was_being_sent_when_the_program_ended_is_taken_up_again(records, machine):
    job = records.begin(records.ask("study-1", 1, FILES))

    with records.working():
        taken_up = records.job(job.key)

    assert (taken_up.state, taken_up.problem, taken_up.tries) == (
        JobState.WAITING,
        Problem.CUT_SHORT,
        1,
    )
    machine.seconds += 6
    assert records.next_due() is not None


def test_what_another_program_is_sending_is_left_alone(records, tmp_path, machine):
    with closing(OutboxRecords(tmp_path, KEYS, "", machine.now)) as other, other.working():
        job = other.begin(other.ask("study-1", 1, FILES))
        with records.working() as ours:
            assert not ours
        assert records.job(job.key).state is JobState.SENDING


def test_a_job_that_is_cancelled_just_before_its_try_is_not_begun(records):
    records.ask("study-1", 1, FILES)
    due = records.next_due()

    records.cancel(due, CancelReason.MISTAKE)

    assert records.begin(due) is None
    assert records.job(due.key).state is JobState.CANCELLED


def test_a_store_whose_folder_cannot_be_written_says_so(records, tmp_path):
    (tmp_path / "outbox.lock").mkdir()

    with pytest.raises(NotSavedError), records.working():
        pass


def test_a_cancelled_job_is_not_sent_and_can_be_tried_again_by_a_person(records, store):
    job = records.ask("study-1", 1, FILES)

    records.cancel(job, CancelReason.MISTAKE)
    assert records.next_due() is None
    assert records.unsent() == []
    records.retry(job)

    assert records.next_due() is not None
    assert acts(store)[-3:] == [
        ("Amina", "asked for: files"),
        ("Amina", "files cancelled: asked for by mistake"),
        ("Amina", "files tried again"),
    ]


@pytest.mark.parametrize("state", ["sent", "being sent"])
def test_what_is_sent_or_being_sent_is_neither_cancelled_nor_tried_again(records, state):
    job = records.begin(records.ask("study-1", 1, FILES))
    if state == "sent":
        records.sent(job)

    for act in (lambda j: records.cancel(j, CancelReason.MISTAKE), records.retry):
        with pytest.raises(StepRefusedError, match=state):
            act(job)
    assert records.job(job.key).state.value == state


@pytest.mark.parametrize("key", ["", "nothing-of-that-name"])
def test_a_job_that_is_none_is_refused(records, key):
    records.ask("study-1", 1, FILES)

    with pytest.raises(StepRefusedError):
        records.job(key)


def test_a_job_is_found_by_the_beginning_of_its_key(records):
    job = records.ask("study-1", 1, FILES)

    assert records.job(job.short_key) == job


def test_the_audit_says_who_asked_and_that_the_program_sent(records, store):
    job = records.begin(records.ask("study-1", 1, FILES))
    records.sent(job)

    assert acts(store)[-2:] == [("Amina", "asked for: files"), ("", "files sent")]
    assert store.audit_verified().wrong == ""

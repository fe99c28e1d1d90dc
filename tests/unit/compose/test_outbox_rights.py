"""Every role x every way into the outbox: what the table gives, and nothing else."""

from contextlib import closing, suppress
from itertools import product

import pytest

from edge_app.compose.outbox import StoreOutbox, senders
from edge_app.domain.account import RIGHTS, Account, Right, Role
from edge_app.domain.confidentiality import Confidentiality, LeavingPlan
from edge_app.domain.error import NotAllowedError, StepRefusedError
from edge_app.domain.outbox import REPORT, CancelReason, JobState, Send, SendKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow.allowed_store import AllowedStore
from tests.fakes import NOON, FakeStore
from tests.keys import KEYS

LOOKED_AT = Study("study-1", PatientRef("P-1"), NOON)
PLAN = LeavingPlan(Confidentiality("trial"), ())


def _asked_to_print(outbox, _key, _to):
    with suppress(StepRefusedError):  # nothing is signed here
        outbox.ask_to_print("study-1", "Office")


COMMANDS = {
    "jobs": (Right.USE_OUTBOX, lambda o, _key, _to: o.jobs()),
    "unsent": (Right.USE_OUTBOX, lambda o, _key, _to: o.unsent()),
    "waiting": (Right.USE_OUTBOX, lambda o, _key, _to: o.waiting()),
    "job": (Right.USE_OUTBOX, lambda o, key, _to: o.job(key)),
    "retry": (Right.USE_OUTBOX, lambda o, key, _to: o.retry(key)),
    "cancel": (Right.USE_OUTBOX, lambda o, key, _to: o.cancel(key, CancelReason.MISTAKE)),
    "ask_for_files": (Right.EXPORT, lambda o, _key, to: o.ask_for_files("study-1", to)),
    "ask_without_names": (
        Right.EXPORT,
        lambda o, _key, to: o.ask_without_names(
            Study("study-1", PatientRef("P-1"), NOON), to, PLAN
        ),
    ),
    "ask_to_print": (Right.PRINT, _asked_to_print),
}
FREE = {
    "work": "the program sends whoever is in",
    "written": "says the names of files of a job that somebody may see already",
}


@pytest.mark.parametrize(("role", "command"), list(product(Role, COMMANDS)))
def test_a_role_does_with_the_outbox_what_its_rights_give_and_nothing_else(tmp_path, role, command):
    right, act = COMMANDS[command]
    refused = []
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.start(Study("study-1", PatientRef("P-1"), NOON))
        store.save(study, "looked at", (REPORT,))
        with closing(OutboxRecords(tmp_path, KEYS)) as records:
            (job,) = records.jobs()
            account = Account("Amina", frozenset({role}))
            sending = senders(tmp_path, KEYS, store)
            outbox = StoreOutbox(records, store, sending, account, refused.append)
            if right in RIGHTS[role]:
                act(outbox, job.key, tmp_path / "out")
                assert refused == []
            else:
                with pytest.raises(NotAllowedError):
                    act(outbox, job.key, tmp_path / "out")
                assert refused == [right]
                assert records.jobs() == [job]
                assert not (tmp_path / "out").exists()


def test_every_way_into_the_outbox_is_in_the_matrix_or_free_for_a_reason():
    ways = {name for name in vars(StoreOutbox) if not name.startswith("_")}

    assert ways == COMMANDS.keys() | FREE.keys()


def test_the_program_sends_whoever_is_in(tmp_path):
    nobody = Account("Auditor", frozenset({Role.AUDITOR}))
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.start(Study("study-1", PatientRef("P-1"), NOON))
        store.save(study, "looked at", (REPORT,))
        with closing(OutboxRecords(tmp_path, KEYS)) as records:
            outbox = StoreOutbox(
                records, store, senders(tmp_path, KEYS, store), nobody, lambda _: None
            )

            assert outbox.work() is None
            assert records.jobs()[0].state is JobState.SENT


@pytest.mark.parametrize("role", [r for r in Role if Right.USE_OUTBOX in RIGHTS[r]])
def test_of_whom_a_job_is_only_who_may_see_studies_is_told(tmp_path, role):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        store.save(study, "looked at", (REPORT,))
        with closing(OutboxRecords(tmp_path, KEYS)) as records:
            account = Account("Somebody", frozenset({role}))
            sending = senders(tmp_path, KEYS, store)
            outbox = StoreOutbox(records, store, sending, account, lambda _: None)

            (waiting,) = outbox.waiting()

    may = Right.SEE_STUDIES in RIGHTS[role]
    assert (waiting.patient is not None) is may
    assert ("Amina" in repr(waiting.patient and waiting.patient.name)) is may


def test_a_job_waits_since_the_act_that_asked_for_it(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.start(Study("study-1", PatientRef("P-1"), NOON))
        study = store.save(study, "looked at", (REPORT,))
        with closing(OutboxRecords(tmp_path, KEYS, "Amina")) as records:
            files = records.ask("study-1", study.version, Send(SendKind.FILES, str(tmp_path)))
            (report,) = [j for j in records.unsent() if j.send is not files.send][:1]
            events = {e.act: e.at for e in store.audit_events()}

            assert records.since(report) == events["looked at"]
            assert records.since(files) == events["asked for: files"]


@pytest.mark.parametrize("kind", [SendKind.FILES, SendKind.DEIDENTIFIED])
def test_a_change_that_sends_files_needs_the_right_to_export_besides_its_own(kind):
    inner, refused = FakeStore(), []
    study = inner.start(Study("study-1", PatientRef("P-1"), NOON))
    operator = Account("Amina", frozenset({Role.OPERATOR}))
    store = AllowedStore(inner, operator, refused.append, lambda _: None)

    with pytest.raises(NotAllowedError):
        store.save(study, "read", (Send(kind, "/media/stick"),))

    assert refused == [Right.EXPORT]
    assert inner.study("study-1") == study
    assert store.save(study, "read").version == 2

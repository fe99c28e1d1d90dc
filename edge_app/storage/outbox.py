"""The outbox: a row for each thing that has to leave a study, and what has become of it.

A row is written in the transaction of the act that wants it. Waits are kept as what is left of them
in the machine's running time, so that setting the clock neither hurries nor stalls anything.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from edge_app.domain.audit import EventKind
from edge_app.domain.confidentiality import LeavingPlan
from edge_app.domain.error import NotSavedError, StepRefusedError
from edge_app.domain.outbox import (
    CancelReason,
    Job,
    JobState,
    Problem,
    Send,
    SendKind,
    is_given_up,
    key_of,
    wait_after,
)
from edge_app.storage.beside import BesideStore
from edge_app.storage.boot_clock import Running, running
from edge_app.storage.cipher import Database, Row
from edge_app.storage.held_lock import held
from edge_app.storage.store_keys import StoreKeys

_COLUMNS = "key, study_id, version, kind, target, mount, state, problem, tries, boot, due_s, left_s"
_WITH_PLAN = ", (SELECT plan FROM outbox_plan WHERE outbox_plan.key = outbox.key)"
_PLAN = msgspec.json.Decoder(LeavingPlan)
_WORTH_KEEPING_S = 30.0
_ASKED_FOR = "asked for: "


def ask(database: Database, study_id: str, version: int, send: Send) -> str:
    """Put one thing into the outbox, within the transaction of the act; return its key.

    What was asked for before is the same job, and due at once.
    """
    key = key_of(study_id, version, send)
    waiting = JobState.WAITING.value
    database.execute(
        f"INSERT INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, '', 0, 0)"  # noqa: S608  our own words
        " ON CONFLICT (key) DO UPDATE SET state=excluded.state, mount=excluded.mount,"
        " problem='', tries=0, boot='', due_s=0, left_s=0 WHERE state<>?",
        (key, study_id, version, send.kind.value, send.target, send.mount, waiting,
         JobState.SENDING.value),
    )  # fmt: skip
    if send.plan:
        database.execute(
            "INSERT INTO outbox_plan VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
            (key, msgspec.json.encode(send.plan)),
        )
    return key


def _job(row: Row, now: Running) -> tuple[Job, float]:
    """Return the job of a row, and how much of its wait was left when it was last written."""
    *said, boot, due_s, left_s, plan = row
    key, study_id, version, kind, target, mount, state, problem, tries = said
    kept = float(left_s)
    left = kept if boot != now.boot else min(kept, max(0.0, float(due_s) - now.seconds))
    job = Job(
        key,
        study_id,
        int(version),
        Send(SendKind(kind), target, mount, _PLAN.decode(plan) if plan else None),
        JobState(state),
        Problem(problem),
        int(tries),
        left,
    )
    return job, kept


class OutboxRecords:
    """The rows of one store; another program may hold the store meanwhile."""

    def __init__(
        self,
        folder: Path,
        keys: StoreKeys,
        actor: str = "",
        clock: Callable[[], Running] = running,
    ) -> None:
        """Take the store in `folder`; `actor` is whose acts retrying and cancelling are."""
        self._store, self._clock = BesideStore(folder, keys, actor), clock

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    @contextmanager
    def working(self) -> Iterator[bool]:
        """Yield whether this program is the one that sends while the block lasts.

        Raises:
            NotSavedError: The store's folder cannot be written.
        """
        try:
            lock = held(self._store.folder / "outbox.lock")
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            raise NotSavedError(
                f"The outbox cannot be used: {(error.strerror or 'no answer').lower()}.",
                "Check the data folder and its space.",
            ) from error
        try:
            self._resume()
            yield True
        finally:
            os.close(lock)

    def _resume(self) -> None:
        """Take up again what was being sent when nobody was left to send it."""
        cut_short = [j for j in self.unsent() if j.state is JobState.SENDING]
        for job in cut_short:
            self.failed(job, Problem.CUT_SHORT)

    def ask(self, study_id: str, version: int, send: Send) -> Job:
        """Put one thing into the outbox with its event, and return the job.

        Raises:
            NotSavedError: It was not.
        """
        with self._store.changing() as database:
            key = ask(database, study_id, version, send)
            act = f"{_ASKED_FOR}{send.words}"
            self._store.note(EventKind.EXPORTED, act, (study_id, version))
        return self.job(key)

    def jobs(self, study_id: str = "") -> list[Job]:
        """Return every job, or those of one study, in the order in which they were asked for."""
        return self._found("WHERE study_id=?", (study_id,)) if study_id else self._found("", ())

    def unsent(self) -> list[Job]:
        """Return every job that is not sent, and that nobody has cancelled."""
        over = (JobState.SENT.value, JobState.CANCELLED.value)
        return self._found("WHERE state NOT IN (?, ?)", over)

    def _found(self, where: str, values: tuple[str, ...]) -> list[Job]:
        asked = f"SELECT {_COLUMNS}{_WITH_PLAN} FROM outbox {where} ORDER BY number"  # noqa: S608  our own words
        now = self._clock()
        with self._store.asked() as database:
            return [_job(row, now)[0] for row in database.execute(asked, values).fetchall()]

    def job(self, key: str) -> Job:
        """Return the one job whose key begins so.

        Raises:
            StepRefusedError: There is none, or there are several.
        """
        found = self._found("WHERE substr(key, 1, ?)=?", (str(len(key)), key)) if key else []
        if len(found) != 1:
            raise StepRefusedError("There is no such job in the outbox.", "List the outbox.")
        return found[0]

    def next_due(self) -> Job | None:
        """Return the job that is to be sent now; what is left of the others' waits is kept."""
        now = self._clock()
        asked = f"SELECT {_COLUMNS}{_WITH_PLAN} FROM outbox WHERE state=? ORDER BY number"  # noqa: S608
        with self._store.changing() as database:
            rows = database.execute(asked, (JobState.WAITING.value,)).fetchall()
            for row in rows:
                job, kept = _job(row, now)
                if job.wait_s <= 0:
                    return job
                if row[9] != now.boot or kept - job.wait_s >= _WORTH_KEEPING_S:
                    _wait(database, job.key, now, job.wait_s)
        return None

    def next_wait_s(self) -> float | None:
        """Return the seconds until a job is due; None where none waits."""
        waits = [j.wait_s for j in self.unsent() if j.is_open]
        return min(waits) if waits else None

    def begin(self, job: Job) -> Job | None:
        """Write down that a try begins; return the job as it then is, None where it is off."""
        with self._store.changing() as database:
            if _state(database, job) is not JobState.WAITING:
                return None
            _set(database, job.key, JobState.SENDING, job.problem, job.tries + 1)
        return replace(job, state=JobState.SENDING, tries=job.tries + 1)

    def intend(self, job: Job, name: str, sha256: str) -> None:
        """Write down what a file is going to be, before it can be at its place."""
        with self._store.changing() as database:
            database.execute(
                "INSERT INTO outbox_file VALUES (?, ?, ?)"
                " ON CONFLICT (key, name) DO UPDATE SET sha256=excluded.sha256",
                (job.key, name, sha256),
            )

    def intended(self, job: Job) -> dict[str, str]:
        """Return what was written down of each file that a job began with, by its name."""
        asked = "SELECT name, sha256 FROM outbox_file WHERE key=?"
        with self._store.asked() as database:
            return {row[0]: row[1] for row in database.execute(asked, (job.key,)).fetchall()}

    def sent(self, job: Job) -> None:
        """Write down that all of it is at its place."""
        with self._store.changing() as database:
            _set(database, job.key, JobState.SENT, Problem.NONE, job.tries)
            self._note_of_program(job, "sent")

    def failed(self, job: Job, problem: Problem) -> None:
        """Write down why a try failed: it waits for the next one, or is given up."""
        is_over = is_given_up(problem, job.tries)
        with self._store.changing() as database:
            if is_over:
                _set(database, job.key, JobState.GIVEN_UP, problem, job.tries)
                self._note_of_program(job, "given up", is_refused=True)
                return
            _set(database, job.key, JobState.WAITING, problem, job.tries)
            _wait(database, job.key, self._clock(), wait_after(job.tries))

    def retry(self, job: Job) -> None:
        """Have a job that was not sent tried again now, as if it had never been tried.

        Raises:
            StepRefusedError: It was sent, or is being sent.
        """
        states = (JobState.WAITING, JobState.GIVEN_UP, JobState.CANCELLED)
        self._by_a_person(job, JobState.WAITING, states, "tried again")

    def cancel(self, job: Job, reason: CancelReason) -> None:
        """Have a job not sent any more; what is at its place already stays. Raises likewise."""
        states = (JobState.WAITING, JobState.GIVEN_UP)
        self._by_a_person(job, JobState.CANCELLED, states, f"cancelled: {reason.value}")

    def since(self, job: Job) -> datetime | None:
        """Return when a job was asked for, as the audit says; None where it does not."""
        asked = "SELECT at FROM audit WHERE study_id=? AND version=? AND act=? ORDER BY sequence"
        by_itself = "SELECT at FROM audit WHERE study_id=? AND version=? ORDER BY sequence LIMIT 1"
        study = (job.study_id, job.version)
        with self._store.asked() as database:
            rows = database.execute(asked, (*study, f"{_ASKED_FOR}{job.send.words}")).fetchall()
            rows = rows or database.execute(by_itself, study).fetchall()  # with the act itself
        return datetime.fromisoformat(rows[-1][0]) if rows else None

    def _by_a_person(
        self, job: Job, state: JobState, before: tuple[JobState, ...], act: str
    ) -> None:
        with self._store.changing() as database:
            now = _state(database, job)
            if now not in before:
                raise StepRefusedError(f"That job is {now.value}.", "List the outbox.")
            _set(database, job.key, state, Problem.NONE, 0)
            words = f"{job.send.kind.value} {act}"
            self._store.note(EventKind.EXPORTED, words, (job.study_id, job.version))

    def _note_of_program(self, job: Job, act: str, *, is_refused: bool = False) -> None:
        self._store.note(
            EventKind.APPLICATION,
            f"{job.send.kind.value} {act}",
            (job.study_id, job.version),
            is_refused=is_refused,
            by_program=True,
        )


def _state(database: Database, job: Job) -> JobState:
    """Return how far a job has come at this moment; one whose study was removed is over."""
    rows = database.execute("SELECT state FROM outbox WHERE key=?", (job.key,)).fetchall()
    return JobState(rows[0][0]) if rows else JobState.CANCELLED


def _wait(database: Database, key: str, now: Running, left_s: float) -> None:
    database.execute(
        "UPDATE outbox SET boot=?, due_s=?, left_s=? WHERE key=?",
        (now.boot, now.seconds + left_s, left_s, key),
    )


def _set(database: Database, key: str, state: JobState, problem: Problem, tries: int) -> None:
    database.execute(
        "UPDATE outbox SET state=?, problem=?, tries=?, boot='', due_s=0, left_s=0 WHERE key=?",
        (state.value, problem.value, tries, key),
    )

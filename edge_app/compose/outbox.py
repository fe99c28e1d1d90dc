"""The outbox of one store: what brings a study's files to their places."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from edge_app.compose.asked_for import or_failed, study_of
from edge_app.compose.delivery import File, files_of, report_of, stem_of
from edge_app.compose.printing import PrintSender
from edge_app.compose.sealed_report import report_name, sealed_report
from edge_app.compose.site_printers import known_printers
from edge_app.compose.tongue import paper_words
from edge_app.domain.account import Account, Right
from edge_app.domain.confidentiality import LeavingPlan
from edge_app.domain.error import (
    ExportFailedError,
    StepRefusedError,
    StudyDamagedError,
    StudyUnknownError,
)
from edge_app.domain.outbox import (
    CancelReason,
    Job,
    JobState,
    Problem,
    Send,
    SendFailedError,
    SendKind,
    Waiting,
    printing,
)
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.durable import ensure_folder, sync_folder
from edge_app.exchange.deidentified import DeidentifiedFiles
from edge_app.exchange.folder_delivery import FolderDelivery, mount_of, opened_folder
from edge_app.exchange.ipp_printer import PrinterPeer
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.reports import REPORTS
from edge_app.storage.saved_studies import SavedStudies
from edge_app.storage.store_keys import StoreKeys
from edge_app.workflow.allowed_store import ensure_may
from edge_app.workflow.outbox import Intents, Sender, work

_Made = TypeVar("_Made")
_PATIENCE_S, _GLANCE_S = 600.0, 0.1


class FolderSender:
    """Answers `Sender`: files of a study into a folder."""

    def __init__(
        self,
        store: SavedStudies,
        files: Callable[[Study, Send], Iterator[File]],
        place: Callable[[Send], Send],
        mark: Callable[[Job], str] = lambda job: job.short_key,
    ) -> None:
        """Take what makes the files, what says into which folder they go, and a job's mark."""
        self._store, self._files, self._place = store, files, place
        self._mark = mark

    def send(self, job: Job, intents: Intents) -> None:
        """Have all files there. Raises SendFailedError."""
        study = study_of(self._store, job)
        with opened_folder(self._place(job.send)) as folder:
            delivery = FolderDelivery(
                folder,
                self._mark(job),
                intents.intended(job),
                lambda name, sha256: intents.intend(job, name, sha256),
            )
            delivery.forget()
            for name, made in self._files(study, job.send):
                delivery.put(name, or_failed(made))

    def forget(self, job: Job, intents: Intents) -> None:  # noqa: ARG002  a folder tells by itself
        """Take away what a try that was cut short left half."""
        with suppress(SendFailedError), opened_folder(self._place(job.send)) as folder:
            FolderDelivery(folder, self._mark(job), {}, lambda *_: None).forget()


def senders(folder: Path, keys: StoreKeys, store: SavedStudies) -> Mapping[SendKind, Sender]:
    """Return what sends each kind of thing from the store in `folder`."""
    reports = folder / REPORTS
    nameless = DeidentifiedFiles(keys.pseudonyms)

    def kept_report(study: Study, _: Send) -> Iterator[File]:
        study_id = study.study_id
        yield (
            report_name(stem_of(store, study)),
            lambda: sealed_report(report_of(store, study, paper_words(folder)), study_id, keys),
        )

    def own_folder(_: Send) -> Send:
        with suppress(OSError):  # whatever is wrong there is told when it is opened
            ensure_folder(reports)
        return Send(SendKind.REPORT, str(reports))

    def without_names(study: Study, send: Send) -> Iterator[File]:
        if send.plan is None:  # it stood on a damaged page, and was not found again
            raise SendFailedError(Problem.STUDY_DAMAGED)
        yield from nameless.files(study, lambda i: store.pixels(study, i.image_id), send.plan)

    return {
        SendKind.REPORT: FolderSender(store, kept_report, own_folder),
        SendKind.FILES: FolderSender(
            store, lambda s, _: files_of(store, s, paper_words(folder)), lambda send: send
        ),
        SendKind.DEIDENTIFIED: FolderSender(
            store, without_names, lambda send: send, lambda job: nameless.mark(job.key)
        ),
        SendKind.PRINT: PrintSender(
            store,
            lambda s: report_of(store, s, paper_words(folder)),
            partial(known_printers, folder),
        ),
    }


class StoreOutbox:
    """Answers `Outbox` for one account; the program itself sends whoever is in."""

    def __init__(
        self,
        records: OutboxRecords,
        store: SavedStudies,
        sending: Mapping[SendKind, Sender],
        account: Account,
        on_refusal: Callable[[Right], None],
        printers: Callable[[], Mapping[str, PrinterPeer]] = dict,
    ) -> None:
        self._records, self._store, self._senders = records, store, sending
        self._printers = printers
        self._account, self._on_refusal = account, on_refusal

    def _ensure(self, right: Right) -> None:
        ensure_may(self._account, right, self._on_refusal)

    def work(self) -> float | None:
        """Send the job that is due; return the seconds until there is another."""
        return work(self._records, self._senders)

    def jobs(self, study_id: str = "") -> Sequence[Job]:
        """Return every job, or those of one study. Raises NotAllowedError."""
        self._ensure(Right.USE_OUTBOX)
        return self._records.jobs(study_id)

    def unsent(self) -> Sequence[Job]:
        """Return every job that is not sent, and that nobody has cancelled. Raises likewise."""
        self._ensure(Right.USE_OUTBOX)
        return self._records.unsent()

    def job(self, key: str) -> Job:
        """Return the one job whose key begins so. Raises NotAllowedError, StepRefusedError."""
        self._ensure(Right.USE_OUTBOX)
        return self._records.job(key)

    def retry(self, key: str) -> None:
        """Have a job tried again now. Raises likewise."""
        self._records.retry(self.job(key))

    def waiting(self) -> Sequence[Waiting]:
        """Return what is not sent, since when, and whose for whoever may see studies."""
        return [Waiting(j, self._records.since(j), self._patient(j)) for j in self.unsent()]

    def _patient(self, job: Job) -> PatientRef | None:
        if not self._account.may(Right.SEE_STUDIES):
            return None
        try:
            return self._store.study(job.study_id).patient
        except (StudyUnknownError, StudyDamagedError):
            return None

    def cancel(self, key: str, reason: CancelReason) -> None:
        """Have a job not sent any more, for a reason. Raises likewise."""
        job = self.job(key)
        self._records.cancel(job, reason)
        self._senders[job.send.kind].forget(job, self._records)

    def ask_for_files(self, study_id: str, folder: Path) -> Job:
        """Put the files of a study into the outbox, for a folder that is made where it is missing.

        Raises:
            NotAllowedError: The account may not export.
            ExportFailedError: The folder cannot be made.
            StudyUnknownError: There is no such study.
        """
        self._ensure(Right.EXPORT)
        study = self._store.study(study_id)
        return self._records.ask(study_id, study.version, _into(folder, SendKind.FILES))

    def ask_without_names(self, study: Study, folder: Path, plan: LeavingPlan) -> Job:
        """Put a study into the outbox as files that name nobody; `study` as it was looked at.

        Raises:
            NotAllowedError, ExportFailedError: As for the files.
        """
        self._ensure(Right.EXPORT)
        send = replace(_into(folder, SendKind.DEIDENTIFIED), plan=plan)
        return self._records.ask(study.study_id, study.version, send)

    def ask_to_print(self, study_id: str, printer: str) -> Job:
        """Have the newest report of a study printed; what still waits there is not asked for twice.

        Raises:
            NotAllowedError: The account may not print.
            StepRefusedError: The study was never signed, or there is no such printer.
            StudyUnknownError: There is no such study.
        """
        self._ensure(Right.PRINT)
        if printer not in self._printers():
            known = ", ".join(self._printers()) or "none"
            raise StepRefusedError(f"The site has no printer {printer}.", f"It has: {known}.")
        signed = self._store.signed_versions(study_id)
        if not signed:
            raise StepRefusedError("Only a signed study has a report.", "Sign it first.")
        before = [
            job
            for job in self._records.jobs(study_id)
            if (job.send.kind, job.version) == (SendKind.PRINT, max(signed))
            and job.send.printer == printer
        ]
        still = [job for job in before if job.is_open]
        if still:
            return still[-1]
        return self._records.ask(study_id, max(signed), printing(printer, len(before) + 1))

    def written(self, job: Job) -> list[Path]:
        """Return the files of a job, which are there once it was sent."""
        if job.state is not JobState.SENT or job.send.kind is SendKind.PRINT:
            return []
        return [Path(job.send.target) / name for name in self._records.intended(job)]


def _into(folder: Path, kind: SendKind) -> Send:
    """Return something for a folder, which is made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # some network shares cannot sync a folder
            sync_folder(folder.parent)
        return Send(kind, str(folder.resolve()), str(mount_of(folder)))
    except OSError as error:
        raise ExportFailedError(
            f"The folder cannot be made: {(error.strerror or 'no answer').lower()}.",
            "Choose another folder.",
        ) from error


def sent_now(outbox: StoreOutbox, job: Job) -> Job:
    """Return a job after it was tried, by this program or by another one that sends just now."""
    until = time.monotonic() + _PATIENCE_S
    while job.is_open and job.wait_s <= 0 and time.monotonic() < until:
        outbox.work()
        job = outbox.job(job.key)
        if job.is_open and job.wait_s <= 0:
            time.sleep(_GLANCE_S)
    return job


@contextmanager
def store_outbox(
    folder: Path,
    keys: StoreKeys,
    store: SavedStudies,
    account: Account,
    on_refusal: Callable[[Right], None],
) -> Iterator[StoreOutbox]:
    """Yield the outbox of the store in `folder` as `account` may use it."""
    records = OutboxRecords(folder, keys, account.name)
    try:
        yield StoreOutbox(
            records,
            store,
            senders(folder, keys, store),
            account,
            on_refusal,
            partial(known_printers, folder),
        )
    finally:
        records.close()

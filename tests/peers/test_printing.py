"""A report on paper, on a real CUPS: once, said only when it is out, and nobody is named."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edge_app.compose.delivery import report_of
from edge_app.compose.doctor import _printers
from edge_app.compose.outbox import StoreOutbox
from edge_app.compose.printing import PrintSender, needed_by
from edge_app.domain.account import Account, Role
from edge_app.domain.error import StepRefusedError
from edge_app.domain.outbox import CancelReason, Job, JobState, Problem, SendFailedError, SendKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.exchange.ipp_printer import IppPrinter, PrinterPeer
from edge_app.settings import Settings
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_reading, an_image
from tests.keys import KEYS
from tests.peers.cups import PrintServer, print_server

PATIENT = PatientRef("MRN-77041", "Marker^Amina")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrintServer]:
    with print_server(tmp_path / "cups") as made:
        yield made


@dataclass
class Desk:
    """An outbox with one signed study in it, and the site's printers."""

    outbox: StoreOutbox
    records: OutboxRecords
    store: SqliteStudyStore
    printers: dict[str, PrinterPeer]
    sender: PrintSender

    def ask(self) -> Job:
        return self.outbox.ask_to_print("study-1", "Office")

    def tried(self, job: Job) -> Job:
        """Have it tried now, and return what became of that."""
        self.outbox.retry(job.key)
        self.outbox.work()
        return self.outbox.job(job.key)


@contextmanager
def a_desk(folder: Path, peer: PrinterPeer) -> Iterator[Desk]:
    printers = {peer.name: peer}
    with SqliteStudyStore(folder / "store", KEYS) as store:
        study, image = store.start(Study("study-1", PATIENT, NOON)), an_image()
        study = examine.keep(store, study, image)
        study = examine.keep_reading(store, study, study.images[-1].image_id, a_reading(image))
        examine.sign(store, FakeClock(), study, "Dr Test")
        sender = PrintSender(store, lambda s: report_of(store, s), lambda: printers)
        clinician = Account("Amina", frozenset({Role.CLINICIAN}))
        with closing(OutboxRecords(folder / "store", KEYS)) as records:
            for job in records.unsent():  # the report for the device's own folder
                records.cancel(job, CancelReason.MISTAKE)
            sending = {SendKind.PRINT: sender}
            outbox = StoreOutbox(
                records, store, sending, clinician, lambda _: None, lambda: printers
            )
            yield Desk(outbox, records, store, printers, sender)


def test_a_report_comes_out_once_and_is_sent_when_it_is_out(tmp_path, server):
    with a_desk(tmp_path, server.peer) as desk:
        job = desk.ask()
        assert desk.ask() == job
        desk.outbox.work()

        assert desk.outbox.job(job.key).state is JobState.SENT
        (paper,) = server.printed
        assert paper.startswith(b"%PDF-")
        again = desk.ask()
        assert again.key != job.key
        desk.outbox.work()
        assert len(server.printed) == 2


def test_a_printer_that_is_slow_is_waited_for_and_gets_nothing_twice(tmp_path, server, monkeypatch):
    monkeypatch.setattr("edge_app.compose.printing._PATIENCE_S", 0.2)
    with a_desk(tmp_path, server.peer) as desk:
        with server.held():
            job = desk.tried(desk.ask())
            assert (job.state, job.problem) == (JobState.WAITING, Problem.PRINTING)
            assert desk.tried(job).problem is Problem.PRINTING
        monkeypatch.setattr("edge_app.compose.printing._PATIENCE_S", 8.0)

        assert desk.tried(job).state is JobState.SENT
        assert len(server.printed) == 1


def test_a_printer_that_is_away_is_waited_for(tmp_path, server):
    with a_desk(tmp_path, server.peer) as desk:
        server.end()
        job = desk.tried(desk.ask())
        assert (job.state, job.problem) == (JobState.WAITING, Problem.PRINTER_AWAY)
        assert "does not answer" in needed_by(server.peer)
        server.start()

        assert desk.tried(job).state is JobState.SENT
        assert len(server.printed) == 1


def test_a_printer_that_waits_for_somebody_says_so_and_then_goes_on(tmp_path, server, monkeypatch):
    monkeypatch.setattr("edge_app.compose.printing._PATIENCE_S", 0.2)
    with a_desk(tmp_path, server.peer) as desk:
        server.pause()
        job = desk.tried(desk.ask())
        assert job.problem is Problem.PRINTER_NEEDS_SOMEBODY
        server.go_on()
        monkeypatch.setattr("edge_app.compose.printing._PATIENCE_S", 8.0)

        assert desk.tried(job).state is JobState.SENT
        assert len(server.printed) == 1


@pytest.mark.parametrize("cut", ["begun", "whole"])
def test_what_is_cut_off_between_printer_and_disk_comes_out_once(
    tmp_path, server, monkeypatch, cut
):
    """Cut after the printer has the job and no document, and after both know of the document."""
    with a_desk(tmp_path, server.peer) as desk:
        job, real = desk.ask(), desk.records.intend

        def intend(job: Job, name: str, sha256: str) -> None:
            real(job, name, sha256)
            if name == cut:
                raise KeyboardInterrupt

        monkeypatch.setattr(desk.records, "intend", intend)
        with pytest.raises(KeyboardInterrupt):
            desk.outbox.work()
        monkeypatch.setattr(desk.records, "intend", real)
        desk.outbox.work()  # tells that it was cut short

        assert desk.tried(desk.outbox.job(job.key)).state is JobState.SENT
        assert len(server.printed) == 1


def test_a_print_that_is_cancelled_is_taken_away_at_the_printer(tmp_path, server, monkeypatch):
    monkeypatch.setattr("edge_app.compose.printing._PATIENCE_S", 0.1)
    with a_desk(tmp_path, server.peer) as desk:
        server.pause()
        job = desk.tried(desk.ask())
        desk.outbox.cancel(job.key, CancelReason.MISTAKE)
        server.go_on()
        time.sleep(1)

        assert server.printed == []


def test_the_printer_is_told_no_name(tmp_path, server):
    with a_desk(tmp_path, server.peer) as desk:
        desk.ask()
        desk.outbox.work()

    told = "".join(p.read_text(errors="replace") for p in server.folder.glob("*.log"))
    spooled = b"".join(p.read_bytes() for p in (server.folder / "spool").rglob("*") if p.is_file())
    assert len(server.printed) == 1
    for marker in ("77041", "Amina", "Marker", "study-1", "Dr Test"):
        assert marker not in told
        assert marker.encode() not in spooled


def test_a_report_goes_by_tls_only_to_the_certificate_that_the_site_named(tmp_path, server):
    right, wrong = server.secure_peer(server.fingerprint), server.secure_peer("00" * 32)
    with a_desk(tmp_path, wrong) as desk:
        job = desk.tried(desk.ask())
        assert job.problem is Problem.PRINTER_IS_ANOTHER
        desk.printers["Office"] = right

        assert desk.tried(job).state is JobState.SENT
        assert len(server.printed) == 1


def test_what_speaks_no_ipp_is_no_printer(server):
    nowhere = replace(server.peer, uri=server.peer.uri.replace("/printers/office", "/"))

    with pytest.raises(SendFailedError) as caught:
        IppPrinter(nowhere).begun()

    assert caught.value.problem is Problem.PRINTER_REFUSED


def test_neither_an_unsigned_study_nor_an_unknown_printer_is_taken(tmp_path, server):
    with a_desk(tmp_path, server.peer) as desk:
        with pytest.raises(StepRefusedError):
            desk.outbox.ask_to_print("study-1", "Elsewhere")
        desk.store.start(Study("study-2", PATIENT, NOON))
        with pytest.raises(StepRefusedError):
            desk.outbox.ask_to_print("study-2", "Office")
        desk.printers.clear()
        assert desk.records.unsent() == []


def test_the_doctor_asks_each_printer_whether_it_is_ready(tmp_path, server):
    settings = Settings(tmp_path / "data", tmp_path)
    settings.data_dir.mkdir()
    (settings.data_dir / "printers.toml").write_text(
        f'[[printer]]\nname = "Office"\nuri = "{server.peer.uri}"\n'
    )
    (ready,) = _printers(settings)
    server.pause()
    (paused,) = _printers(settings)

    assert "ready" in ready.found
    assert "paper" in paused.remedy

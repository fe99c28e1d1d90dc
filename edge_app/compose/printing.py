"""A report on paper: handed to a printer once, and sent when the printer says that it is out."""

import hashlib
import time
from collections.abc import Callable, Mapping

from edge_app.compose.asked_for import or_failed, study_of
from edge_app.domain.outbox import PROBLEM_WORDS, Job, Problem, SendFailedError
from edge_app.domain.study import Study
from edge_app.exchange.ipp_printer import IppPrinter, JobState, PrinterPeer
from edge_app.storage.saved_studies import SavedStudies
from edge_app.workflow.outbox import Intents

_PATIENCE_S, _GLANCE_S = 8.0, 0.3
_BEGUN, _WHOLE = "begun", "whole"
_GONE = frozenset({JobState.CANCELED, JobState.ABORTED})


class PrintSender:
    """Answers `Sender`: the report of a study to a printer.

    The printer's number of the job is written down before it gets the document, and again after
    that. A job that was cut short before the second is taken away at the printer and made anew;
    after it, the printer is asked what became of it, and no second one is made.
    """

    def __init__(
        self,
        store: SavedStudies,
        report: Callable[[Study], bytes],
        printers: Callable[[], Mapping[str, PrinterPeer]],
    ) -> None:
        """Take what makes a report as a PDF, and what knows the site's printers by name."""
        self._store, self._report, self._printers = store, report, printers

    def send(self, job: Job, intents: Intents) -> None:
        """Have the report printed. Raises SendFailedError."""
        printer = self._printer(job)
        number = _handed_over(job, intents)
        if number is None or printer.state(number) in _GONE:
            number = self._handed(job, intents, printer)
        until = time.monotonic() + _PATIENCE_S
        while (state := printer.state(number)) is not JobState.COMPLETED:
            if state in _GONE:
                raise SendFailedError(Problem.PRINTER_REFUSED)
            if time.monotonic() > until:
                raise SendFailedError(printer.waits_for())
            time.sleep(_GLANCE_S)

    def forget(self, job: Job, intents: Intents) -> None:
        """Take the job away at the printer, where it can be reached."""
        number = _number(intents.intended(job).get(_BEGUN, ""))
        if number is not None:
            try:
                self._printer(job).cancel(number)
            except SendFailedError:
                return  # it is away: whoever cancels is told by the job's own state

    def _printer(self, job: Job) -> IppPrinter:
        peer = self._printers().get(job.send.printer)
        if peer is None:
            raise SendFailedError(Problem.PRINTER_UNKNOWN)
        return IppPrinter(peer)

    def _handed(self, job: Job, intents: Intents, printer: IppPrinter) -> int:
        study = study_of(self._store, job)
        pdf = or_failed(lambda: self._report(study))()
        self.forget(job, intents)
        number = printer.begun()
        intents.intend(job, _BEGUN, f"{number} {hashlib.sha256(pdf).hexdigest()}")
        printer.hand_over(number, pdf)
        intents.intend(job, _WHOLE, f"{number} {hashlib.sha256(pdf).hexdigest()}")
        return number


def needed_by(peer: PrinterPeer) -> str:
    """Return in words what a printer waits for; nothing where it is ready, or prints."""
    try:
        problem = IppPrinter(peer).waits_for()
    except SendFailedError as error:
        problem = error.problem
    return "" if problem is Problem.PRINTING else PROBLEM_WORDS[problem]


def _handed_over(job: Job, intents: Intents) -> int | None:
    """Return the printer's number of a job that has its document; None where there is none."""
    known = intents.intended(job)
    return _number(known[_WHOLE]) if known.get(_WHOLE) == known.get(_BEGUN, "") else None


def _number(written: str) -> int | None:
    said = written.partition(" ")[0]
    return int(said) if said.isdigit() else None

"""A job of the outbox in the words of the window."""

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.outbox import PROBLEM_WORDS, Job, JobState, Problem, SendKind
from edge_app.ui.in_words import in_words
from edge_app.ui.words import isolated


def state_words(job: Job) -> str:
    """Return how far a job has come, in one line, with the code of what is wrong."""
    translate = QCoreApplication.translate
    words = {
        JobState.WAITING: translate("Outbox", "Waits to be sent."),
        JobState.SENDING: translate("Outbox", "Is being sent."),
        JobState.SENT: translate("Outbox", "Sent."),
        JobState.GIVEN_UP: translate("Outbox", "Given up."),
        JobState.CANCELLED: translate("Outbox", "Cancelled."),
    }[job.state]
    if job.problem is Problem.NONE:
        return words
    return f"{words} {in_words(PROBLEM_WORDS[job.problem])} ({job.problem.value})"


def kind_words(job: Job) -> str:
    """Return what is sent, and where to."""
    translate = QCoreApplication.translate
    if job.send.kind is SendKind.REPORT:
        return translate("Outbox", "Report, kept on this device")
    if job.send.kind is SendKind.PRINT:
        return translate("Outbox", "Report on paper, by {0}").format(job.send.printer)
    if job.send.kind is SendKind.DEIDENTIFIED:
        return translate("Outbox", "Files without names to {0}").format(isolated(job.send.target))
    return translate("Outbox", "Files to {0}").format(isolated(job.send.target))


def report_words(job: Job) -> str:
    """Return where the report of a signed study stands."""
    translate = QCoreApplication.translate
    if job.state is JobState.SENT:
        return translate("Outbox", "The report is kept with the study, encrypted.")
    if job.problem is Problem.NONE:
        return translate("Outbox", "The report is being written.")
    not_yet = translate("Outbox", "The report is not written yet.")
    return f"{not_yet} {state_words(job)}"


def print_words(job: Job) -> str:
    """Return where a report on paper stands."""
    translate = QCoreApplication.translate
    if job.state is JobState.SENT:
        return translate("Outbox", "Printed by {0}.").format(job.send.printer)
    if job.problem in (Problem.NONE, Problem.PRINTING) and job.is_open:
        return translate("Outbox", "Is being printed by {0}.").format(job.send.printer)
    not_yet = translate("Outbox", "Not printed by {0} yet.").format(job.send.printer)
    return f"{not_yet} {state_words(job)}"

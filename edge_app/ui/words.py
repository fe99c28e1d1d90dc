"""Sentences that more than one page says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.account import EmergencyReason
from edge_app.domain.freshness import Freshness
from edge_app.domain.instruction import Instruction
from edge_app.domain.patient import PatientRef
from edge_app.domain.preparing import Preparing, minutes_words
from edge_app.domain.reading import Advice, Certificate, Outcome, Reading
from edge_app.domain.study import Called
from edge_app.ui.finding_rows import FindingRow, label_words
from edge_app.ui.in_words import in_words, listed, number_words
from edge_app.ui.instructions import instruction, what_to_do, wrong_words

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Said:
    """A headline, what belongs to it, and what to do, where there is one thing to do."""

    headline: str
    detail: str
    do: Instruction | None = None


def isolated(text: str) -> str:
    """Return `text` so that its direction does not disturb the words around it."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"


def emergency_words(reason: EmergencyReason) -> str:
    """Return why somebody used the emergency code."""
    words = {
        EmergencyReason.DANGER: QCoreApplication.translate("Words", "A patient is in danger"),
        EmergencyReason.NOBODY_THERE: QCoreApplication.translate(
            "Words", "Nobody with an account can be reached"
        ),
        EmergencyReason.NO_LOG_IN: QCoreApplication.translate("Words", "The log-in does not work"),
    }
    return words[reason]


def patient_words(patient: PatientRef) -> str:
    """Return the patient in one line, or that nobody was named yet."""
    if not patient.identifier:
        return QCoreApplication.translate("Words", "Patient not named yet")
    return isolated(patient.name or patient.identifier)


def preparing_words(preparing: Preparing | None) -> str:
    """Return what is being made ready, for how long, and how long it may take."""
    if preparing is None:
        return QCoreApplication.translate("Words", "Preparing the detector.")
    so_far = minutes_words(preparing.so_far_s)
    if not preparing.last_s and not preparing.is_long:
        words = QCoreApplication.translate("Words", "Preparing the detector for {0}: {1} so far.")
        return words.format(preparing.title, so_far)
    if not preparing.last_s:
        words = QCoreApplication.translate(
            "Words",
            "Preparing the detector for {0}: {1} so far; the first time it may take some minutes.",
        )
        return words.format(preparing.title, so_far)
    words = QCoreApplication.translate(
        "Words",
        "Preparing the detector for {0}: {1} so far; last time on this machine it took {2}.",
    )
    return words.format(preparing.title, so_far, minutes_words(preparing.last_s))


def provider_words(made_by: Certificate) -> str:
    """Return the execution provider that really ran, as people call it."""
    return made_by.provider.removesuffix("ExecutionProvider").upper()


def running_words(made_by: Certificate) -> str:
    """Return provider and variant that really run, for example "CPU, int8"."""
    return f"{provider_words(made_by)}, {made_by.variant}"


def trouble_words(trouble: Freshness) -> str:
    """Return in a few words why what a device sends is not called a picture."""
    still = QCoreApplication.translate("Words", "The picture stands still")
    return {
        Freshness.FRESH: "",
        Freshness.REPEATED: still,
        Freshness.STUCK: still,
        Freshness.OLD: QCoreApplication.translate("Words", "Old pictures"),
        Freshness.RESIZED: QCoreApplication.translate("Words", "Picture size changed"),
        Freshness.OTHER_DEVICE: QCoreApplication.translate("Words", "Another device"),
    }[trouble]


def called_words(label: str, called: Called | None) -> str:
    """Return what a finding is: the words of the person who named it, or the label."""
    return isolated(called.words) if called and called.words else label_words(label)


def row_words(row: FindingRow) -> str:
    """Return all that is known of one finding: what it is, who says so, and the score."""
    translate = QCoreApplication.translate
    number, name = number_words(row.number), called_words(row.label, row.called)
    if row.score is None:
        return translate("Finding", "Number {0}: {1}, drawn by a person").format(number, name)
    score = number_words(row.score, 2)
    if row.said:
        said = translate("Finding", "Number {0}: {1}; the detector said {2}, score {3}")
        return said.format(number, name, label_words(row.said), score)
    return translate("Finding", "Number {0}: {1}, score {2}").format(number, name, score)


def counts_words(counts: Sequence[tuple[str, int]]) -> str:
    """Return labels with their numbers: "white cell 3, red cell 22"."""
    return listed(f"{label_words(label)} {number_words(number)}" for label, number in counts)


def outcome_words(reading: Reading | None, labels: Sequence[str]) -> Said:
    """Return what the reading says; an image without one was not analysed.

    What an experimental detector says begins with that.
    """
    said = _plain_words(reading, labels)
    if reading is None or not reading.is_experimental:
        return said
    return replace(said, headline=f"{experimental_words()} {said.headline}")


def advice_words(reading: Reading | None) -> str:
    """Return what the detector advises on the image as a whole; nothing where it does not."""
    if reading is None or reading.advice is None:
        return ""
    translate = QCoreApplication.translate
    return {
        Advice.REFER: translate("Words", "The image as a whole: refer."),
        Advice.NO_SIGN_FOUND: translate(
            "Words", "The image as a whole: no sign found. That is not the same as healthy."
        ),
        Advice.CANNOT_SAY: translate("Words", "The image as a whole: cannot say."),
    }[reading.advice]


def experimental_words() -> str:
    """Return the warning that goes with all that an experimental detector says."""
    return QCoreApplication.translate("Words", "Experimental detector, not for patients.")


def _plain_words(reading: Reading | None, labels: Sequence[str]) -> Said:
    translate = QCoreApplication.translate
    if reading is None or reading.outcome is Outcome.NOT_ANALYSED:
        reason = in_words(reading.reason) if reading else translate("Words", "No reading was kept.")
        headline = translate("Words", "Not analysed: {0}").format(reason)
        return Said(headline, translate("Words", "The image is saved."))
    if reading.outcome is Outcome.CANNOT_SAY:
        return _cannot_say(reading)
    if reading.outcome is Outcome.NO_FINDING:
        sought = listed(label_words(label) for label in labels)
        headline = translate("Words", "Nothing found that this detector looks for: {0}.")
        return Said(headline.format(sought), advice_words(reading))
    counts = reading.counts()
    ordered = sorted(counts, key=lambda x: labels.index(x) if x in labels else len(labels))
    found = counts_words([(label, counts[label]) for label in ordered])
    return Said(translate("Words", "Found: {0}.").format(found), advice_words(reading))


def _cannot_say(reading: Reading) -> Said:
    quality = reading.quality
    do = what_to_do(quality) if quality else None
    reason = wrong_words(quality.issue) if quality and quality.issue else in_words(reading.reason)
    headline = QCoreApplication.translate("Words", "The detector cannot say: {0}").format(reason)
    return Said(headline, instruction(do) if do else "", do)

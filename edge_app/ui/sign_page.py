"""One screen of what will be said, what is still open, and who stands for it."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from edge_app.domain.outbox import Job, Problem
from edge_app.domain.study import DrawnFinding, Finding, Marked, Study, StudyImage, Verdict
from edge_app.ui import tokens as t
from edge_app.ui.amend_panel import AmendPanel
from edge_app.ui.amending import Amending
from edge_app.ui.finding_rows import looked_for
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import in_words, listed, number_words, time_words
from edge_app.ui.outbox_words import report_words
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.print_panel import PrintPanel
from edge_app.ui.scroll_column import ScrollColumn
from edge_app.ui.study_flow import Activity, StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.whose import Unsure
from edge_app.ui.words import (
    advice_words,
    called_words,
    counts_words,
    isolated,
    outcome_words,
    patient_words,
    provider_words,
)


class SignPage(Page):
    """Signing is refused in words for as long as something is open."""

    history_wanted = pyqtSignal()
    leaving_wanted = pyqtSignal()

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__(flow, palette)
        self.title = label("", "title")
        self.summary = label("", "said")
        self.patient = label("", "value")
        self.signer = QLineEdit(flow.parts.who)
        self.signer.setAccessibleName(self.tr("Name of the person who signs"))
        self.signer.textChanged.connect(self._typed)
        self.signer_words = label(self.tr("Your name"))
        self.status = label("", "large")
        self.open_points = label("", "said")
        self.report = label("", "said")
        self.rewrite = self.button(self.tr("Write the report again"), Icon.REPEAT)
        self.rewrite.clicked.connect(self._rewrite)
        self.print = PrintPanel(flow.parts.printers, palette)
        self.print.wanted.connect(self._print)
        self.history = self.button(self.tr("Counts over time"), Icon.RULER)
        self.history.clicked.connect(self.history_wanted)
        self.leave = self.button(self.tr("Export without names"), Icon.FORWARD)
        self.leave.clicked.connect(self.leaving_wanted)
        self.amend = AmendPanel(palette)
        self._amendment = Amending(flow)
        self.amend.wanted.connect(self._amendment.begin)
        self.amending = label("", "said")
        self.abandon = self.button(self.tr("Leave what was signed as it is"), Icon.BACK)
        self.abandon.clicked.connect(self._amendment.abandon)
        self._lay_out()

    def _lay_out(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        lines = QVBoxLayout(card)
        lines.setContentsMargins(t.SPACE_6, t.SPACE_6, t.SPACE_6, t.SPACE_6)
        lines.setSpacing(t.SPACE_3)
        lines.addWidget(self.title)
        lines.addWidget(self.patient)
        lines.addWidget(self.summary)
        lines.addStretch(1)
        holder = QWidget()
        around = QVBoxLayout(holder)
        around.setContentsMargins(t.SPACE_6, t.SPACE_6, t.SPACE_6, t.SPACE_6)
        around.addWidget(card)
        area = ScrollColumn(holder)
        area.setObjectName("stop")
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the keys that scroll reach it
        area.setAccessibleName(self.tr("What will be said"))
        panel, column = side_panel()
        for widget in (
            self.amending,
            self.status,
            self.open_points,
            self.signer_words,
            self.signer,
            self.abandon,
            self.report,
            self.rewrite,
            self.print,
            self.history,
            self.leave,
            self.amend,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        beside(self, area, panel)

    def reasons(self) -> tuple[str, ...]:
        """Return why the study cannot be signed now, one sentence each."""
        study = self.flow.study
        if study is None:
            return (self.tr("There is no study."),)
        reasons = [in_words(point) for point in study.open_points()]
        if not study.patient.identifier:
            reasons.append(self.tr("The patient is not named: go back to Patient."))
        reasons += [self._unsure_words(each) for each in Unsure if each in self._doubts]
        if not self.flow.is_settled:
            reasons.append(self.tr("The last change is still being kept."))
        if not self.signer.text().strip():
            reasons.append(self.tr("Enter your name."))
        return tuple(reasons)

    @property
    def _doubts(self) -> set[Unsure]:
        return set(self.flow.whose.doubtful.values())

    def _unsure_words(self, unsure: Unsure) -> str:
        return {
            Unsure.LOOKS_LIKE_BEFORE: self.tr(
                "A picture looks like one of the patient before: say under Review whose it is."
            ),
            Unsure.CONTRADICTED: self.tr(
                "A picture's examination names another patient too: say under Review whose it is."
            ),
        }[unsure]

    def primary(self) -> Primary:
        """Sign; once signed, the next patient."""
        is_free = self.flow.activity is Activity.NONE
        if self.flow.is_signed:
            return Primary(self.tr("Next patient"), Icon.FORWARD, is_free)
        return Primary(self.tr("Sign"), Icon.PEN, is_free and not self.reasons())

    def act(self) -> None:
        """Sign, or forget this patient."""
        if self.flow.is_signed:
            self.flow.next_patient()
        elif not self.reasons():
            self.flow.sign(self.signer.text().strip())

    def _typed(self) -> None:
        self.refresh()
        self.changed.emit()

    def refresh(self) -> None:
        """Show what will be said and what is open."""
        study = self.flow.study
        if study is None:
            return
        identifier = isolated(study.patient.identifier)
        self.patient.setText(f"{patient_words(study.patient)}  {identifier}".rstrip())
        self.summary.setText("\n\n".join(self._paragraphs(study)))
        is_signed = self.flow.is_signed
        self.title.setText(self.tr("What was said") if is_signed else self.tr("What will be said"))
        reasons = () if is_signed else self.reasons()
        self.status.setText(self._status_words(study, reasons))
        self.open_points.setText("\n".join(f"\u2022 {r}" for r in reasons))
        self.open_points.setVisible(bool(reasons))
        for widget in (self.signer, self.signer_words):
            widget.setVisible(not is_signed)
        self.report.setText(self._report_words())
        self.print.setVisible(is_signed and bool(self.flow.parts.printers))
        self.print.show_job(self.flow.outbox.print_of(study))
        self.history.setVisible(bool(study.patient.identifier))
        self._show_amendment(study)
        job = self._report_job
        self.rewrite.setVisible(job is not None and job.problem is not Problem.NONE)
        is_idle = self.flow.activity is Activity.NONE
        self.leave.setVisible(is_signed and is_idle and self.flow.parts.leaving is not None)

    def _show_amendment(self, study: Study) -> None:
        is_free = self.flow.activity is Activity.NONE and self.flow.is_settled
        self.amend.setVisible(bool(study.signature) and is_free)
        under_way = study.amending
        for widget in (self.amending, self.abandon):
            widget.setVisible(under_way is not None)
        if under_way:
            words = self.tr("Being amended: {0}\nWhat was signed stands until this is signed.")
            self.amending.setText(words.format(isolated(under_way.reason)))

    def _status_words(self, study: Study, reasons: tuple[str, ...]) -> str:
        if study.signature:
            return self.tr("Signed by {0} at {1}").format(
                isolated(study.signature.signed_by), time_words(study.signature.signed_at)
            )
        if self.flow.activity is Activity.SIGNING:
            return self.tr("Signing")
        return self.tr("Before you can sign") if reasons else self.tr("Ready to be signed")

    def _report_words(self) -> str:
        job = self._report_job
        if job:
            return report_words(job)
        return self.tr("The report is not written yet.") if self.flow.is_signed else ""

    @property
    def _report_job(self) -> Job | None:
        study = self.flow.study
        return self.flow.outbox.report_of(study) if study and study.signature else None

    def _print(self, printer: str) -> None:
        if self.flow.study:
            self.flow.outbox.print(self.flow.study, printer)

    def _rewrite(self) -> None:
        job = self._report_job
        if job:
            self.flow.outbox.retry([job])

    def _paragraphs(self, study: Study) -> list[str]:
        said = [
            self._image_words(study, image, place)
            for place, image in enumerate(study.images, start=1)
        ]
        kept = self.tr("A report is kept with the study, encrypted. Nothing is sent anywhere.")
        return [*said, kept]

    def _image_words(self, study: Study, image: StudyImage, place: int) -> str:
        detector = self.flow.parts.detector
        labels = looked_for(detector.manifest if detector else None)
        reading = study.readings.get(image.image_id)
        taken = time_words(image.captured_at)
        lines = [self.tr("Picture {0}, taken at {1}").format(number_words(place), taken)]
        lines.append(outcome_words(reading, labels).headline)
        if advice := advice_words(reading):
            lines.append(advice)
        marked = [f for f in study.marked if f.image_id == image.image_id]
        here = [f for f in marked if isinstance(f, Finding)]
        if here:
            nothing = self.tr("none")
            for words, verdict in (
                (self.tr("Accepted: {0}"), Verdict.ACCEPTED),
                (self.tr("Rejected: {0}"), Verdict.REJECTED),
                (self.tr("Not reviewed: {0}"), Verdict.UNREVIEWED),
            ):
                counted = _counted(here, verdict, labels)
                if counted or verdict is not Verdict.UNREVIEWED:
                    lines.append(words.format(counted or nothing))
        lines += self._persons_words(marked, labels)
        if image.image_id in study.read_by_eye:
            lines.append(self.tr("Read by eye by the person who signs."))
        if reading and reading.certificate:
            made_by = reading.certificate
            lines.append(
                self.tr("Read by {0} {1}, {2}, {3}").format(
                    made_by.detector, made_by.version, made_by.variant, provider_words(made_by)
                )
            )
        return "\n".join(lines)

    def _persons_words(self, marked: list[Marked], labels: tuple[str, ...]) -> list[str]:
        """Return what people drew and renamed, where they did."""
        drawn = [f for f in marked if isinstance(f, DrawnFinding)]
        kept = [f for f in marked if f.verdict is not Verdict.REJECTED]
        own = [called_words(f.label, f.called) for f in kept if f.called and f.called.words]
        renamed = [f for f in kept if isinstance(f, Finding) and f.called]
        said = (
            (self.tr("Drawn by a person: {0}"), _counted(drawn, Verdict.ACCEPTED, labels)),
            (self.tr("Drawn and rejected: {0}"), _counted(drawn, Verdict.REJECTED, labels)),
            (self.tr("Drawn, not reviewed: {0}"), _counted(drawn, Verdict.UNREVIEWED, labels)),
            (self.tr("Label corrected by a person: {0}"), _counted(renamed, None, labels)),
            (self.tr("In their words: {0}"), listed(own)),
        )
        return [words.format(counted) for words, counted in said if counted]

    def forget(self) -> None:
        """Empty what names a person."""
        self.signer.setText(self.flow.parts.who)
        self.amend.unfold(is_open=False)
        for words in (
            self.patient,
            self.summary,
            self.status,
            self.open_points,
            self.report,
            self.amending,
        ):
            words.clear()


def _counted(findings: Sequence[Marked], verdict: Verdict | None, labels: tuple[str, ...]) -> str:
    names = [f.label for f in findings if verdict in {None, f.verdict}]
    ordered = [*labels, *sorted(set(names) - set(labels))]
    return counts_words([(name, names.count(name)) for name in ordered if name in names])

"""The report of a signed study on paper: the picture, what was found, by what, and who signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus.tables import Table, TableStyle

from edge_app.domain.error import ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Certificate, Outcome, Reading, watermark_of
from edge_app.domain.study import Finding, Study, Verdict
from edge_app.durable import write_whole
from edge_app.exchange.annotated import drawn

BANNER = "For research and training only. Not for diagnosis."
_FONTS = (
    Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"),
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
)
_BOLD = {"NotoSans-Regular": "NotoSans-Bold", "DejaVuSans": "DejaVuSans-Bold"}
_WIDTH = A4[0] - 36 * mm
_TALLEST = 105 * mm


@dataclass(frozen=True, slots=True)
class _Styles:
    body: ParagraphStyle
    small: ParagraphStyle
    head: ParagraphStyle
    outcome: ParagraphStyle


def _font() -> str:
    """Return a font with as many scripts as this machine has, else the built-in Latin one."""
    for path in _FONTS:
        bold = _BOLD[path.stem]
        try:
            pdfmetrics.registerFont(TTFont(path.stem, str(path)))
            pdfmetrics.registerFont(TTFont(bold, str(path.with_name(f"{bold}.ttf"))))
        except (TTFError, OSError):
            continue
        pdfmetrics.registerFontFamily(path.stem, normal=path.stem, bold=bold)
        return path.stem
    return "Helvetica"


def _banner(canvas: Canvas, page: SimpleDocTemplate) -> None:
    """Draw the banner and the number on every page, so that no sheet can lose it."""
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 10 * mm, BANNER)
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(A4[0] - 18 * mm, 8 * mm, f"Page {page.page}")


def _styles() -> _Styles:
    font = _font()
    body = ParagraphStyle("body", fontName=font, fontSize=10, leading=14)
    return _Styles(
        body=body,
        small=ParagraphStyle("small", parent=body, fontSize=7.5, leading=10, textColor="#444444"),
        head=ParagraphStyle("head", parent=body, fontSize=18, leading=24),
        outcome=ParagraphStyle("outcome", parent=body, fontSize=13, leading=18, spaceBefore=8),
    )


def _kept(study: Study, image_id: str) -> list[Finding]:
    return [
        f for f in study.findings if f.image_id == image_id and f.verdict is not Verdict.REJECTED
    ]


def outcome_sentence(
    reading: Reading | None, kept: Sequence[Finding], labels: Sequence[str]
) -> str:
    """Return what is said of one image; only an answer may say that nothing was found."""
    said = _plain_sentence(reading, kept, labels)
    watermark = watermark_of(reading)
    return f"{watermark} {said}" if watermark else said


def _plain_sentence(reading: Reading | None, kept: Sequence[Finding], labels: Sequence[str]) -> str:
    if reading is None:
        return "Not analysed. The image was saved and not read by a detector."
    if reading.outcome is Outcome.NOT_ANALYSED:
        return f"Not analysed. {reading.reason}"
    if reading.outcome is Outcome.CANNOT_SAY:
        return f"The detector cannot say. {reading.reason}"
    if reading.outcome is Outcome.NO_FINDING:
        return f"Nothing found that this detector looks for ({', '.join(labels)})."
    if not kept:
        return "The detector's findings were all rejected on review."
    counts = dict.fromkeys(labels, 0)
    for finding in kept:
        counts[finding.detection.label] = counts.get(finding.detection.label, 0) + 1
    return "Found: " + ", ".join(f"{label} {n}" for label, n in counts.items()) + "."


def _advice_sentence(reading: Reading | None) -> str:
    if reading is None or reading.advice is None:
        return ""
    return f" The detector's advice on the image as a whole: {reading.advice.value}."


def _picture(
    image: CapturedImage, kept: Sequence[Finding], labels: Sequence[str], watermark: str
) -> Image:
    made = BytesIO()
    found = [f.detection for f in kept]
    drawn(image.pixels, found, labels, watermark=watermark).save(made, "PNG")
    made.seek(0)
    fit = min(_WIDTH / image.width, _TALLEST / image.height)
    return Image(made, image.width * fit, image.height * fit)


def _table(rows: list[list[str]], styles: _Styles) -> Table:
    cells = [[Paragraph(escape(c), styles.small) for c in row] for row in rows]
    table = Table(cells, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                ("LINEBELOW", (0, 1), (-1, -1), 0.2, colors.grey),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ]
        )
    )
    return table


def _findings_table(kept: Sequence[Finding], styles: _Styles) -> Table:
    rows = [["No.", "Finding", "Score", "Verdict", "Place (px: left, top, right, bottom)"]]
    for number, finding in enumerate(kept, start=1):
        d = finding.detection
        place = f"{d.box.x0:.0f}, {d.box.y0:.0f}, {d.box.x1:.0f}, {d.box.y1:.0f}"
        rows.append([str(number), d.label, f"{d.score:.2f}", finding.verdict.value, place])
    return _table(rows, styles)


def _certificate(c: Certificate) -> str:
    limits = ", ".join(f"{label} {score:.2f}" for label, score in c.thresholds)
    return (
        f"Read by {c.detector} {c.version} ({c.variant}, {c.provider}), {c.runtime}, CPU {c.cpu}. "
        f"Operating point {c.operating_point}: {limits}. Model {c.model_sha256[:16]}, "
        f"pre-processing {c.preprocessing_sha256[:16]}, self-test {c.self_test_id}, "
        f"edge-app {c.app_version}."
    )


class PdfReport:
    """Answers `ReportExporter`: one page and more, A4."""

    suffix = ".pdf"

    def __init__(self, labels: Sequence[str], audit_head: Callable[[], str] | None = None) -> None:
        """Take the labels in their order, and what says the audit's head now, for the last line."""
        self._labels = list(labels)
        self._audit_head = audit_head

    def export(self, study: Study, images: Sequence[CapturedImage], path: Path) -> None:
        """Write the report durably, or leave nothing there.

        Raises:
            ExportFailedError: The file could not be written.
        """
        try:
            write_whole(path, self.pdf(study, images))
        except OSError as error:
            raise ExportFailedError(
                f"The report could not be written: {(error.strerror or 'no answer').lower()}.",
                "Free some space or choose another folder, then export again.",
            ) from error

    def pdf(self, study: Study, images: Sequence[CapturedImage]) -> bytes:
        """Return the report as a PDF file's content."""
        styles = _styles()
        made = BytesIO()
        pages = SimpleDocTemplate(
            made,
            pagesize=A4,
            title="Imaging report",
            author="edge-app",
            leftMargin=18 * mm,
            rightMargin=18 * mm,
            topMargin=15 * mm,
            bottomMargin=15 * mm,
        )
        flow = [*self._heading(study, styles), *self._body(study, images, styles)]
        if self._audit_head:
            flow.append(Paragraph(f"Audit: {escape(self._audit_head())}", styles.small))
        pages.build(flow, onFirstPage=_banner, onLaterPages=_banner)
        return made.getvalue()

    def _heading(self, study: Study, styles: _Styles) -> list[Flowable]:
        patient = study.patient
        birth = patient.birth_date.isoformat() if patient.birth_date else "not entered"
        who = (
            f"Patient: <b>{escape(patient.name or 'not entered')}</b> &nbsp; "
            f"Identifier: <b>{escape(patient.identifier or 'not entered')}</b> &nbsp; "
            f"Born: {birth} &nbsp; Sex: {escape(patient.sex or 'not entered')}"
        )
        when = study.started_at.isoformat(sep=" ", timespec="minutes")
        return [
            Paragraph("Imaging report", styles.head),
            Paragraph(who, styles.body),
            Paragraph(f"Study {study.study_id}, started {when}", styles.body),
            Paragraph(f"<b>{escape(_signature(study))}</b>", styles.body),
            *(Paragraph(escape(said), styles.body) for said in _amendments(study)),
        ]

    def _body(
        self, study: Study, images: Sequence[CapturedImage], styles: _Styles
    ) -> list[Flowable]:
        flow: list[Flowable] = []
        for record, image in zip(study.images, images, strict=True):
            reading = study.readings.get(record.image_id)
            kept = _kept(study, record.image_id)
            said = outcome_sentence(reading, kept, self._labels)
            said += _advice_sentence(reading)
            if record.image_id in study.read_by_eye:
                said += " Read by eye by the person who signs."
            flow.append(
                KeepTogether(
                    [
                        Paragraph(f"<b>{escape(said)}</b>", styles.outcome),
                        Spacer(1, 2 * mm),
                        _picture(image, kept, self._labels, watermark_of(reading)),
                    ]
                )
            )
            flow.append(Spacer(1, 3 * mm))
            if kept:
                flow.append(_findings_table(kept, styles))
            if reading and reading.certificate:
                flow.append(Paragraph(escape(_certificate(reading.certificate)), styles.small))
        return flow


def _amendments(study: Study) -> list[str]:
    """Return, for each time that the study was amended, what this replaces and why."""
    return [
        f"AMENDED: replaces version {a.of_version}. Reason: {a.reason}"
        f" ({a.begun_by}, {a.begun_at.isoformat(sep=' ', timespec='minutes')})."
        for a in study.amendments
    ]


def _signature(study: Study) -> str:
    if study.signature is None:
        return "NOT SIGNED. This is a draft."
    when = study.signature.signed_at.isoformat(sep=" ", timespec="minutes")
    return f"Signed by {study.signature.signed_by}, {when}."

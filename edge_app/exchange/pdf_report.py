"""The report of a signed study on paper: the picture, what was found, by what, and who signed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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

from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Advice, Certificate, Outcome, Reading, watermark_of
from edge_app.domain.study import OTHER, DrawnFinding, Finding, Marked, Study, Verdict
from edge_app.exchange.annotated import drawn
from edge_app.languages.catalogue import ENGLISH, Catalogue, catalogue

BANNER = "Research and training use only. Not for diagnosis."
_FONTS = (
    Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"),
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
)
_BOLD = {"NotoSans-Regular": "NotoSans-Bold", "DejaVuSans": "DejaVuSans-Bold"}
IN_ENGLISH = catalogue(ENGLISH)
_WIDTH = A4[0] - 36 * mm
_TALLEST = 105 * mm


@dataclass(frozen=True, slots=True)
class _Styles:
    body: ParagraphStyle
    small: ParagraphStyle
    head: ParagraphStyle
    outcome: ParagraphStyle


def font_name() -> str:
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


def _banner(words: Catalogue) -> Callable[[Canvas, SimpleDocTemplate], None]:
    """Return what draws the banner and the number on every page, so that no sheet can lose it."""

    def draw(canvas: Canvas, page: SimpleDocTemplate) -> None:
        font = font_name()
        canvas.setFont(f"{font}-Bold" if font == "Helvetica" else _BOLD[font], 9)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 10 * mm, words.tr(BANNER))
        canvas.setFont(font, 8)
        number = words.tr("Page {0}").format(page.page)
        canvas.drawRightString(A4[0] - 18 * mm, 8 * mm, number)

    return draw


def _styles() -> _Styles:
    font = font_name()
    body = ParagraphStyle("body", fontName=font, fontSize=10, leading=14)
    return _Styles(
        body=body,
        small=ParagraphStyle("small", parent=body, fontSize=7.5, leading=10, textColor="#444444"),
        head=ParagraphStyle("head", parent=body, fontSize=18, leading=24),
        outcome=ParagraphStyle("outcome", parent=body, fontSize=13, leading=18, spaceBefore=8),
    )


def _kept(study: Study, image_id: str) -> list[Marked]:
    return [f for f in study.marked if f.image_id == image_id and f.verdict is not Verdict.REJECTED]


def outcome_sentence(
    reading: Reading | None,
    kept: Sequence[Finding],
    labels: Sequence[str],
    words: Catalogue = IN_ENGLISH,
) -> str:
    """Return what is said of one image; only an answer may say that nothing was found."""
    said = _plain_sentence(reading, kept, labels, words)
    watermark = words.tr(watermark_of(reading))
    return f"{watermark} {said}" if watermark else said


def _plain_sentence(
    reading: Reading | None, kept: Sequence[Finding], labels: Sequence[str], words: Catalogue
) -> str:
    if reading is None:
        return words.tr("Not analysed. The image was saved and not read by a detector.")
    if reading.outcome is Outcome.NOT_ANALYSED:
        return words.tr("Not analysed. {0}").format(words.known(reading.reason))
    if reading.outcome is Outcome.CANNOT_SAY:
        return words.tr("The detector cannot say. {0}").format(words.known(reading.reason))
    if reading.outcome is Outcome.NO_FINDING:
        sought = ", ".join(_label(label, words) for label in labels)
        return words.tr("Nothing found that this detector looks for ({0}).").format(sought)
    if not kept:
        return words.tr("The detector's findings were all rejected on review.")
    return words.tr("Found: {0}.").format(_counted(kept, labels, words))


def _counted(kept: Sequence[Marked], labels: Sequence[str], words: Catalogue) -> str:
    counts = dict.fromkeys(labels, 0)
    for finding in kept:
        counts[finding.label] = counts.get(finding.label, 0) + 1
    return ", ".join(f"{_label(label, words)} {n}" for label, n in counts.items())


def _drawn_sentence(kept: Sequence[Marked], words: Catalogue) -> str:
    """Return what people saw and the detector did not mark; nothing where they saw nothing."""
    drawn = [f for f in kept if isinstance(f, DrawnFinding)]
    if not drawn:
        return ""
    return words.tr("Drawn by a person, not marked by the detector: {0}.").format(
        _counted(drawn, (), words)
    )


def _label(label: str, words: Catalogue) -> str:
    """Return a label as people read it; in English it stays as the detector writes it."""
    if words.code == ENGLISH:
        return label
    if label == OTHER:
        return words.tr("other")
    return words.text(label.replace("-", " ").replace("_", " ")) or label


def _advice_sentence(reading: Reading | None, words: Catalogue) -> str:
    if reading is None or reading.advice is None:
        return ""
    advice = {
        Advice.REFER: words.tr("refer"),
        Advice.NO_SIGN_FOUND: words.tr("no sign found"),
        Advice.CANNOT_SAY: words.tr("cannot say"),
    }[reading.advice]
    return words.tr("The detector's advice on the image as a whole: {0}.").format(advice)


def _picture(
    image: CapturedImage, kept: Sequence[Marked], labels: Sequence[str], watermark: str
) -> Image:
    made = BytesIO()
    drawn(image.pixels, kept, labels, watermark=watermark).save(made, "PNG")
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


def _called(finding: Marked, words: Catalogue) -> str:
    """Return what a finding is, and where a person said otherwise what the detector said."""
    said = _label(finding.label, words)
    if finding.called and finding.called.words:
        said = f"{said}: {finding.called.words}"
    if isinstance(finding, Finding) and finding.called:
        detectors = _label(finding.detection.label, words)
        return words.tr("{0} (the detector said: {1})").format(said, detectors)
    return said


def _scored(finding: Marked, words: Catalogue) -> str:
    if isinstance(finding, Finding):
        return f"{finding.detection.score:.2f}"
    if finding.drawn_by:
        return words.tr("drawn by {0}").format(finding.drawn_by)
    return words.tr("drawn by a person")


def _findings_table(kept: Sequence[Marked], styles: _Styles, words: Catalogue) -> Table:
    place_of = words.tr("Place (px: left, top, right, bottom)")
    heads = (words.tr("Number"), words.tr("Finding"), words.tr("Score"), words.tr("Verdict"))
    rows = [[*heads, place_of]]
    verdicts = {
        Verdict.ACCEPTED: words.tr("accepted"),
        Verdict.REJECTED: words.tr("rejected"),
        Verdict.UNREVIEWED: words.tr("unreviewed"),
    }
    for number, finding in enumerate(kept, start=1):
        box = finding.box
        place = f"{box.x0:.0f}, {box.y0:.0f}, {box.x1:.0f}, {box.y1:.0f}"
        scored = _scored(finding, words)
        said = _called(finding, words)
        rows.append([str(number), said, scored, verdicts[finding.verdict], place])
    return _table(rows, styles)


def _certificate(c: Certificate, words: Catalogue) -> str:
    limits = ", ".join(f"{label} {score:.2f}" for label, score in c.thresholds)
    said = words.tr(
        "Read by {0} {1} ({2}, {3}), {4}, CPU {5}. Operating point {6}: {7}. Model {8},"
        " pre-processing {9}, self-test {10}, edge-app {11}."
    )
    ran = (c.detector, c.version, c.variant, c.provider, c.runtime, c.cpu)
    hashes = (c.model_sha256[:16], c.preprocessing_sha256[:16], c.self_test_id, c.app_version)
    return said.format(*ran, c.operating_point, limits, *hashes)


class PdfReport:
    """One page and more, A4."""

    def __init__(
        self,
        labels: Sequence[str],
        audit_head: Callable[[], str] | None = None,
        words: Catalogue = IN_ENGLISH,
    ) -> None:
        """Take what does not stand in a study.

        Args:
            labels: The detector's, in their order.
            audit_head: Says the audit's head now, for the last line.
            words: The language that the report is written in.
        """
        self._labels = list(labels)
        self._audit_head = audit_head
        self._words = words

    def pdf(self, study: Study, images: Sequence[CapturedImage]) -> bytes:
        """Return the report as a PDF file's content."""
        words = self._words
        styles = _styles()
        made = BytesIO()
        pages = SimpleDocTemplate(
            made,
            pagesize=A4,
            title=words.tr("Imaging report"),
            author="edge-app",
            leftMargin=18 * mm,
            rightMargin=18 * mm,
            topMargin=15 * mm,
            bottomMargin=15 * mm,
        )
        flow = [*_heading(study, styles, words), *self._body(study, images, styles, words)]
        if self._audit_head:
            flow.append(Paragraph(f"Audit: {escape(self._audit_head())}", styles.small))
        pages.build(flow, onFirstPage=_banner(words), onLaterPages=_banner(words))
        return made.getvalue()

    def _body(
        self, study: Study, images: Sequence[CapturedImage], styles: _Styles, words: Catalogue
    ) -> list[Flowable]:
        flow: list[Flowable] = []
        for record, image in zip(study.images, images, strict=True):
            reading = study.readings.get(record.image_id)
            kept = _kept(study, record.image_id)
            detected = [f for f in kept if isinstance(f, Finding)]
            lines = [outcome_sentence(reading, detected, self._labels, words)]
            lines.append(_drawn_sentence(kept, words))
            lines.append(_advice_sentence(reading, words))
            if record.image_id in study.read_by_eye:
                lines.append(words.tr("Read by eye by the person who signs."))
            said = " ".join(filter(None, lines))
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
                flow.append(_findings_table(kept, styles, words))
            if reading and reading.certificate:
                made_by = _certificate(reading.certificate, words)
                flow.append(Paragraph(escape(made_by), styles.small))
        return flow


def _heading(study: Study, styles: _Styles, words: Catalogue) -> list[Flowable]:
    patient = study.patient
    birth = patient.birth_date.isoformat() if patient.birth_date else ""
    who = " &nbsp; ".join(
        head.format(f"<b>{escape(said or words.tr('not entered'))}</b>")
        for head, said in (
            (words.tr("Patient: {0}"), patient.name),
            (words.tr("Identifier: {0}"), patient.identifier),
            (words.tr("Born: {0}"), birth),
            (words.tr("Sex: {0}"), patient.sex),
        )
    )
    begun = words.tr("Study {0}, started {1}").format(study.study_id, _when(study.started_at))
    return [
        Paragraph(escape(words.tr("Imaging report")), styles.head),
        Paragraph(who, styles.body),
        Paragraph(escape(begun), styles.body),
        Paragraph(f"<b>{escape(_signature(study, words))}</b>", styles.body),
        *(Paragraph(escape(said), styles.body) for said in _amendments(study, words)),
    ]


def _when(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


def _amendments(study: Study, words: Catalogue) -> list[str]:
    """Return, for each time that the study was amended, what this replaces and why."""
    said = words.tr("AMENDED: replaces version {0}. Reason: {1} ({2}, {3}).")
    return [
        said.format(a.of_version, a.reason, a.begun_by, _when(a.begun_at)) for a in study.amendments
    ]


def _signature(study: Study, words: Catalogue) -> str:
    if study.signature is None:
        return words.tr("NOT SIGNED. This is a draft.")
    said = words.tr("Signed by {0}, {1}.")
    return said.format(study.signature.signed_by, _when(study.signature.signed_at))

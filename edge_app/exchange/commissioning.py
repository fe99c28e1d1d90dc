"""The commissioning report as a PDF for people and as signed JSON that holds the PDF's hash.

Both are in English, as the doctor is: docs/decisions/0040 and 0045.
"""

import hashlib
from collections.abc import Callable, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

import msgspec
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus.tables import Table, TableStyle

from edge_app.domain.commissioning import CommissioningReport
from edge_app.domain.error import ExportFailedError
from edge_app.exchange.pdf_report import BANNER, font_name

_ALGORITHM = "Ed25519"
_WIDTH_MM = 174.0


class _Signature(msgspec.Struct, frozen=True):
    algorithm: str
    public_key: str
    value: str


class _Written(msgspec.Struct, frozen=True):
    schema: int
    report: dict[str, object]
    signature: _Signature


def commissioning_json(
    report: CommissioningReport, pdf: bytes, sign: Callable[[bytes], str]
) -> bytes:
    """Return the report with its signature; the hash of `pdf` is among what is signed."""
    said = msgspec.to_builtins(report)
    said["pdf_sha256"] = hashlib.sha256(pdf).hexdigest()
    signature = _Signature(_ALGORITHM, report.key, sign(_signed_part(said)))
    return msgspec.json.format(msgspec.json.encode(_Written(1, said, signature)), indent=2)


def _signed_part(said: dict[str, object]) -> bytes:
    return msgspec.json.encode(said, order="sorted")


def read_commissioning(file: bytes) -> tuple[bytes, str, str, str]:
    """Return what is signed, the signature, its public key, and the hash of the PDF.

    Raises:
        ExportFailedError: It is no commissioning report.
    """
    try:
        written = msgspec.json.decode(file, type=_Written)
    except msgspec.DecodeError as error:
        raise ExportFailedError(
            "This is no commissioning report.", "Name the JSON file that stands beside the PDF."
        ) from error
    pdf = written.report.get("pdf_sha256", "")
    signature = written.signature
    return _signed_part(written.report), signature.value, signature.public_key, str(pdf)


def commissioning_pdf(report: CommissioningReport) -> bytes:
    """Return the report on paper."""
    body = ParagraphStyle("body", fontName=font_name(), fontSize=9.5, leading=13)
    head = ParagraphStyle("head", parent=body, fontSize=17, leading=23)
    part = ParagraphStyle("part", parent=body, fontSize=12, leading=16, spaceBefore=8)
    made = BytesIO()
    pages = SimpleDocTemplate(
        made, pagesize=A4, title="Commissioning report", author="edge-app",
        leftMargin=18 * mm, rightMargin=18 * mm, topMargin=15 * mm, bottomMargin=15 * mm,
    )  # fmt: skip
    flow: list[Flowable] = [Paragraph("Commissioning report", head)]
    flow += [Paragraph(escape(line), body) for line in _heading(report)]
    for title, widths, rows in _tables(report):
        flow += [Paragraph(title, part), _table(rows, widths, body)]
    flow += [Spacer(1, 6 * mm), Paragraph(escape(_proof(report)), body)]
    pages.build(flow)
    return made.getvalue()


def _heading(report: CommissioningReport) -> tuple[str, ...]:
    faults = sum(not check.ok for check in report.examination.checks)
    verdict = f"{faults} faults were found" if faults else "no fault was found"
    made = report.made_at.isoformat(sep=" ", timespec="minutes")
    by = f"{report.made_by}, edge-app {report.app_version}"
    return BANNER, f"Made {made} by {by}: {verdict}."


_Rows = list[tuple[str, ...]]


def _tables(report: CommissioningReport) -> list[tuple[str, Sequence[float], _Rows]]:
    checks: _Rows = [("", "check", "found", "what to do")]
    checks += [(c.level.value, c.id, c.found, c.remedy) for c in report.examination.checks]
    tried: _Rows = [("detector", "variant", "on", "found", "ms a run", "why")]
    tried += [
        (w.detector, w.variant, w.way, w.found.value, _ms(w.median_ms), w.why)
        for w in report.examination.tried
    ]
    speeds: _Rows = [("detector", "variant", "provider", "bare ms", "reading ms", "cold ms", "MB")]
    speeds += [
        (
            s.detector, s.variant, s.provider, _ms(s.session_run_ms), _ms(s.pipeline_ms),
            f"{s.cold_start_ms:.0f}", f"{s.rss_mb:.0f}",
        )
        for s in report.speeds
    ]  # fmt: skip
    found: list[tuple[str, Sequence[float], _Rows]] = [
        ("What was looked at", (16, 38, 75, 45), checks),
        ("What was tried on this machine", (30, 18, 46, 18, 18, 44), tried),
    ]
    return [*found, ("Speed", (36, 20, 24, 24, 24, 24, 22), speeds)] if report.speeds else found


def _ms(value: float) -> str:
    return f"{value:.1f}" if value else ""


def _table(rows: _Rows, widths: Sequence[float], body: ParagraphStyle) -> Table:
    small = ParagraphStyle("small", parent=body, fontSize=7.5, leading=10)
    cells = [[Paragraph(escape(cell), small) for cell in row] for row in rows]
    scale = _WIDTH_MM / sum(widths)
    table = Table(cells, colWidths=[width * scale * mm for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                ("LINEBELOW", (0, 1), (-1, -1), 0.2, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ]
        )
    )
    return table


def _proof(report: CommissioningReport) -> str:
    return (
        f"Audit head {report.audit_head}. The JSON file beside this one holds the same figures and"
        f" the hash of this PDF, signed by the device's key {report.key}. The signature proves that"
        " whoever could open the store of that device made both, and that neither was changed"
        " since; it proves neither the clock nor the truth of what a person was shown."
    )

"""A badge on paper: a QR code and a name in clear letters, as large as a bank card."""

from io import BytesIO

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from edge_app.exchange.pdf_report import font_name

_WIDTH, _HEIGHT = 85.6 * mm, 54 * mm  # ISO/IEC 7810, ID-1
_QR = 40 * mm
_LEFT, _TOP, _MARGIN = 20 * mm, 20 * mm, 4 * mm
_LARGEST, _SMALLEST = 14.0, 6.0


def badge_card(name: str, text: str) -> bytes:
    """Return a PDF page with the badge of `name`; `text` stands in the code and nowhere else."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=A4)
    bottom = A4[1] - _TOP - _HEIGHT
    canvas.setDash(2, 2)
    canvas.rect(_LEFT, bottom, _WIDTH, _HEIGHT)
    code = QrCodeWidget(text, barLevel="M", barWidth=_QR, barHeight=_QR)
    renderPDF.draw(Drawing(_QR, _QR, code), canvas, _LEFT, bottom + _HEIGHT - _QR)
    _write_name(canvas, name, bottom + _MARGIN)
    canvas.save()
    return file.getvalue()


def _write_name(canvas: Canvas, name: str, bottom: float) -> None:
    font, room = font_name(), _WIDTH - 2 * _MARGIN
    wide = pdfmetrics.stringWidth(name, font, 1.0)
    size = max(_SMALLEST, min(_LARGEST, room / wide if wide else _LARGEST))
    canvas.setFont(font, size)
    canvas.drawString(_LEFT + _MARGIN, bottom + _MARGIN / 2, name)

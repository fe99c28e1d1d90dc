"""Draws findings over an image: a thin light line on a dark halo, never over the lesion."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from edge_app.domain.geometry import Box
from edge_app.domain.study import Verdict
from edge_app.ui.class_style import ClassStyle
from edge_app.ui.in_words import number_words
from edge_app.ui.viewport import Viewport

_FADED = 0.4
_HELD = 0.55
_LIVE_PX = 1.0
_NUMBER_PX = 14
_BESIDE_PX = 2.0
_WITHIN_PX = 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding as it is shown; what a person drew has a second line within the first."""

    index: int
    number: int
    style: ClassStyle
    box: Box
    verdict: Verdict
    is_drawn: bool = False


@dataclass(frozen=True, slots=True)
class LiveMark:
    """One object of the preview; `is_held` where the newest reading missed it."""

    style: ClassStyle
    box: Box
    is_held: bool


def rect_in_view(box: Box, viewport: Viewport) -> QRectF:
    """Return where the box is drawn in the view: just outside its pixels."""
    (x0, y0), (x1, y1) = viewport.to_view(box.x0, box.y0), viewport.to_view(box.x1, box.y1)
    inside = QRectF(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
    return inside.adjusted(-_BESIDE_PX, -_BESIDE_PX, _BESIDE_PX, _BESIDE_PX)


def mark_at(marks: Sequence[Mark], x: float, y: float) -> Mark | None:
    """Return the smallest box that holds the image point, or None."""
    holding = [m for m in marks if m.box.x0 <= x <= m.box.x1 and m.box.y0 <= y <= m.box.y1]
    return min(holding, key=lambda m: m.box.width * m.box.height, default=None)


def paint_marks(
    painter: QPainter,
    marks: Sequence[Mark],
    selected: int | None,
    viewport: Viewport,
    opacity: float = 1.0,
) -> None:
    """Draw every mark, the selected one in full; while one is selected the others fade."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for mark in sorted(marks, key=lambda m: m.index == selected):
        is_faded = selected is not None and mark.index != selected
        is_pale = is_faded or mark.verdict is Verdict.REJECTED
        painter.setOpacity(min(opacity, _FADED) if is_pale else opacity)
        if mark.index == selected:
            painter.setOpacity(1.0)
        _paint_mark(painter, mark, rect_in_view(mark.box, viewport), mark.index == selected)
    painter.setOpacity(1.0)


def paint_live_marks(painter: QPainter, marks: Sequence[LiveMark], viewport: Viewport) -> None:
    """Draw the preview: thinner than findings, without numbers, what is held more faintly.

    Upright lines need no smoothing, and it would take most of the time of drawing a frame.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for mark in marks:
        rect = rect_in_view(mark.box, viewport)
        painter.setOpacity(_HELD if mark.is_held else 1.0)
        painter.setPen(QPen(QColor(0, 0, 0, 150), _LIVE_PX + 2.0))
        painter.drawRect(rect)
        pen = QPen(QColor(mark.style.colour), _LIVE_PX)
        if mark.style.dashes:
            pen.setDashPattern(mark.style.dashes)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawRect(rect)
    painter.setOpacity(1.0)


def _paint_mark(painter: QPainter, mark: Mark, rect: QRectF, is_selected: bool) -> None:  # noqa: FBT001  one caller
    width = 3.0 if is_selected else 1.6
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 190), width + 2.4))
    painter.drawRect(rect)
    pen = QPen(QColor(mark.style.colour), width)
    if mark.style.dashes:
        pen.setDashPattern([d / (width / 1.6) for d in mark.style.dashes])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawRect(rect)
    if mark.is_drawn and min(rect.width(), rect.height()) > 4 * _WITHIN_PX:
        within = (_WITHIN_PX, _WITHIN_PX, -_WITHIN_PX, -_WITHIN_PX)
        painter.drawRect(rect.adjusted(*within))
    _paint_corners(painter, rect, mark.style.colour, width)
    _paint_number(painter, mark, rect)


def _paint_corners(painter: QPainter, rect: QRectF, colour: str, width: float) -> None:
    tick = min(8.0, rect.width() / 4, rect.height() / 4)
    painter.setPen(QPen(QColor(colour), width + 1.0))
    corners = (
        (rect.topLeft(), 1, 1),
        (rect.topRight(), -1, 1),
        (rect.bottomLeft(), 1, -1),
        (rect.bottomRight(), -1, -1),
    )
    for corner, right, down in corners:
        painter.drawLine(corner, corner + QPointF(right * tick, 0))
        painter.drawLine(corner, corner + QPointF(0, down * tick))


def _paint_number(painter: QPainter, mark: Mark, rect: QRectF) -> None:
    sign = {Verdict.ACCEPTED: "\u2713", Verdict.REJECTED: "\u2717"}.get(mark.verdict, "")
    font = QFont(painter.font())
    font.setPixelSize(_NUMBER_PX)
    font.setBold(True)
    above = rect.top() > _NUMBER_PX + 4
    baseline = rect.top() - 4 if above else rect.bottom() + _NUMBER_PX + 2
    path = QPainterPath()
    path.addText(QPointF(rect.left(), baseline), font, f"{number_words(mark.number)}{sign}")
    painter.setPen(QPen(QColor(0, 0, 0, 220), 3.5))
    painter.drawPath(path)
    painter.fillPath(path, QColor("#FFFFFF"))

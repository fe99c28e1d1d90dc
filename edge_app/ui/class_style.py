"""How each class of finding is told apart: a colour, and a line pattern and shape without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from edge_app.ui.tokens import CLASS_COLOURS, DARK

_SHARPNESS = 2


class Glyph(Enum):
    """The shape of a class in lists."""

    CIRCLE = "circle"
    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """Attributes: `dashes` is on and off in line widths, empty for a solid line."""

    colour: str
    dashes: tuple[float, ...]
    glyph: Glyph


_DASHES: tuple[tuple[float, ...], ...] = ((), (7, 4), (2, 3), (8, 3, 2, 3), (12, 3))


def style_of(label: str, labels: Sequence[str]) -> ClassStyle:
    """Return the style of `label` by its place among `labels`; unknown ones share the last."""
    place = labels.index(label) if label in labels else len(CLASS_COLOURS) - 1
    place = min(place, len(CLASS_COLOURS) - 1)
    return ClassStyle(CLASS_COLOURS[place], _DASHES[place], tuple(Glyph)[place])


def _points(glyph: Glyph, box: QRectF) -> list[QPointF]:
    middle = box.center()
    if glyph is Glyph.TRIANGLE:
        return [QPointF(middle.x(), box.top()), box.bottomRight(), box.bottomLeft()]
    if glyph is Glyph.DIAMOND:
        left, right = QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y())
        return [QPointF(middle.x(), box.top()), right, QPointF(middle.x(), box.bottom()), left]
    if glyph is Glyph.BAR:
        box = box.adjusted(0, box.height() / 3, 0, -box.height() / 3)
    return [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]


def glyph_icon(style: ClassStyle, size: int = 20) -> QIcon:
    """Return the shape of the class in its colour, in the dark as over a picture."""
    pixmap = QPixmap(size * _SHARPNESS, size * _SHARPNESS)
    pixmap.fill(QColor(DARK.image_room))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(style.colour), 2.0 * _SHARPNESS))
    margin = 3.0 * _SHARPNESS
    side = size * _SHARPNESS - 2 * margin
    box = QRectF(margin, margin, side, side)
    if style.glyph is Glyph.CIRCLE:
        painter.drawEllipse(box)
    else:
        painter.drawPolygon(QPolygonF(_points(style.glyph, box)))
    painter.end()
    pixmap.setDevicePixelRatio(_SHARPNESS)
    return QIcon(pixmap)


def line_pixmap(style: ClassStyle, width: int, height: int = 20) -> QPixmap:
    """Return a piece of the line that the class is drawn with."""
    pixmap = QPixmap(width * _SHARPNESS, height * _SHARPNESS)
    pixmap.fill(QColor(DARK.image_room))
    painter = QPainter(pixmap)
    pen = QPen(QColor(style.colour), 2.0 * _SHARPNESS)
    if style.dashes:
        pen.setDashPattern(style.dashes)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(0, height * _SHARPNESS // 2, width * _SHARPNESS, height * _SHARPNESS // 2)
    painter.end()
    pixmap.setDevicePixelRatio(_SHARPNESS)
    return pixmap

"""The icons of the window, drawn as strokes on a grid of 24 by 24."""

from dataclasses import dataclass
from enum import Enum

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)

_GRID = 24
_PEN = 2.0
_SHARPNESS = 2.0


Lines = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Strokes:
    """Open lines through points, and circles as (x, y, radius)."""

    lines: Lines = ()
    circles: tuple[tuple[float, float, float], ...] = ()


class Icon(Enum):
    """What an icon stands for."""

    SCANNER = Strokes(
        (((9, 3), (14, 5), (11, 13), (6, 11), (9, 3)), ((5, 21), (19, 21)), ((14, 8), (18, 13))),
        ((14, 16, 4),),
    )
    DETECTOR = Strokes(
        (
            ((6, 6), (18, 6), (18, 18), (6, 18), (6, 6)),
            ((9, 2), (9, 6)),
            ((15, 2), (15, 6)),
            ((9, 18), (9, 22)),
            ((15, 18), (15, 22)),
            ((2, 12), (6, 12)),
            ((18, 12), (22, 12)),
        ),
        ((12, 12, 2.5),),
    )
    STORAGE = Strokes(
        (((3, 5), (21, 5), (21, 19), (3, 19), (3, 5)), ((3, 13), (21, 13))), ((17, 16, 1),)
    )
    ACCEPT = Strokes((((4, 13), (9, 18), (20, 6)),))
    REJECT = Strokes((((5, 5), (19, 19)), ((19, 5), (5, 19))))
    BACK = Strokes((((15, 4), (7, 12), (15, 20)),))
    FORWARD = Strokes((((9, 4), (17, 12), (9, 20)),))
    EYE = Strokes(
        (((2, 12), (7, 7), (12, 5), (17, 7), (22, 12), (17, 17), (12, 19), (7, 17), (2, 12)),),
        ((12, 12, 3),),
    )
    HIDDEN = Strokes(
        (
            ((2, 12), (7, 7), (12, 5), (17, 7), (22, 12), (17, 17), (12, 19), (7, 17), (2, 12)),
            ((4, 21), (20, 3)),
        )
    )
    UNDO = Strokes(
        (((8, 4), (4, 8), (8, 12)), ((4, 8), (15, 8), (19, 11), (19, 15), (15, 18), (9, 18)))
    )
    CAMERA = Strokes(
        (((3, 7), (8, 7), (10, 4), (14, 4), (16, 7), (21, 7), (21, 19), (3, 19), (3, 7)),),
        ((12, 13, 3.5),),
    )
    REPEAT = Strokes(
        (
            ((20, 4), (20, 10), (14, 10)),
            ((20, 10), (16, 6), (12, 5), (7, 7), (5, 12), (7, 17), (12, 19), (17, 17)),
        )
    )
    LOCK = Strokes(
        (
            ((5, 11), (19, 11), (19, 21), (5, 21), (5, 11)),
            ((8, 11), (8, 7), (10, 4), (14, 4), (16, 7), (16, 11)),
        ),
        ((12, 16, 1),),
    )
    CONTRAST = Strokes(
        (((12, 3), (12, 21)), ((12, 8), (20, 8)), ((12, 12), (21, 12)), ((12, 16), (20, 16))),
        ((12, 12, 9),),
    )
    LANGUAGE = Strokes(
        (
            ((3, 12), (21, 12)),
            ((12, 3), (9, 7), (8, 12), (9, 17), (12, 21), (15, 17), (16, 12), (15, 7), (12, 3)),
        ),
        ((12, 12, 9),),
    )
    RULER = Strokes(
        (
            ((2, 8), (22, 8), (22, 16), (2, 16), (2, 8)),
            ((6, 8), (6, 11)),
            ((10, 8), (10, 13)),
            ((14, 8), (14, 11)),
            ((18, 8), (18, 13)),
        )
    )
    PRINTER = Strokes(
        (
            ((7, 8), (7, 3), (17, 3), (17, 8)),
            ((6, 17), (3, 17), (3, 8), (21, 8), (21, 17), (18, 17)),
            ((7, 13), (17, 13), (17, 21), (7, 21), (7, 13)),
        )
    )
    PEN = Strokes((((4, 20), (5, 15), (16, 4), (20, 8), (9, 19), (4, 20)), ((13, 7), (17, 11))))
    WARNING = Strokes(
        (((12, 3), (22, 20), (2, 20), (12, 3)), ((12, 9), (12, 14)), ((12, 16.5), (12, 17.5)))
    )
    PERSON = Strokes((((4, 21), (5, 16), (9, 14), (15, 14), (19, 16), (20, 21)),), ((12, 8, 4),))
    PLUS = Strokes((((12, 4), (12, 20)), ((4, 12), (20, 12))))
    MINUS = Strokes((((4, 12), (20, 12)),))
    BOX = Strokes(
        (
            ((4, 9), (4, 4), (9, 4)),
            ((15, 4), (20, 4), (20, 9)),
            ((20, 15), (20, 20), (15, 20)),
            ((9, 20), (4, 20), (4, 15)),
            ((12, 8), (12, 16)),
            ((8, 12), (16, 12)),
        )
    )
    LARGER = Strokes(
        (((8, 11), (14, 11)), ((11, 8), (11, 14)), ((16, 16), (21, 21))), ((11, 11, 7),)
    )
    SMALLER = Strokes((((8, 11), (14, 11)), ((16, 16), (21, 21))), ((11, 11, 7),))
    WHOLE = Strokes(
        (
            ((3, 8), (3, 3), (8, 3)),
            ((16, 3), (21, 3), (21, 8)),
            ((21, 16), (21, 21), (16, 21)),
            ((8, 21), (3, 21), (3, 16)),
            ((8, 8), (16, 8), (16, 16), (8, 16), (8, 8)),
        )
    )
    PLAY = Strokes((((7, 4), (19, 12), (7, 20), (7, 4)),))
    BESIDE = Strokes(
        (
            ((2, 5), (10, 5), (10, 19), (2, 19), (2, 5)),
            ((14, 5), (22, 5), (22, 19), (14, 19), (14, 5)),
        )
    )
    TURN = Strokes(
        (
            ((4, 13), (4, 20), (18, 20), (18, 13), (4, 13)),
            ((8, 8), (12, 5), (17, 5), (20, 9)),
            ((21, 5), (20, 9), (16, 8)),
        )
    )
    MIRROR = Strokes(
        (
            ((12, 2), (12, 6)),
            ((12, 10), (12, 14)),
            ((12, 18), (12, 22)),
            ((9, 6), (9, 18), (2, 18), (9, 6)),
            ((15, 6), (15, 18), (22, 18), (15, 6)),
        )
    )
    ERASE = Strokes(
        (
            ((8, 6), (21, 6), (21, 18), (8, 18), (2, 12), (8, 6)),
            ((11, 9), (17, 15)),
            ((17, 9), (11, 15)),
        )
    )


_WAYS = frozenset({Icon.BACK, Icon.FORWARD, Icon.UNDO})
"""Where these point to depends on the direction of the script."""


def pixmap_of(kind: Icon, colour: str, size: int = _GRID) -> QPixmap:
    """Return the icon in one colour, `size` device-independent pixels wide."""
    pixmap = pixmap_of_strokes(kind.value, colour, size)
    is_mirrored = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    if kind in _WAYS and is_mirrored:
        pixmap = pixmap.transformed(QTransform.fromScale(-1, 1))
    return pixmap


def pixmap_of_strokes(strokes: Strokes, colour: str, size: int, width: float = _PEN) -> QPixmap:
    """Return strokes in one colour, `size` device-independent pixels wide.

    `width` of the pen is in parts of the grid.
    """
    pixmap = QPixmap(round(size * _SHARPNESS), round(size * _SHARPNESS))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size * _SHARPNESS / _GRID, size * _SHARPNESS / _GRID)
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for line in strokes.lines:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
    for x, y, radius in strokes.circles:
        painter.drawEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
    painter.end()
    pixmap.setDevicePixelRatio(_SHARPNESS)
    return pixmap


def icon_of(kind: Icon, colour: str, disabled: str) -> QIcon:
    """Return the icon for a button, paler while the button is disabled."""
    icon = QIcon(pixmap_of(kind, colour))
    icon.addPixmap(pixmap_of(kind, disabled), QIcon.Mode.Disabled)
    return icon

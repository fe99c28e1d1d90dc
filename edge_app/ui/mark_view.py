"""Two marks in a picture that stands still: touched, dragged, moved by keys, seen in a loupe."""

import math

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from edge_app.ports import Point
from edge_app.ui import tokens as t
from edge_app.ui.image_view import STRIP_PX, ImageView, transform_of
from edge_app.ui.tokens import Palette

_GRASP_PX = 28.0
_ARM_PX = 22.0
_GAP_PX = 5.0
_LOUPE_PX = 168.0
_CLOSER = 4.0
_FAST = 10.0
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_HALO, _LINE = QColor(0, 0, 0, 200), QColor("#FFFFFF")


class MarkView(ImageView):
    """An `ImageView` in which two marks can be set while `takes_marks`.

    Attributes:
        points: The marks that were set, in image pixels.
        shows_marks: Whether they are drawn.
    """

    moved = pyqtSignal()

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.takes_marks = self.shows_marks = False
        self.points: list[Point] = []
        self.chosen = 0
        self._grasped: QPointF | None = None
        self.touched.connect(self._set)
        self.step_mark = self.step_point

    def clear_points(self) -> None:
        """Take the marks away."""
        self.points, self.chosen, self._grasped = [], 0, None
        self.update()
        self.moved.emit()

    def step_point(self, way: int) -> bool:
        """Choose the next or former mark; False beyond the last."""
        place = self.chosen + way
        if not self.takes_marks or not 0 <= place < len(self.points):
            return False
        self.chosen = place
        self.update()
        return True

    def _set(self, x: float, y: float) -> None:
        """Set the next mark, or move the one that is chosen."""
        image = self.image
        if not self.takes_marks or image is None:
            return
        if not (0 <= x <= image.width and 0 <= y <= image.height):
            return
        if len(self.points) < 2:
            self.points.append((x, y))
            self.chosen = len(self.points) - 1
        self._put(x, y)

    def _put(self, x: float, y: float) -> None:
        if self.image:
            x = min(max(x, 0.0), float(self.image.width))
            y = min(max(y, 0.0), float(self.image.height))
            self.points[self.chosen] = (x, y)
            self.update()
            self.moved.emit()

    def _in_view(self, place: int) -> QPointF:
        return QPointF(*self.viewport.to_view(*self.points[place]))

    def _near(self, position: QPointF) -> int | None:
        """Return which mark lies under a finger there."""
        apart = [
            (math.hypot(d.x(), d.y()), place)
            for place in range(len(self.points))
            for d in [self._in_view(place) - position]
        ]
        nearest = min(apart, default=(math.inf, 0))
        return nearest[1] if nearest[0] <= _GRASP_PX else None

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Grasp the mark under the finger, else begin what the picture does."""
        place = self._near(a0.position()) if a0 and self.takes_marks else None
        if a0 is None or place is None or a0.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(a0)
            return
        self.chosen = place
        self._grasped = self._in_view(place) - a0.position()
        self.update()

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Drag the mark; it keeps its distance from the finger, which would hide it."""
        if a0 is None or self._grasped is None:
            super().mouseMoveEvent(a0)
            return
        at = a0.position() + self._grasped
        self._put(*self.viewport.to_image(at.x(), at.y()))

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Let go of the mark."""
        if self._grasped is None:
            super().mouseReleaseEvent(a0)
        self._grasped = None

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Move the chosen mark a pixel, ten with Shift; Enter sets the next one in the middle."""
        step = _ARROWS.get(Qt.Key(a0.key())) if a0 else None
        if a0 is None or not self.takes_marks or self.image is None:
            super().keyPressEvent(a0)
        elif step and self.points:
            is_fast = bool(a0.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            far = _FAST if is_fast else 1.0
            x, y = self.points[self.chosen]
            self._put(x + step[0] * far, y + step[1] * far)
        elif a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self.points) < 2:
            self._set(self.image.width / 2, self.image.height / 2)
        else:
            super().keyPressEvent(a0)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the picture, the marks and the loupe."""
        super().paintEvent(_event)
        if not self.shows_marks or self.image is None or not self.points:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(0, 0, self.width(), self.height() - STRIP_PX))
        if len(self.points) == 2:
            _stroke(painter, self._between(self._in_view(0), self._in_view(1)), 1.5, dashed=True)
        for place in range(len(self.points)):
            self._paint_mark(painter, place)
        self._paint_loupe(painter)
        painter.end()

    def _between(self, first: QPointF, second: QPointF) -> list[tuple[QPointF, QPointF]]:
        """Return the lines that are drawn between both marks."""
        return [(first, second)]

    def _paint_mark(self, painter: QPainter, place: int) -> None:
        at, width = self._in_view(place), 3.0 if place == self.chosen else 1.6
        _stroke(painter, _cross(at, _GAP_PX, _ARM_PX), width)
        if place == self.chosen:
            painter.setPen(QPen(_LINE, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, _ARM_PX, _ARM_PX)
        font = QFont(painter.font())
        font.setPixelSize(t.BODY_PX)
        font.setBold(True)
        painter.setFont(font)
        side = t.BODY_PX * 1.5
        words = QRectF(at.x() + _GAP_PX, at.y() + _GAP_PX, side, side)
        painter.fillRect(words, _HALO)
        painter.setPen(_LINE)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), str(place + 1))

    def _paint_loupe(self, painter: QPainter) -> None:
        """Draw what lies under the chosen mark, larger, in the corner that no mark is near."""
        if self._drawn is None:
            return
        room = self._loupe_room()
        scale = max(_CLOSER, self.viewport.scale * _CLOSER)
        painter.fillRect(room, QColor(self.room.image_room))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.setClipRect(room)
        view = self.viewport
        painter.translate(room.center())
        painter.scale(scale / view.scale, scale / view.scale)
        painter.translate(-self._in_view(self.chosen))
        painter.setTransform(transform_of(view), combine=True)
        painter.drawImage(QPointF(0, 0), self._drawn)
        painter.restore()
        _stroke(painter, _cross(room.center(), _GAP_PX, room.width() / 2), 1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_LINE, 2.0))
        painter.drawRect(room)

    def _loupe_room(self) -> QRectF:
        right = self.width() - _LOUPE_PX - t.SPACE_4
        bottom = self.height() - STRIP_PX - _LOUPE_PX - t.SPACE_4
        corners = [
            QRectF(x, y, _LOUPE_PX, _LOUPE_PX)
            for y in (float(t.SPACE_4), bottom)
            for x in (right, float(t.SPACE_4))
        ]
        marks = [self._in_view(place) for place in range(len(self.points))]

        def nearest(corner: QRectF) -> float:
            return min((mark - corner.center()).manhattanLength() for mark in marks)

        return max(corners, key=nearest)


def _cross(at: QPointF, gap: float, arm: float) -> list[tuple[QPointF, QPointF]]:
    """Return four arms that leave the middle free."""
    ways = (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1))
    return [(at + way * gap, at + way * arm) for way in ways]


def _stroke(
    painter: QPainter,
    lines: list[tuple[QPointF, QPointF]],
    width: float,
    *,
    dashed: bool = False,
) -> None:
    """Draw light lines on a dark halo."""
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    for pen in (QPen(_HALO, width + 2.4), QPen(_LINE, width, style)):
        painter.setPen(pen)
        for start, end in lines:
            painter.drawLine(start, end)

"""The picture on the page of findings: what touching it does depends on the tool."""

import math
from enum import Enum
from itertools import pairwise

from PyQt6.QtCore import QEvent, QPointF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QImage, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QGestureEvent, QPinchGesture

from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.domain.levels import ALL, Levels, at_levels, own_levels, range_of, scale_of
from edge_app.ui.image_view import drawable
from edge_app.ui.in_words import listed, number_words
from edge_app.ui.mark_view import MarkView
from edge_app.ui.tokens import Palette

_LEAST_PX = 2.0
_DRAG_PX = 12.0
_ZOOM_A_PX = 1.01
_SOON_MS = 30
_DRAG_ACROSS_PX = 512.0


class Tool(Enum):
    """What touching the picture means."""

    LOOK = "look"
    BOX = "box"
    NAME = "name"
    LENGTH = "length"
    LEVELS = "levels"
    EARLIER = "earlier"
    CINE = "cine"


class ReadingView(MarkView):
    """A `MarkView` whose two marks are the corners of a box or the ends of a length.

    Two fingers zoom and move, the right button zooms, the middle one moves, with any tool.

    Attributes:
        tool: What touching means now.
    """

    escaped = pyqtSignal()
    levels_changed = pyqtSignal()

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self.tool = Tool.LOOK
        self.levels: Levels | None = None
        self._range = ALL
        self._shading: QPointF | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._draw_levels)
        self._begun: QPointF | None = None
        self._zooming: QPointF | None = None
        self.grabGesture(Qt.GestureType.PinchGesture)

    def show_image(self, image: CapturedImage | None, cover: str = "") -> None:
        """Show `image`; of another one nothing is drawn or measured yet."""
        if image is not self._image:
            self.take(Tool.LOOK)
            self._show_as_taken()
        super().show_image(image, cover)

    def take(self, tool: Tool) -> None:
        """Let touching mean something else; marks that were set are gone."""
        self.tool = tool
        self.takes_marks = self.shows_marks = tool in (Tool.BOX, Tool.LENGTH)
        self._begun = self._shading = None
        self.clear_points()

    def _show_as_taken(self) -> None:
        self._soon.stop()
        self.levels = None
        self.levels_changed.emit()

    def _drawable(self, image: CapturedImage) -> QImage:
        return drawable(at_levels(image, self.levels))

    def show_levels(self, levels: Levels | None) -> None:
        """Show the picture at other levels, on the screen alone; without any as it was taken."""
        self.levels = levels
        self._soon.start()
        self.levels_changed.emit()

    def _draw_levels(self) -> None:
        if self._image:
            self._drawn = self._drawable(self._image)
            self.update()

    def strip_note(self) -> str:
        """Return which levels are shown, where they are not all."""
        said = []
        if self.levels:
            ends = (number_words(round(end)) for end in (self.levels.low, self.levels.high))
            said.append(self.tr("Levels {0} to {1}").format(*ends))
        if self.opacity == 0 and self.marks:
            said.append(self.tr("Boxes are hidden"))
        return listed(said)

    def length_px(self) -> float | None:
        """Return how far apart both marks are in image pixels; None while there are not two."""
        return math.dist(*self.points) if self._has_length else None

    def length_mm(self) -> float | None:
        """Return how far apart they are in millimetres; None also where no scale is known."""
        image = self.image
        if image is None or image.spacing_mm is None or not self._has_length:
            return None
        down, right = image.spacing_mm
        (x0, y0), (x1, y1) = self.points
        return math.hypot((x1 - x0) * right, (y1 - y0) * down)

    @property
    def _has_length(self) -> bool:
        return self.tool is Tool.LENGTH and len(self.points) == 2

    @property
    def box(self) -> Box | None:
        """The box between both marks; None while there is none that has sides."""
        if self.tool is not Tool.BOX or len(self.points) < 2:
            return None
        (x0, y0), (x1, y1) = self.points
        sides = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        made = Box(*(round(side, 1) for side in sides))
        return made if min(made.width, made.height) >= _LEAST_PX else None

    def _between(self, first: QPointF, second: QPointF) -> list[tuple[QPointF, QPointF]]:
        if self.tool is not Tool.BOX:
            return super()._between(first, second)
        right_up, left_down = QPointF(second.x(), first.y()), QPointF(first.x(), second.y())
        corners = (first, right_up, second, left_down, first)
        return list(pairwise(corners))

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Begin to zoom with the right button, or what the tool does."""
        if a0 and a0.button() is Qt.MouseButton.RightButton:
            self._zooming = a0.position()
            return
        if a0 and self.tool is Tool.LEVELS and a0.button() is Qt.MouseButton.LeftButton:
            self._shading = a0.position()
            self._range = range_of(self._image) if self._image else ALL
            return
        super().mousePressEvent(a0)
        if self.takes_marks:
            self._hold.stop()  # a slow touch is still a touch
            is_first = not self.points and self._grasped is None
            if a0 and is_first and a0.button() is Qt.MouseButton.LeftButton:
                self._begun = a0.position()

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Zoom, draw from the first corner to the second, or what the tool does."""
        if a0 and self._zooming is not None:
            down = a0.position().y() - self._zooming.y()
            self._zooming = a0.position()
            self.zoomed(_ZOOM_A_PX**-down, a0.position())
            return
        if a0 and self._shading is not None:
            self._shade(a0.position() - self._shading)
            self._shading = a0.position()
            return
        if a0 and self._begun is not None:
            self._draw_on(a0.position())
            return
        super().mouseMoveEvent(a0)

    def _shade(self, moved: QPointF) -> None:
        """Show it brighter by as far as a finger went up, and more levels by as far to the right.

        Across half the levels of the picture it goes in 256 pixels of the screen.
        """
        if self._image is None:
            return
        step = self._range.width / _DRAG_ACROSS_PX
        up = step if scale_of(self._image).is_inverted else -step
        levels = self.levels or own_levels(self._image)
        self.show_levels(levels.moved(-moved.y() * up, moved.x() * step, self._range))

    def _draw_on(self, at: QPointF) -> None:
        """Set both marks by one drag; a finger that only trembles has touched."""
        begun = self._begun
        if begun is not None and (at - begun).manhattanLength() > _DRAG_PX:
            self._begun = self._pressed_at = None
            self._set(*self.viewport.to_image(begun.x(), begun.y()))
            if self.points:
                self.points.append(self.points[0])
                self.chosen, self._grasped = 1, QPointF(0, 0)
                self._put(*self.viewport.to_image(at.x(), at.y()))

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """End what was begun."""
        was_own = self._zooming is not None or self._shading is not None
        self._begun = self._zooming = self._shading = None
        if was_own:
            return
        super().mouseReleaseEvent(a0)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Leave a tool with Escape."""
        if a0 and a0.key() == Qt.Key.Key_Escape and self.tool is not Tool.LOOK:
            self.escaped.emit()
            return
        super().keyPressEvent(a0)

    def event(self, a0: QEvent | None) -> bool:
        """Zoom and move with two fingers."""
        if isinstance(a0, QGestureEvent):
            pinch = a0.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                centre = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint()))
                self.pinched(
                    pinch.scaleFactor(), centre, pinch.centerPoint() - pinch.lastCenterPoint()
                )
                return True
        return super().event(a0)

    def pinched(self, factor: float, centre: QPointF, moved: QPointF) -> None:
        """Zoom around the middle of two fingers, and move with it; what one had begun is void."""
        self._pressed_at = self._begun = self._grasped = self._shading = None
        self._hold.stop()
        self.viewport.pan(moved.x(), moved.y())
        self.zoomed(factor, centre)

"""Shows one image with its findings; wheel, drag, double click and hold as in other viewers."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from edge_app.domain.image import CapturedImage, Pixels
from edge_app.ui.in_words import number_words
from edge_app.ui.overlay import LiveMark, Mark, mark_at, paint_live_marks, paint_marks
from edge_app.ui.tokens import BODY_PX, LARGE_PX, RING_PX, SPACE_1, SPACE_3, SPACE_6, Palette
from edge_app.ui.viewport import NEAREST_BEYOND, Viewport, length_words, scale_bar

STRIP_PX = 44  # letters of twice the size have room in it
_HOLD_MS = 400
_DRAG_PX = 6
_WHEEL_STEP = 1.25
_FRAME_PX = 4
_GROUND, _INK = QColor(0, 0, 0, 220), QColor("#FFFFFF")


class ImageView(QWidget):
    """An image, and beneath it a strip with the scale: nothing covers the pixels but findings.

    `touched` says where, in image pixels.
    """

    mark_touched = pyqtSignal(int)
    touched = pyqtSignal(float, float)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.room = palette.for_images
        self.viewport = Viewport()
        self.marks: tuple[Mark, ...] = ()
        self.live_marks: tuple[LiveMark, ...] = ()
        self.selected: int | None = None
        self.cover = ""
        self.are_marks_hidden = False
        self.opacity = 1.0
        self.caption = ""
        self.step_mark: Callable[[int], bool] | None = None
        self._image: CapturedImage | None = None
        self._drawn: QImage | None = None
        self._pressed_at: QPoint | None = None
        self._is_dragging = False
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(_HOLD_MS)
        self._hold.timeout.connect(self._held)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)

    @property
    def image(self) -> CapturedImage | None:
        """The image that is shown; None while the view is covered or empty."""
        return None if self.cover else self._image

    def show_image(self, image: CapturedImage | None, cover: str = "") -> None:
        """Show `image`, or with `cover` only those words; a new size is fitted."""
        is_new_size = image and (
            self._image is None
            or (image.width, image.height) != (self._image.width, self._image.height)
        )
        self.cover = cover
        if image is not self._image:
            is_turned = not self.viewport.is_as_taken
            self._image = image
            self._drawn = self._drawable(image) if image else None
            self.viewport.as_taken()  # nobody expects the next picture to be turned
            if is_turned or is_new_size:
                self.fit()
        self.setAccessibleDescription(cover)
        self.update()

    def show_marks(self, marks: Sequence[Mark], selected: int | None) -> None:
        """Draw these findings."""
        self.marks, self.selected = tuple(marks), selected
        self.update()

    def show_live_marks(self, marks: Sequence[LiveMark]) -> None:
        """Draw this preview until the next one."""
        if self.live_marks != tuple(marks):  # the same ones again cost no painting
            self.live_marks = tuple(marks)
            self.update()

    def hide_marks(self, hidden: bool) -> None:  # noqa: FBT001  reads well at its callers
        """Take every finding off the picture, or put them back."""
        self.are_marks_hidden = hidden
        self.update()

    def fit(self) -> None:
        """Show the whole image."""
        if self._image:
            room = (float(self.width()), float(max(1, self.height() - STRIP_PX)))
            self.viewport.fit(room, (self._image.width, self._image.height))
            self.update()

    def full_size(self) -> None:
        """Show one image pixel a screen pixel, around the middle of what is seen."""
        self.zoom_by(1.0 / self.viewport.scale)

    def zoom_by(self, factor: float) -> None:
        """Zoom around the middle of what is seen."""
        self.zoomed(factor, QPointF(self.width() / 2, (self.height() - STRIP_PX) / 2))

    def zoomed(self, factor: float, at: QPointF) -> None:
        """Zoom around a point of the view."""
        if self._drawn:
            self.viewport.zoom(factor, at.x(), at.y())
            self.update()

    def turn(self) -> None:
        """Turn the picture by a quarter clockwise, on the screen alone, and say so on it."""
        self.viewport.turn()
        self._say_turned()

    def mirror(self) -> None:
        """Change left and right, on the screen alone, and say so on it."""
        self.viewport.mirror()
        self._say_turned()

    def _say_turned(self) -> None:
        self.fit()
        self.setAccessibleDescription(self.turned_words())

    def reveal(self, mark: Mark) -> None:
        """Pan just so far that `mark` is in sight."""
        x, y = self.viewport.to_view(
            (mark.box.x0 + mark.box.x1) / 2, (mark.box.y0 + mark.box.y1) / 2
        )
        right, bottom = self.width(), self.height() - STRIP_PX
        if not (0 <= x <= right and 0 <= y <= bottom):
            self.viewport.pan(right / 2 - x, bottom / 2 - y)
        self.update()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Keep a fitted image fitted."""
        super().resizeEvent(a0)
        if self.viewport.is_fitted:
            self.fit()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Let go of a hold that will see no release."""
        super().hideEvent(a0)
        self._hold.stop()
        self.hide_marks(hidden=False)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001  Qt's names
        """Go through the findings before the focus leaves the image."""
        if self.step_mark and self.step_mark(1 if next else -1):
            return True
        return super().focusNextPrevChild(next)

    def wheelEvent(self, a0: QWheelEvent | None) -> None:
        """Zoom at the pointer."""
        if a0 is None or self._drawn is None:
            return
        self.zoomed(_WHEEL_STEP ** (a0.angleDelta().y() / 120), a0.position())
        a0.accept()

    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Begin a touch, a drag or a hold."""
        if a0 and a0.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed_at = a0.position().toPoint()
            self._is_dragging = False
            self._hold.start()

    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Pan."""
        if a0 is None or self._pressed_at is None:
            return
        moved = a0.position().toPoint() - self._pressed_at
        if self._is_dragging or moved.manhattanLength() > _DRAG_PX:
            self._is_dragging = True
            self._hold.stop()
            self.viewport.pan(moved.x(), moved.y())
            self._pressed_at = a0.position().toPoint()
            self.update()

    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """End a drag or a hold, or touch the finding under the pointer."""
        was_held = self.are_marks_hidden
        self._hold.stop()
        self.hide_marks(hidden=False)
        was_touch = self._pressed_at is not None and not self._is_dragging and not was_held
        self._pressed_at = None
        if a0 and was_touch:
            x, y = self.viewport.to_image(a0.position().x(), a0.position().y())
            mark = mark_at(self.marks, x, y)
            self.mark_touched.emit(mark.index if mark else -1)
            self.touched.emit(x, y)

    def mouseDoubleClickEvent(self, a0: QMouseEvent | None) -> None:
        """Change between the whole image and one image pixel a screen pixel."""
        if a0 is None:
            return
        if self.viewport.is_fitted:
            self.zoomed(1.0 / self.viewport.scale, a0.position())
        else:
            self.fit()

    def _held(self) -> None:
        self.hide_marks(hidden=True)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the image, the findings and the strip."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.room.image_room))
        room = QRectF(0, 0, self.width(), self.height() - STRIP_PX)
        if self.cover:
            self._paint_cover(painter, room)
        elif self._drawn:
            painter.setClipRect(room)
            self._paint_image(painter)
            self._paint_banner(painter)
            painter.setClipping(False)
            self._paint_strip(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.room.focus), RING_PX))
            inset = RING_PX // 2
            painter.drawRect(self.rect().adjusted(inset, inset, -inset - 1, -inset - 1))
        painter.end()

    def _paint_image(self, painter: QPainter) -> None:
        view = self.viewport
        if self._drawn is None:
            return
        smooth = view.scale <= NEAREST_BEYOND
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.save()
        painter.setTransform(transform_of(view), combine=True)
        painter.drawImage(QPointF(0, 0), self._drawn)
        painter.restore()
        if not self.are_marks_hidden:
            paint_marks(painter, self.marks, self.selected, view, self.opacity)
            paint_live_marks(painter, self.live_marks, view)

    def turned_words(self) -> str:
        """Return how the picture differs from how it was taken; nothing where it does not."""
        view = self.viewport
        if view.is_as_taken:
            return ""
        if not view.quarters:
            return self.tr("Mirrored: left and right are changed")
        words = self.tr("Turned by {0}\u00b0")
        if view.is_mirrored:
            words = self.tr("Turned by {0}\u00b0 and mirrored: left and right are changed")
        return words.format(number_words(90 * view.quarters))

    def _paint_banner(self, painter: QPainter) -> None:
        """Say on the picture which one it is, where there are two, and what was done to it.

        One that is turned or mirrored has a frame besides.
        """
        words = "\n".join(filter(None, (self.caption, self.turned_words())))
        if not words:
            return
        painter.save()
        font = painter.font()
        font.setPixelSize(LARGE_PX)
        font.setBold(True)
        painter.setFont(font)
        room = QRectF(0, 0, self.width(), self.height() - STRIP_PX)
        if not self.viewport.is_as_taken:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.room.text), _FRAME_PX, Qt.PenStyle.DashLine))
            painter.drawRect(room.adjusted(_FRAME_PX, _FRAME_PX, -_FRAME_PX, -_FRAME_PX))
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        room = room.adjusted(SPACE_6, SPACE_3, -SPACE_6, -SPACE_3)
        around = painter.boundingRect(room, flags, words)
        around.moveTop(room.top())
        painter.fillRect(around.adjusted(-SPACE_3, -SPACE_1, SPACE_3, SPACE_1), _GROUND)
        painter.setPen(_INK)
        painter.drawText(around, flags, words)
        painter.restore()

    def _paint_cover(self, painter: QPainter, room: QRectF) -> None:
        font = painter.font()
        font.setPixelSize(font.pixelSize() * LARGE_PX // BODY_PX)
        painter.setFont(font)
        painter.setPen(QColor(self.room.text))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room.adjusted(48, 48, -48, -48), int(flags), self.cover)

    def _paint_strip(self, painter: QPainter) -> None:
        if self._image is None:
            return
        painter.setPen(QPen(QColor(self.room.muted), 2.0))
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # of the words alone
        strip = QRectF(16, self.height() - STRIP_PX, self.width() - 32, STRIP_PX)
        words_at = strip
        words = self.tr("no scale")
        if self._image.spacing_mm:
            down, right = self._image.spacing_mm
            across = down if self.viewport.quarters % 2 else right  # what lies level on the screen
            length, length_px = scale_bar(across, self.viewport.scale, 160)
            words = length_words(length)
            self._paint_bar(painter, QPointF(strip.left(), strip.center().y()), length_px)
            words_at = strip.adjusted(length_px + 12, 0, 0, 0)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
        painter.drawText(words_at, middle | int(Qt.AlignmentFlag.AlignLeft), words)
        zoom = self.tr("{0} % of full size").format(number_words(self.viewport.scale * 100))
        painter.drawText(strip, middle | int(Qt.AlignmentFlag.AlignRight), zoom)
        if note := self.strip_note():
            painter.drawText(strip, int(Qt.AlignmentFlag.AlignCenter), note)

    def strip_note(self) -> str:
        """Return what else is to be said beneath the picture."""
        return ""

    def _paint_bar(self, painter: QPainter, start: QPointF, length_px: float) -> None:
        end = start + QPointF(length_px, 0)
        painter.drawLine(start, end)
        for point in (start, end):
            painter.drawLine(point - QPointF(0, 5), point + QPointF(0, 5))

    def _drawable(self, image: CapturedImage) -> QImage:
        return drawable(image.pixels)


def drawable(pixels: Pixels) -> QImage:
    """Return pixels, uint8 [h, w, 3] or grey [h, w], as Qt draws them fastest."""
    height, width = pixels.shape[:2]
    is_grey = pixels.ndim == 2
    form = QImage.Format.Format_Grayscale8 if is_grey else QImage.Format.Format_RGB888
    shown = QImage(pixels.tobytes(), width, height, pixels.size // height, form)
    return shown.copy() if is_grey else shown.convertToFormat(QImage.Format.Format_RGB32)


def transform_of(view: Viewport) -> QTransform:
    """Return what lays image pixels where `view` says."""
    (x, y), (right, down) = view.to_view(0, 0), view.to_view(1, 0)
    (left, below) = view.to_view(0, 1)
    return QTransform(right - x, down - y, left - x, below - y, x, y)

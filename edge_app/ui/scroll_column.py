"""A column that scrolls where it is longer than its place, never sideways."""

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtWidgets import QScrollArea, QWidget

_LEAST_ROWS = 2


class ScrollColumn(QScrollArea):
    """Is as wide as its content needs; takes little height where it must.

    Args:
        inner: What it holds.
        least_px: It is never narrower.
        is_steady: Whether `inner` is as high at every width: the room for the bar is then given
            only while there is one. Words that wrap would come and go with it.
    """

    def __init__(self, inner: QWidget, least_px: int = 0, *, is_steady: bool = False) -> None:
        super().__init__()
        self._least_px, self._is_steady = least_px, is_steady
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inner)
        bar = self.verticalScrollBar()
        if bar and is_steady:
            bar.rangeChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest word or control, and the height of two rows."""
        inner, bar = self.widget(), self.verticalScrollBar()
        if inner is None or bar is None:
            return super().minimumSizeHint()
        touch, around = bar.sizeHint().width(), 2 * self.frameWidth()
        has_bar = not self._is_steady or bar.maximum() > 0
        wide = inner.minimumSizeHint().width() + (touch if has_bar else 0) + around
        return QSize(max(self._least_px, wide), _LEAST_ROWS * touch + around)

    def sizeHint(self) -> QSize:
        """Return no more than is needed: the rest comes by stretching."""
        return self.minimumSizeHint()

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Ask for another place when the content has changed."""
        if a0 is self.widget() and a1 and a1.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(a0, a1)

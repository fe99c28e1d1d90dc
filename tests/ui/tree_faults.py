"""What is wrong in a tree of widgets: cut text, small targets, no name, no ring, poor contrast."""

import numpy as np
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QIcon, QImage
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QTextBrowser,
    QToolButton,
    QWidget,
)

from edge_app.ui.image_view import ImageView

_CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSlider, QTextBrowser, ImageView)
_LEAST_CONTRAST = 4.5
_LEAST_RING = 3.0
_EDGE = 6  # of a control: where its ring stands
_PARTS = "qt_"  # of a compound widget, which is checked as a whole


def _shown(root: QWidget, *kinds: type) -> list[QWidget]:
    """Return what can be seen under `root`, if somebody scrolls to it."""
    found = [root, *root.findChildren(QWidget)]
    return [
        w for w in found if w.isVisible() and isinstance(w, kinds or QWidget) and not _is_part(w)
    ]


def _is_part(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    is_viewport = isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget
    is_inner = isinstance(parent, QComboBox) or widget.objectName().startswith(_PARTS)
    return is_viewport or is_inner


def called(widget: QWidget) -> str:
    """Return what a person who mends the fault looks for."""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""
    within = [w.text() or w.accessibleName() for w in widget.findChildren(QAbstractButton)]
    words = text or widget.accessibleName() or " + ".join(within)
    return f"{type(widget).__name__} {words[:60]!r}"


def cut_off(root: QWidget) -> set[str]:
    """Return each text that has less room than it needs, and each widget that is pushed out."""
    cut = {called(w) for w in _shown(root, QLabel, QAbstractButton, QLineEdit) if _is_cut(w)}
    return cut | {f"{called(w)} beyond its place" for w in _shown(root) if _is_beyond(w)}


def _is_cut(widget: QWidget) -> bool:
    if isinstance(widget, QLabel):
        return _is_label_cut(widget)
    metrics = widget.fontMetrics()
    if isinstance(widget, QLineEdit):
        return metrics.horizontalAdvance(widget.placeholderText()) > widget.width() - 8
    lines = QAbstractButton.text(widget).split("\n")
    if any("\u2026" in line for line in lines):
        return True
    if isinstance(widget, QToolButton):  # its icon stands above its word
        return max(map(metrics.horizontalAdvance, lines)) > widget.width()
    icon = 0 if widget.icon().isNull() else widget.iconSize().width()
    widest = max(map(metrics.horizontalAdvance, lines), default=0) if any(lines) else 0
    high = metrics.height() * len(lines) if any(lines) else 0
    return icon + widest > widget.width() or max(high, icon and 1) > widget.height()


def _is_label_cut(words: QLabel) -> bool:
    pixmap = words.pixmap()
    if not words.text() or not pixmap.isNull():
        return not pixmap.isNull() and pixmap.deviceIndependentSize().width() > words.width()
    if words.wordWrap():
        least = words.heightForWidth(words.width())
        return least > words.height() or words.minimumSizeHint().width() > words.width()
    return words.sizeHint().width() > words.width() or words.sizeHint().height() > words.height()


def _is_beyond(widget: QWidget) -> bool:
    """Return whether it stands outside of what holds it; below a scrolled edge is no outside."""
    parent = widget.parentWidget()
    if parent is None or widget.isWindow() or isinstance(widget, QScrollBar):
        return False
    area = parent.parentWidget()
    rect, room = widget.geometry(), parent.rect()
    if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
        return isinstance(area, QScrollArea) and rect.width() > room.width()
    return not room.adjusted(-1, -1, 1, 1).contains(rect) and not rect.isEmpty()


def _controls(root: QWidget) -> list[QWidget]:
    """Return what a person touches or reaches by Tab; a bar that scrolls belongs to its area."""
    focusable = [w for w in _shown(root) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    return list({*_shown(root, *_CONTROLS), *focusable} - set(_shown(root, QScrollBar)))


def unnamed(root: QWidget) -> set[str]:
    """Return each control whose name nobody would hear."""
    return {called(w) for w in _controls(root) if not w.accessibleName().strip()}


def too_small(root: QWidget, least: int) -> set[str]:
    """Return each thing to touch that is smaller than `least`; bars that scroll too."""
    bars = [b for b in _shown(root, QScrollBar) if b.maximum() > b.minimum()]
    touched = [w for w in _controls(root) if not isinstance(w, QTextBrowser | QScrollArea)]
    small = {called(w) for w in touched if min(w.width(), w.height()) < least}
    return small | {f"{called(b)} to scroll" for b in bars if min(b.width(), b.height()) < least}


def luminance(colours: np.ndarray) -> np.ndarray:
    """Return the relative luminance of WCAG 2 of colours, red first, from 0 to 255."""
    parts = colours[..., :3] / 255
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the contrast of WCAG 2, from 1 to 21."""
    first, second = luminance(one) + 0.05, luminance(other) + 0.05
    return np.maximum(first, second) / np.minimum(first, second)


def colour_of(written: str) -> np.ndarray:
    """Return "#RRGGBB" as three numbers."""
    return np.array([int(written[n : n + 2], 16) for n in (1, 3, 5)], float)


def _pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    bits = image.constBits().asstring(image.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), 2::-1].astype(float)


def _drawn(window: QWidget) -> QImage:
    """Return the window as it stands, without the icons of its buttons."""
    icons = [(b, b.icon()) for b in _shown(window, QPushButton) if not b.icon().isNull()]
    for button, _icon in icons:
        QPushButton.setIcon(button, QIcon())
    image = window.grab().toImage()
    for button, icon in icons:
        QPushButton.setIcon(button, icon)
    return image


def _part(widget: QWidget, of: np.ndarray) -> np.ndarray:
    at = widget.mapTo(widget.window(), QPoint(0, 0))
    return of[at.y() : at.y() + widget.height(), at.x() : at.x() + widget.width()]


def _is_seen(widget: QWidget) -> bool:
    return widget.visibleRegion().boundingRect().size() == widget.size()


def faint(root: QWidget) -> set[str]:
    """Return each text that stands out too little from what is drawn behind it.

    A control that cannot be used now is exempt, as in WCAG; its tokens are measured instead.
    """
    found, drawn = set(), _pixels(_drawn(root.window()))
    for widget in _shown(root, QLabel, QPushButton):
        if not widget.isEnabled() or not widget.text().strip() or not _is_seen(widget):
            continue
        inner = _part(widget, drawn)[_EDGE:-_EDGE, _EDGE:-_EDGE].reshape(-1, 3)
        colours, times = np.unique(inner, axis=0, return_counts=True)
        if contrast(colours[times.argmax()], colours).max() < _LEAST_CONTRAST:
            found.add(called(widget))
    return found


def without_ring(root: QWidget) -> set[str]:
    """Return each control that does not show that the keyboard is at it."""
    found = set()
    before = QApplication.focusWidget()
    for widget in _controls(root):
        can_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if can_focus and widget.isEnabled() and not _shows_focus(widget):
            found.add(called(widget))
    if before:
        before.setFocus()
    return found


def _shows_focus(widget: QWidget) -> bool:
    target = widget.focusProxy() or widget
    if target is not widget:
        return True  # it is checked itself
    if QApplication.focusWidget():
        QApplication.focusWidget().clearFocus()
    drawn = _within if _is_seen(widget) else _alone  # what is scrolled to is not in the window
    calm = drawn(widget)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    ringed = drawn(widget)
    if not widget.hasFocus():
        return False
    return _changed(calm, ringed) >= min(widget.width(), widget.height())


def _alone(widget: QWidget) -> np.ndarray:
    return _pixels(widget.grab().toImage())


def _within(widget: QWidget) -> np.ndarray:
    place = QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())
    return _pixels(widget.window().grab(place).toImage())


def _changed(calm: np.ndarray, ringed: np.ndarray) -> int:
    """Return how many pixels near the edge changed so much that an eye sees it."""
    if calm.shape != ringed.shape:
        return 0
    changed = contrast(calm, ringed) >= _LEAST_RING
    changed[_EDGE:-_EDGE, _EDGE:-_EDGE] = False
    return int(changed.sum())

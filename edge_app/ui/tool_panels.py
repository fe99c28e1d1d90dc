"""What stands beside the picture while a length is measured, or other levels are chosen."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.domain.levels import Levels, by_content, range_of, scale_of
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.measured_words import length_words, levels_words, scale_words
from edge_app.ui.page import label, scrolled
from edge_app.ui.reading_view import ReadingView
from edge_app.ui.tokens import Palette

_HU = "HU"
_COLUMNS = 2
_OF_FILMS = ("CR", "DX", "DR", "MG", "XA", "RF", "CT")
_Preset = tuple[str, Callable[[], Levels | None]]


class ToolPanel(QWidget):
    """A title, what to do, and the way back."""

    left = pyqtSignal()

    def __init__(self, view: ReadingView, palette: Palette, title: str) -> None:
        super().__init__()
        self._view, self._colours = view, palette
        self.title = label(title, "large")
        self.said = label("", "said")
        self.leave = self._button(self.tr("Done"), Icon.ACCEPT)
        self.leave.clicked.connect(self.left)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_3)
        lines.addWidget(self.title)
        area, self._column = scrolled()
        self._column.addWidget(self.said)
        self._column.addStretch(1)
        lines.addWidget(area, 1)
        lines.addWidget(self.leave)

    def _button(self, words: str, icon: Icon | None = None) -> QPushButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        if icon:
            made.setIcon(icon_of(icon, self._colours.text, self._colours.disabled))
        return made

    def _add(self, widget: QWidget) -> None:
        self._column.insertWidget(self._column.count() - 1, widget)


class LengthPanel(ToolPanel):
    """Says how far apart two marks are."""

    def __init__(self, view: ReadingView, palette: Palette) -> None:
        super().__init__(view, palette, self.tr("Measure a length"))
        self.value = label("", "value")
        self.source = label("", "muted")
        self.again = self._button(self.tr("Measure another one"), Icon.REPEAT)
        self.again.clicked.connect(view.clear_points)
        for widget in (self.value, self.source, self.again):
            self._add(widget)
        view.moved.connect(self.refresh)

    def refresh(self) -> None:
        """Show what is measured now."""
        image, apart = self._view.image, self._view.length_px()
        has_both = image is not None and apart is not None
        self.said.setText(
            self.tr("Drag a mark to put it right, or move it with the arrow keys.")
            if has_both
            else self.tr("Touch one end, then the other.")
        )
        self.value.setText(length_words(self._view.length_mm(), apart) if apart else "")
        self.source.setText(scale_words(image) if image and has_both else "")
        self.again.setEnabled(has_both)


class LevelsPanel(ToolPanel):
    """Offers levels by the kind of picture, and says which are shown."""

    def __init__(self, view: ReadingView, palette: Palette) -> None:
        super().__init__(view, palette, self.tr("Levels"))
        self.said.setText(
            self.tr(
                "Drag on the picture: up is brighter, to the right shows more levels. The saved"
                " picture stays as it was taken."
            )
        )
        self.shown = label("", "large")
        self._add(self.shown)
        presets = QWidget()
        self._presets_in = QGridLayout(presets)
        self._presets_in.setContentsMargins(0, 0, 0, 0)
        self._presets_in.setSpacing(t.SPACE_2)
        self._add(presets)
        self.choices: list[QPushButton] = []
        view.levels_changed.connect(self.refresh)

    def offer(self, modality: str) -> None:
        """Offer what suits pictures of a modality (DICOM's code)."""
        for choice in self.choices:
            choice.setParent(None)
            choice.deleteLater()
        self.choices.clear()
        for place, (words, levels) in enumerate(self._presets(modality)):
            choice = self._button(words)
            choice.clicked.connect(partial(self._choose, levels))
            self.choices.append(choice)
            self._presets_in.addWidget(choice, place // _COLUMNS, place % _COLUMNS)
        self.refresh()

    def _presets(self, modality: str) -> list[_Preset]:
        """Return what is offered; windows in HU are those that are usual in radiology."""
        image = self._view.image
        if image is None:
            return []
        every: list[_Preset] = [
            (self.tr("As it was taken"), lambda: None),
            (self.tr("By its content"), lambda: by_content(image)),
        ]
        there = range_of(image)
        if scale_of(image).unit == _HU:
            return [
                *every,
                (self.tr("Soft parts"), lambda: Levels(40.0, 400.0)),
                (self.tr("Lung"), lambda: Levels(-600.0, 1500.0)),
                (self.tr("Bone"), lambda: Levels(400.0, 1800.0)),
                (self.tr("Brain"), lambda: Levels(40.0, 80.0)),
            ]
        if modality in _OF_FILMS or image.deep:
            return [
                *every,
                (self.tr("All levels"), lambda: there),
                (self.tr("Upper half of the levels"), lambda: there.part(0.5, 1.0)),
                (self.tr("Lower half of the levels"), lambda: there.part(0.0, 0.5)),
            ]
        return [
            *every,
            (self.tr("Pale parts stronger"), lambda: there.part(0.4, 1.0)),
            (self.tr("Dark parts brighter"), lambda: there.part(0.0, 0.6)),
        ]

    def _choose(self, levels: Callable[[], Levels | None]) -> None:
        self._view.show_levels(levels())

    def refresh(self) -> None:
        """Say which levels are shown."""
        image = self._view.image
        self.shown.setText(levels_words(image, self._view.levels) if image else "")

"""Counts over days, drawn: points with their error, the line through them and its band."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyqtgraph
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from edge_app.domain.trend import Line, Visit, error_of
from edge_app.ui.tokens import Palette

_POINT_PX = 10
_PEN_PX = 2
_BAND_STEPS = 60
_AHEAD = 0.25  # of the time seen: how far the line is drawn beyond the last visit
_DAY_S = 86_400.0
_VEIL = 60  # of 255: how much of its colour the band has


class Curve(QWidget):
    """The drawing; whoever cannot see it finds the same in the words beside it."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        pyqtgraph.setConfigOptions(antialias=True)
        axis = pyqtgraph.DateAxisItem(orientation="bottom")
        self.plot = pyqtgraph.PlotWidget(background=palette.window, axisItems={"bottom": axis})
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setPen(palette.muted)
            self.plot.getAxis(side).setTextPen(palette.text)
        self._colours = palette
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.plot)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Write beside the axes as the window writes."""
        super().showEvent(a0)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(tickFont=self.font())

    def show_visits(
        self, seen: Sequence[Visit], through: Line | None, threshold: float | None
    ) -> None:
        """Draw `seen`; nothing where there is none."""
        self.plot.clear()
        if not seen:
            return
        at = np.array([v.at.timestamp() for v in seen])
        counts = np.array([v.per_image for v in seen])
        low, high = np.array([error_of(v) for v in seen]).T
        pen = pyqtgraph.mkPen(self._colours.text, width=_PEN_PX)
        self.plot.addItem(
            pyqtgraph.ErrorBarItem(x=at, y=counts, top=high - counts, bottom=counts - low, pen=pen)
        )
        if through:
            self._draw_line(seen, through)
        self.plot.plot(
            at, counts, pen=None, symbol="o", symbolSize=_POINT_PX,
            symbolBrush=self._colours.accent, symbolPen=pen,
        )  # fmt: skip
        if threshold is not None:
            dashed = pyqtgraph.mkPen(self._colours.text, width=_PEN_PX, style=Qt.PenStyle.DashLine)
            self.plot.addItem(pyqtgraph.InfiniteLine(threshold, angle=0, pen=dashed))
        span = max(at[-1] - at[0], _DAY_S) * _AHEAD
        self.plot.setXRange(at[0] - span / 4, at[-1] + span, padding=0)
        self.plot.setYRange(0, max(float(high.max()), threshold or 0.0) * 1.05)

    def _draw_line(self, seen: Sequence[Visit], through: Line) -> None:
        span = (seen[-1].at - seen[0].at).total_seconds() * (1 + _AHEAD)
        moments = [seen[0].at + timedelta(seconds=s) for s in np.linspace(0, span, _BAND_STEPS)]
        at = np.array([m.timestamp() for m in moments])
        middle, reach = np.array([through.at(m) for m in moments]).T
        veil = QColor(self._colours.accent)
        veil.setAlpha(_VEIL)
        above = pyqtgraph.PlotCurveItem(at, np.maximum(middle + reach, 0))
        below = pyqtgraph.PlotCurveItem(at, np.maximum(middle - reach, 0))
        self.plot.addItem(pyqtgraph.FillBetweenItem(above, below, brush=veil))
        pen = pyqtgraph.mkPen(self._colours.focus, width=_PEN_PX)
        self.plot.plot(at, np.maximum(middle, 0), pen=pen)

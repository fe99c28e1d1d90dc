"""A control chart, drawn: shares over days, their mean, and the limits of chance."""

from datetime import date, datetime, time

import numpy as np
import pyqtgraph
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from edge_app.domain.figures import ControlChart, Period, Share
from edge_app.ui import tokens as t
from edge_app.ui.tokens import Palette

_POINT_PX, _OUTSIDE_PX, _PEN_PX = 10, 20, 2
_HALF_DAY_S = 43_200.0


class ControlCurve(QWidget):
    """Whoever cannot see it finds the same in the table below; outside is a cross, not a dot."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        pyqtgraph.setConfigOptions(antialias=True)
        axis = pyqtgraph.DateAxisItem(orientation="bottom")
        self.plot = pyqtgraph.PlotWidget(background=palette.image_room, axisItems={"bottom": axis})
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        font = self.font()
        font.setPixelSize(t.BODY_PX)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setPen(palette.muted)
            self.plot.getAxis(side).setTextPen(palette.text)
            self.plot.getAxis(side).setStyle(tickFont=font)
        self._colours = palette
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.plot)

    def show_share(self, found: list[Period], share: Share, chart: ControlChart | None) -> None:
        """Draw the share in percent, with the chart's limits where there is a chart."""
        self.plot.clear()
        counted = [p for p in found if p.part(share)[1]]
        if not counted:
            return
        at = np.array([_noon(p.begins) for p in counted])
        percent = np.array([100 * p.part(share)[0] / p.part(share)[1] for p in counted])
        pen = pyqtgraph.mkPen(self._colours.text, width=_PEN_PX)
        self.plot.plot(
            at, percent, pen=pen, symbol="o", symbolSize=_POINT_PX,
            symbolBrush=self._colours.accent, symbolPen=pen,
        )  # fmt: skip
        top = float(percent.max())
        if chart:
            self._draw_limits(at, chart)
            top = max(top, *(100 * p.high for p in chart.points))
        self.plot.setXRange(at[0] - _HALF_DAY_S, at[-1] + _HALF_DAY_S, padding=0.02)
        self.plot.setYRange(0, max(top * 1.1, 5.0))

    def _draw_limits(self, at: np.ndarray, chart: ControlChart) -> None:
        mean = pyqtgraph.mkPen(self._colours.focus, width=_PEN_PX)
        self.plot.addItem(pyqtgraph.InfiniteLine(100 * chart.mean, angle=0, pen=mean))
        dashed = pyqtgraph.mkPen(self._colours.focus, width=_PEN_PX, style=Qt.PenStyle.DashLine)
        for limit in ([p.low for p in chart.points], [p.high for p in chart.points]):
            self.plot.plot(at, 100 * np.array(limit), pen=dashed)
        outside = [n for n, p in enumerate(chart.points) if p.is_outside]
        if outside:
            shares = [100 * chart.points[n].share for n in outside]
            self.plot.plot(
                at[outside], shares, pen=None, symbol="x", symbolSize=_OUTSIDE_PX,
                symbolBrush=self._colours.text, symbolPen=self._colours.text,
            )  # fmt: skip


def _noon(day: date) -> float:
    return datetime.combine(day, time(12)).astimezone().timestamp()

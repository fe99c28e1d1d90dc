"""Once a minute a little of what keeps the store well, in a lane of its own."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

from edge_app.ui.lanes import Lane, Runner

EVERY_MS = 60_000


class UpkeepRun(QObject):
    """Asks for upkeep, and never for more while some is being done."""

    def __init__(
        self,
        upkeep: Callable[[], None] | None,
        runner: Runner,
        on_error: Callable[[Exception], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._upkeep, self._runner, self._on_error = upkeep, runner, on_error
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        if upkeep:
            self._timer.start(EVERY_MS)

    def look(self) -> None:
        """Have a little done, beside the work."""
        if self._upkeep and not self._is_busy:
            self._is_busy = True
            self._runner.submit(Lane.UPKEEP, self._upkeep, self._done, self._failed)

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()

    def _done(self, _: None) -> None:
        self._is_busy = False

    def _failed(self, error: Exception) -> None:
        self._is_busy = False
        self._on_error(error)

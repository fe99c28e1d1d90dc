"""The examination of this machine beside the window, and its speed; free of Qt's widgets."""

from collections.abc import Callable, Sequence
from time import monotonic

from PyQt6.QtCore import QObject, pyqtSignal

from edge_app.domain.commissioning import Examination, Medium, Speed
from edge_app.ui.lanes import Lane, Runner
from edge_app.workflow.commission import Commissioning


class Inspection(QObject):
    """What was found so far; `changed` tells after each change of it.

    Attributes:
        examination: What the doctor found last; None before.
        speeds: What was measured last.
        step: Which step of a measuring has begun, for example "1/2 int8".
        is_examining, is_measuring, is_writing: What is being done now.
        files: Where the last report lies.
    """

    changed = pyqtSignal()
    _stepped = pyqtSignal(str)

    def __init__(
        self, work: Commissioning, runner: Runner, on_error: Callable[[Exception], None]
    ) -> None:
        super().__init__()
        self._work, self._runner, self._on_error = work, runner, on_error
        self.examination: Examination | None = None
        self.speeds: Sequence[Speed] = ()
        self.step = ""
        self.is_examining = self.is_measuring = self.is_writing = self.is_stopped = False
        self.files: Sequence[str] = ()
        self.lines: Sequence[str] = ()
        self.media: Sequence[Medium] = ()
        self._since = 0.0
        self._stepped.connect(self._take_step)

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        return self.is_examining or self.is_measuring or self.is_writing

    @property
    def seconds(self) -> int:
        """How long it has been done for."""
        return int(monotonic() - self._since) if self.is_busy else 0

    def look(self) -> None:
        """Read the log and the media anew."""
        self._runner.submit(
            Lane.MACHINE,
            lambda: (self._work.lines(), self._work.media()),
            self._looked,
            self._failed,
        )

    def _looked(self, found: tuple[Sequence[str], Sequence[Medium]]) -> None:
        self.lines, self.media = found
        self.changed.emit()

    def examine(self) -> None:
        """Have the doctor look."""
        if not self.is_busy:
            self._begin()
            self.is_examining = True
            self._runner.submit(Lane.MACHINE, self._work.examine, self._examined, self._failed)
            self.changed.emit()

    def _begin(self) -> None:
        self._since, self.is_stopped, self.files = monotonic(), False, ()

    def _examined(self, found: Examination) -> None:
        self.examination, self.is_examining = found, False
        self.look()
        self.changed.emit()

    def measure(self) -> None:
        """Have the speed measured."""
        if not self.is_busy:
            self._begin()
            self.is_measuring, self.step = True, ""
            self._runner.submit(
                Lane.MACHINE,
                lambda: self._work.measure(self._stepped.emit),
                self._measured,
                self._failed,
            )
            self.changed.emit()

    def _take_step(self, step: str) -> None:
        self.step = step
        self.changed.emit()

    def _measured(self, found: Sequence[Speed]) -> None:
        self.is_measuring = False
        if not self.is_stopped:
            self.speeds = found
        self.changed.emit()

    def stop(self) -> None:
        """End what is being examined or measured."""
        self.is_stopped = True
        self._work.stop()

    def write(self, medium: Medium) -> None:
        """Have the report written there."""
        examination, speeds = self.examination, self.speeds
        if self.is_busy or examination is None:
            return
        self._begin()
        self.is_writing = True
        self._runner.submit(
            Lane.MACHINE,
            lambda: self._work.write(examination, speeds, medium),
            self._written,
            self._failed,
        )
        self.changed.emit()

    def _written(self, files: Sequence[str]) -> None:
        self.files, self.is_writing = files, False
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        is_told = self.is_stopped and self.is_examining
        self.is_examining = self.is_measuring = self.is_writing = False
        self.changed.emit()
        if not is_told:
            self._on_error(error)

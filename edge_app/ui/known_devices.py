"""What each device of the site says of itself, asked beside the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.error import EdgeAppError
from edge_app.ports import DeviceInfo, Scanner
from edge_app.ui.lanes import Lane, Runner


@dataclass(frozen=True, slots=True)
class Known:
    """One device: what it says of itself, or why it says nothing; neither before it was asked."""

    info: DeviceInfo | None = None
    problem: str = ""


class KnownDevices:
    """Asks the devices what they are, all of them, each time that somebody wants to know.

    Attributes:
        on_answer: Called when the answers are there, on the window's thread.
    """

    def __init__(
        self, scanners: Sequence[Scanner], runner: Runner, on_error: Callable[[Exception], None]
    ) -> None:
        self.all: tuple[Known, ...] = tuple(Known() for _ in scanners)
        self.is_looking = False
        self.on_answer: Callable[[], None] = lambda: None
        self._scanners = tuple(scanners)
        self._runner = runner
        self._on_error = on_error

    def look(self) -> None:
        """Ask anew; what is known stays until the answers come."""
        if self._scanners and not self.is_looking:
            self.is_looking = True
            self._runner.submit(Lane.LOOK, self._asked, self._answered, self._failed)

    def name_of(self, place: int) -> str:
        """Return the device's name, or its number where it has not said one."""
        info = self.all[place].info
        numbered = QCoreApplication.translate("Devices", "Device {0}")
        return info.name if info else numbered.format(place + 1)

    def _asked(self) -> tuple[Known, ...]:
        return tuple(_known(scanner) for scanner in self._scanners)

    def _answered(self, answers: tuple[Known, ...]) -> None:
        self.all, self.is_looking = answers, False
        self.on_answer()

    def _failed(self, error: Exception) -> None:
        self.is_looking = False
        self._on_error(error)
        self.on_answer()


def _known(scanner: Scanner) -> Known:
    try:
        return Known(scanner.info())
    except EdgeAppError as error:
        return Known(problem=str(error))

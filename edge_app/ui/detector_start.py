"""The detector's first minutes: pictures are captured and saved while it is made ready."""

from collections.abc import Callable
from typing import Protocol

from edge_app.domain.preparing import Preparing
from edge_app.domain.reading import Certificate
from edge_app.ui.lanes import Lane, Runner


class Preparation(Protocol):
    """The detector on its way to its first reading, which may take an accelerator minutes."""

    @property
    def preparing(self) -> Preparing | None:
        """What is being made ready now; None where nothing is, or nobody knows yet."""

    def wait_until_ready(self) -> Certificate:
        """Return what every reading will carry, once it may be relied on.

        Raises:
            DetectorRefusedError: Nothing agrees on this machine.
        """


class DetectorStart:
    """Where the detector stands on its way to its first reading.

    Attributes:
        is_waiting: Whether it is not ready yet.
        refusal: Why it will not be; None where nothing refused it.
    """

    def __init__(
        self,
        preparation: Preparation | None,
        runner: Runner,
        on_ready: Callable[[Certificate], None],
        on_change: Callable[[], None],
    ) -> None:
        self.is_waiting = preparation is not None
        self.refusal: Exception | None = None
        self._preparation = preparation
        self._runner = runner
        self._on_ready = on_ready
        self._on_change = on_change

    @property
    def preparing(self) -> Preparing | None:
        """What is being made ready now; None where nothing is, or nobody knows yet."""
        return self._preparation.preparing if self._preparation and self.is_waiting else None

    def begin(self) -> None:
        """Wait for it, beside the window."""
        if self._preparation:
            wait = self._preparation.wait_until_ready
            self._runner.submit(Lane.SELFTEST, wait, self._ready, self._refused)

    def _ready(self, certificate: Certificate) -> None:
        self.is_waiting = False
        self._on_ready(certificate)
        self._on_change()

    def _refused(self, error: Exception) -> None:
        self.is_waiting = False
        self.refusal = error
        self._on_change()

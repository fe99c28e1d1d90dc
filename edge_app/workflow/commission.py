"""What a technician does with a machine; it needs one right, and shows nothing of a patient."""

from collections.abc import Callable, Sequence
from typing import Protocol

from edge_app.domain.account import Account, Right
from edge_app.domain.commissioning import Examination, Medium, Speed
from edge_app.workflow.allowed_store import ensure_may

Told = Callable[[str], None]
"""Hears which step begins, in a few words of no language: "2/4 int8"."""


class Commissioning(Protocol):
    """Looks at this machine, measures it, and writes down what was found."""

    def examine(self) -> Examination:
        """Return what the doctor finds now; seconds, or minutes where a self-test is due."""

    def measure(self, told: Told) -> Sequence[Speed]:
        """Return the speed of each variant that was measured before `stop`."""

    def stop(self) -> None:
        """End what is being examined or measured, soon."""

    def lines(self) -> Sequence[str]:
        """Return the last lines of the log, the newest last."""

    def media(self) -> Sequence[Medium]:
        """Return where the report may be put."""

    def write(
        self, examination: Examination, speeds: Sequence[Speed], medium: Medium
    ) -> Sequence[str]:
        """Put the report there as PDF and JSON; return the paths of the files.

        Raises:
            ExportFailedError: It is not there, or not whole.
        """


class AllowedCommissioning:
    """Answers `Commissioning` for one account; raises NotAllowedError for what it may not."""

    def __init__(
        self, inner: Commissioning, account: Account, on_refusal: Callable[[Right], None]
    ) -> None:
        self._inner, self._account, self._on_refusal = inner, account, on_refusal

    def _ensure(self) -> None:
        ensure_may(self._account, Right.MANAGE_DEVICES, self._on_refusal)

    def examine(self) -> Examination:
        """Return what the doctor finds now."""
        self._ensure()
        return self._inner.examine()

    def measure(self, told: Told) -> Sequence[Speed]:
        """Return the speed of each variant."""
        self._ensure()
        return self._inner.measure(told)

    def stop(self) -> None:
        """End what runs; free, as it shows nothing."""
        self._inner.stop()

    def lines(self) -> Sequence[str]:
        """Return the last lines of the log."""
        self._ensure()
        return self._inner.lines()

    def media(self) -> Sequence[Medium]:
        """Return where the report may be put."""
        self._ensure()
        return self._inner.media()

    def write(
        self, examination: Examination, speeds: Sequence[Speed], medium: Medium
    ) -> Sequence[str]:
        """Put the report there."""
        self._ensure()
        return self._inner.write(examination, speeds, medium)

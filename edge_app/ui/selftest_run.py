"""The self-test beside the work: run when it is due, its choice taken up without a pause."""

from collections.abc import Callable

from edge_app.ports import Selftest
from edge_app.ui.lanes import Lane, Runner


class SelftestRun:
    """Where the self-test stands; `on_change` is called after each change of it.

    Attributes:
        is_running: Whether this machine is being tested now.
        provider_words: Provider and variant that really run, for example "CPU, int8".
    """

    def __init__(
        self,
        selftest: Selftest | None,
        provider_words: str,
        runner: Runner,
        on_change: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.is_running = False
        self.provider_words = provider_words
        self._selftest = selftest
        self._runner = runner
        self._on_change = on_change
        self._on_error = on_error

    def run_if_due(self) -> None:
        """Begin the self-test where one is due and none is running."""
        if self._selftest and self._selftest.is_due:
            self.run()

    @property
    def can_run(self) -> bool:
        """Whether there is a detector to test, and none is being tested."""
        return self._selftest is not None and not self.is_running

    def run(self) -> None:
        """Begin the self-test, due or not, where none is running."""
        if self._selftest is None or self.is_running:
            return
        self.is_running = True
        self._runner.submit(Lane.SELFTEST, self._selftest.run, self._was_run, self._failed)
        self._on_change()

    def _was_run(self, _: None) -> None:
        if self._selftest:  # readings go on meanwhile, by the detector that is there
            self._runner.submit(Lane.SELFTEST, self._selftest.take_up, self._taken_up, self._failed)

    def _taken_up(self, words: str) -> None:
        self.is_running = False
        self.provider_words = words
        self._on_change()

    def _failed(self, error: Exception) -> None:
        self.is_running = False
        self._on_change()
        self._on_error(error)

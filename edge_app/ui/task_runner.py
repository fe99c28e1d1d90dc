"""The only door to threads: work goes out to a lane, its answer comes back to the window."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from edge_app.ui.lanes import Answer, Lane, Ticket


class TaskRunner(QObject):
    """One single-thread executor a lane; callbacks run on the thread that made this object.

    Work must not touch a widget: it runs beside the window.
    """

    _arrived = pyqtSignal()

    def __init__(
        self, on_error: Callable[[Exception], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._on_error = on_error
        self._numbers = count(1)
        self._answers: deque[Callable[[], None]] = deque()
        self._executors = {
            lane: ThreadPoolExecutor(max_workers=1, thread_name_prefix=lane.value) for lane in Lane
        }
        self._closing = threading.Lock()
        self._is_closed = False
        # Queued: work that ends at once would else answer before `submit` has returned.
        queued = Qt.ConnectionType.QueuedConnection
        self._arrived.connect(self._deliver, queued)  # type: ignore[call-arg]  # not in the stub

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> Ticket:
        """Queue `work` in `lane`; errors go to `failed`, or to `on_error` where there is none."""
        ticket = Ticket(next(self._numbers))
        refuse = failed or self._on_error

        def attempt() -> Callable[[], None]:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001  the one catch-all: nobody else sees it
                problem = error
                return lambda: refuse(problem)
            return lambda: None if ticket.is_dropped else done(answer)

        self._executors[lane].submit(attempt).add_done_callback(self._post)
        return ticket

    def _post(self, future: Future[Callable[[], None]]) -> None:
        if future.cancelled():
            return
        with self._closing:
            if not self._is_closed:
                self._answers.append(future.result())
                self._arrived.emit()

    def _deliver(self) -> None:
        while self._answers:
            self._answers.popleft()()

    def close(self) -> None:
        """Finish what store and outbox have begun, let the device go, read nothing more."""
        with self._closing:
            self._is_closed = True
            self._answers.clear()
        for lane, executor in self._executors.items():
            must_finish = lane in (Lane.STORE, Lane.OUTBOX)
            executor.shutdown(wait=must_finish, cancel_futures=lane is Lane.DETECT)

"""Upkeep is asked for beside the work, never twice at once, and never after the end."""

from collections.abc import Callable

from PyQt6.QtCore import QObject

from edge_app.compose.upkeep import ClockDoubtedError
from edge_app.ui.lanes import Lane, Ticket
from edge_app.ui.upkeep_run import UpkeepRun


class SlowRunner:
    """Keeps what was handed in until it is told to do it."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Lane, Callable, Callable, Callable]] = []

    def submit(self, lane, work, done, failed) -> Ticket:
        self.waiting.append((lane, work, done, failed))
        return Ticket(len(self.waiting))

    def do(self) -> None:
        _, work, done, failed = self.waiting.pop(0)
        try:
            answer = work()
        except ClockDoubtedError as error:
            failed(error)
        else:
            done(answer)


def test_upkeep_has_a_lane_of_its_own_and_waits_for_its_own_end(qapp):
    runner, done, told = SlowRunner(), [], []
    parent = QObject()
    run = UpkeepRun(lambda: done.append(1), runner, told.append, parent)

    run.look()
    run.look()
    assert [lane for lane, *_ in runner.waiting] == [Lane.UPKEEP]
    runner.do()
    run.look()
    runner.do()

    assert (done, told) == ([1, 1], [])


def test_what_upkeep_has_to_say_is_said_and_it_goes_on(qapp):
    def doubt() -> None:
        raise ClockDoubtedError("The clock shows 1970.", "Look at the date.")

    runner, told = SlowRunner(), []
    parent = QObject()
    run = UpkeepRun(doubt, runner, told.append, parent)

    run.look()
    runner.do()
    run.look()

    assert [error.code for error in told] == ["CLK-001"]
    assert len(runner.waiting) == 1


def test_a_kiosk_without_a_store_to_keep_asks_for_nothing(qapp):
    runner = SlowRunner()
    parent = QObject()

    UpkeepRun(None, runner, [].append, parent).look()

    assert runner.waiting == []

"""What the only door to threads promises."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from edge_app.ui.lanes import Lane
from edge_app.ui.task_runner import TaskRunner


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def runner(qtbot: QtBot, errors: list[Exception]) -> Iterator[TaskRunner]:
    made = TaskRunner(errors.append)
    yield made
    made.close()


def test_answers_come_on_the_thread_of_the_window(runner: TaskRunner, qtbot: QtBot) -> None:
    threads = []

    runner.submit(
        Lane.STORE,
        threading.get_ident,
        lambda worker: threads.extend((worker, threading.get_ident())),
    )
    qtbot.waitUntil(lambda: len(threads) == 2)

    assert threads[0] != threads[1] == threading.get_ident()


def test_an_instant_answer_comes_after_submit_has_returned(
    runner: TaskRunner, qtbot: QtBot
) -> None:
    order = []

    for number in range(200):
        runner.submit(Lane.STORE, lambda n=number: n, lambda n: order.append(("done", n)))
        order.append(("submitted", number))
    qtbot.waitUntil(lambda: len(order) == 400)

    assert [kind for kind, _n in order[:200]] == ["submitted"] * 200


def test_a_lane_does_one_thing_after_another(runner: TaskRunner, qtbot: QtBot) -> None:
    answers = []

    for number in range(20):
        runner.submit(Lane.DEVICE, lambda n=number: n, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 20)

    assert answers == list(range(20))


def test_a_dropped_answer_falls(runner: TaskRunner, qtbot: QtBot) -> None:
    gate, answers = threading.Event(), []

    ticket = runner.submit(Lane.DETECT, lambda: gate.wait(5), lambda _x: answers.append("late"))
    ticket.drop()
    gate.set()
    runner.submit(Lane.DETECT, lambda: "next", answers.append)
    qtbot.waitUntil(lambda: bool(answers))

    assert answers == ["next"]


def test_a_bug_in_a_lane_reaches_on_error_even_when_the_answer_was_dropped(
    runner: TaskRunner, qtbot: QtBot, errors: list[Exception]
) -> None:
    runner.submit(Lane.OUTBOX, lambda: 1 // 0, lambda _x: None).drop()

    qtbot.waitUntil(lambda: bool(errors))

    assert isinstance(errors[0], ZeroDivisionError)


def test_closing_finishes_what_the_store_has_begun(qtbot: QtBot, errors: list[Exception]) -> None:
    runner, kept = TaskRunner(errors.append), []
    for number in range(3):
        runner.submit(Lane.STORE, lambda n=number: kept.append(n), lambda _x: None)

    runner.close()

    assert kept == [0, 1, 2]


def test_after_the_window_has_closed_no_answer_comes_that_had_waited(
    qtbot: QtBot, errors: list[Exception]
) -> None:
    """What it would do next has no lane any more."""
    runner, answers, done = TaskRunner(errors.append), [], threading.Event()
    runner.submit(Lane.STORE, done.set, lambda _x: answers.append("late"))
    done.wait(5)

    runner.close()
    qtbot.wait(20)

    assert answers == []

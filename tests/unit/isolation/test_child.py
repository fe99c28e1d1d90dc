"""A child that dies or hangs costs one question and no more."""

import os
import signal
import time

import pytest

from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError

WORKER = "tests.unit.isolation.echo_worker"
LONG_S = 30.0


@pytest.fixture
def child():
    made = Child(WORKER, ["plain"])
    yield made
    made.close()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_answers_one_question_after_the_other(child):
    for number in range(3):
        said = child.ask(Message(b"q%d" % number, b"abc"), LONG_S)

        assert (said.head, said.payload) == (b"q%d" % number, b"cba")


def test_a_megabyte_of_pixels_goes_there_and_back(child):
    pixels = bytes(range(256)) * 8192

    assert child.ask(Message(b"", pixels), LONG_S).payload == pixels[::-1]


def test_what_a_library_prints_does_not_get_between_the_messages(child):
    assert child.ask(Message(b"print"), LONG_S).head == b"print"
    assert child.ask(Message(b"next"), LONG_S).head == b"next"


def test_a_child_that_dies_is_lost_and_the_next_question_works(child):
    with pytest.raises(ChildLostError):
        child.ask(Message(b"die"), LONG_S)

    assert child.ask(Message(b"again"), LONG_S).head == b"again"


def test_a_child_killed_between_questions_is_started_again(child):
    first = int(child.ask(Message(b"pid"), LONG_S).head)
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)

    assert int(child.ask(Message(b"pid"), LONG_S).head) != first


def test_a_child_that_hangs_is_ended_at_its_deadline_and_the_next_question_works(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)
    started = time.perf_counter()

    with pytest.raises(ChildLostError):
        child.ask(Message(b"hang"), 0.5)

    assert 0.4 < time.perf_counter() - started < 4
    assert not is_alive(pid)
    assert child.ask(Message(b"again"), LONG_S).head == b"again"


def test_a_child_that_was_stopped_is_ended_at_its_deadline_although_it_does_not_read(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)
    os.kill(pid, signal.SIGSTOP)
    started = time.perf_counter()

    with pytest.raises(ChildLostError):
        child.ask(Message(b"", bytes(5_000_000)), 1.0)

    assert time.perf_counter() - started < 5
    assert not is_alive(pid)


@pytest.mark.parametrize("kind", ["deaf", "junk"])
def test_a_child_that_says_nothing_or_no_message_is_lost(kind):
    child = Child(WORKER, [kind])

    with pytest.raises(ChildLostError):
        child.ask(Message(b"", bytes(1_000_000)), 1.0)
    child.close()


def test_a_module_that_is_not_there_is_a_lost_child():
    with pytest.raises(ChildLostError):
        Child("edge_app.no_such_worker", []).ask(Message(b"hello"), LONG_S)


def test_leaving_a_child_ends_its_process(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)

    child.close()

    assert not is_alive(pid)
    assert child.pid is None

"""A child that dies, hangs or speaks nonsense costs one question and no more."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

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


def test_a_child_that_dies_is_lost_for_good(child):
    with pytest.raises(ChildLostError, match="status 3") as lost:
        child.ask(Message(b"die"), LONG_S)
    assert lost.value.was_answering

    with pytest.raises(ChildLostError) as again:  # it held something, it would come back without
        child.ask(Message(b"again"), LONG_S)
    assert not again.value.was_answering


def test_a_crash_is_told_by_its_signal(child):
    with pytest.raises(ChildLostError, match="SIGABRT"):
        child.ask(Message(b"crash"), LONG_S)


def test_a_child_killed_between_questions_is_not_blamed_on_the_next_one(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)

    with pytest.raises(ChildLostError, match="SIGKILL") as lost:
        child.ask(Message(b"next"), LONG_S)
    assert not lost.value.was_answering
    assert child.pid is None


def test_a_child_that_hangs_is_ended_at_its_deadline(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)
    started = time.perf_counter()

    with pytest.raises(ChildLostError, match="in time"):
        child.ask(Message(b"hang"), 0.5)

    assert 0.4 < time.perf_counter() - started < 4
    assert not is_alive(pid)


def test_a_child_that_somebody_stopped_is_ended_without_waiting_for_the_deadline(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)
    started = time.perf_counter()
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(ChildLostError):
        child.ask(Message(b"", bytes(5_000_000)), LONG_S)

    assert time.perf_counter() - started < 5
    assert not is_alive(pid)


@pytest.mark.parametrize("kind", ["deaf", "junk", "no greeting", "dies at once"])
def test_a_child_that_does_not_come_up_as_it_should_is_lost(kind):
    child = Child(WORKER, [kind])

    with pytest.raises(ChildLostError) as lost:
        child.ask(Message(b"", bytes(1_000_000)), 1.0)
    assert not lost.value.was_answering
    child.close()


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (b"wrong number", "question 99 instead of 2"),
        (b"late", "question 1 instead of 2"),
        (b"too large", "over the cap"),
        (b"pixels that are not there", "pixels are wrong"),
        (b"junk", "over the cap"),
    ],
)
def test_an_answer_that_was_not_asked_for_ends_the_child(child, lie, told):
    child.ask(Message(b"question 1"), LONG_S)
    pid = child.pid

    with pytest.raises(ChildLostError, match=told):
        child.ask(Message(lie), LONG_S)
    assert not is_alive(pid)


def test_a_module_that_is_not_there_is_a_lost_child():
    with pytest.raises(ChildLostError):
        Child("edge_app.no_such_worker", []).ask(Message(b"hello"), LONG_S)


def test_leaving_a_child_ends_its_process(child):
    pid = int(child.ask(Message(b"pid"), LONG_S).head)

    child.close()

    assert not is_alive(pid)
    assert child.pid is None


def test_closing_a_child_frees_whoever_waits_for_its_answer(child):
    child.ask(Message(b"ready"), LONG_S)
    heard = []

    def ask():
        try:
            child.ask(Message(b"hang"), LONG_S)
        except ChildLostError as lost:
            heard.append(lost)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)
    started = time.perf_counter()
    child.close()
    asking.join(5)

    assert len(heard) == 1
    assert time.perf_counter() - started < 4


def test_whoever_sees_the_end_first_it_is_told():
    for _ in range(8):
        told = threading.Event()
        child = Child(WORKER, ["plain"], on_end=told.set)
        pid = int(child.ask(Message(b"pid"), 30).head)
        os.kill(pid, signal.SIGKILL)
        while child.pid is not None and child._process.poll() is None:
            pass  # as `close` does, which comes before the keeper now and then

        assert told.wait(10)
        assert child.pid is None
        child.close()


def test_a_child_leaves_no_open_file_behind():
    def handles():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = handles()
    for question in (b"fine", b"die"):
        child = Child(WORKER, ["plain"])
        try:
            child.ask(Message(question), LONG_S)
        except ChildLostError:
            assert question == b"die"
        child.close()

    assert handles() == before


def test_a_child_outlives_the_thread_that_asked_it_first(child):
    first = threading.Thread(target=lambda: child.ask(Message(b"hello"), LONG_S))
    first.start()
    first.join()
    time.sleep(0.2)

    assert child.ask(Message(b"still there"), LONG_S).head == b"still there"


def test_a_child_never_outlives_the_program():
    program = (
        "import sys; from edge_app.isolation.child import Child; "
        "from edge_app.isolation.channel import Message; "
        f"c = Child('{WORKER}', ['plain']); pid = c.ask(Message(b'pid'), 30.0).head; "
        "print(pid.decode(), flush=True); c.ask(Message(b'hang'), 60.0)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    until = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(pid)

"""A child that names long work is given time as long as it works, and no longer."""

import os
import subprocess
import sys
import time

import pytest

from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.named_work import Patience
from edge_app.isolation.processor_time import processor_s
from edge_app.isolation.supervisor import Supervisor, Terms

WORKER = "tests.unit.isolation.echo_worker"


class Patient:
    """Remembers what it was told, and gives each work its time."""

    def __init__(self, longest_s=60.0, still_s=1.5):
        self.heard = []
        self.patience = Patience(lambda _: longest_s, self.heard.append, still_s)


@pytest.fixture
def child():
    made = Child(WORKER, ["plain"])
    made.ask(Message(b"ready"), 30.0)
    yield made
    made.close()


def test_work_that_goes_on_may_take_longer_than_the_deadline_of_the_question(child):
    asked = Patient()

    said = child.ask(Message(b"build engine 4"), 2.0, asked.patience)

    assert said.head == b"build engine 4"
    assert asked.heard == [b"engine", None]
    assert child.ask(Message(b"next"), 1.0).head == b"next"


def test_a_child_is_made_ready_however_long_its_first_question_takes_it():
    asked = Patient()
    terms = Terms(Message(b"build engine 9"), first_s=6.0, most_s=5.0, patience=asked.patience)
    supervisor = Supervisor(lambda on_end: Child(WORKER, ["plain"], on_end=on_end), terms)

    assert supervisor.first_answer().head == b"build engine 9"
    assert supervisor.ask(Message(b"next"), "", lambda answer: answer.head) == b"next"
    supervisor.close()


def test_a_child_that_stands_still_is_ended_long_before_its_time_is_over(child):
    asked = Patient(longest_s=60.0, still_s=1.0)
    started = time.monotonic()

    with pytest.raises(ChildLostError, match="stood still"):
        child.ask(Message(b"sleep engine 50"), 1.0, asked.patience)

    assert time.monotonic() - started < 10
    assert asked.heard == [b"engine", None]
    assert child.pid is None


def test_work_without_end_is_ended_at_the_longest_that_is_known_for_it(child):
    with pytest.raises(ChildLostError, match="longer than 2 s"):
        child.ask(Message(b"build engine 50"), 1.0, Patient(longest_s=2.0).patience)


def test_a_child_that_names_work_for_ever_is_ended(child):
    with pytest.raises(ChildLostError, match="without end"):
        child.ask(Message(b"babble"), 1.0, Patient().patience)


def test_work_that_nobody_has_patience_with_is_no_answer(child):
    with pytest.raises(ChildLostError, match="instead of"):
        child.ask(Message(b"build engine 0.1"), 5.0)


def test_a_child_that_hangs_without_a_word_has_its_usual_deadline(child):
    started = time.monotonic()

    with pytest.raises(ChildLostError, match="in time"):
        child.ask(Message(b"hang"), 0.5, Patient().patience)
    assert time.monotonic() - started < 5


def test_processor_time_counts_what_a_process_started_too():
    busy = "while True: pass"
    program = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {busy!r}]); "
        "time.sleep(60)"
    )
    outer = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        time.sleep(0.5)
        before = processor_s(outer.pid)
        time.sleep(1.0)
        assert processor_s(outer.pid) - before > 0.2
    finally:
        os.killpg(outer.pid, 9)
        outer.wait()


def test_a_process_that_is_not_there_has_no_processor_time(tmp_path):
    assert processor_s(os.getpid(), tmp_path) is None

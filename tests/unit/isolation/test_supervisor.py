"""One kind of child goes on answering: restarts, poison inputs, safe mode."""

import os
import signal
import threading
import time

import pytest

from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.pace import Pace
from edge_app.isolation.supervisor import (
    NonsenseError,
    PoisonInputError,
    SafeModeError,
    Supervisor,
    Terms,
    wait_before,
)

WORKER = "tests.unit.isolation.echo_worker"
TERMS = Terms(Message(b"first"), first_s=30.0, most_s=5.0)


class Bench:
    """A supervisor of echo workers, its clock, and the children that it started."""

    def __init__(self, terms=TERMS, kind="plain"):
        self.now = 1000.0
        self.children = []
        self.kind = kind
        self.supervisor = Supervisor(self._start, terms, lambda: self.now)

    def _start(self, on_end):
        child = Child(WORKER, [self.kind], on_end=on_end)
        self.children.append(child)
        return child

    def ask(self, head, key="", payload=b""):
        return self.supervisor.ask(Message(head, payload), key, lambda answer: answer.head)

    def lose(self, head=b"die", key=""):
        """Lose as many children as one question costs."""
        with pytest.raises((ChildLostError, PoisonInputError, SafeModeError)) as lost:
            self.ask(head, key)
        return lost.value


@pytest.fixture
def bench():
    made = Bench()
    yield made
    made.supervisor.close()


def until(claim, seconds=10.0):
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_every_question_is_answered_by_the_same_child(bench):
    assert [bench.ask(b"one"), bench.ask(b"two")] == [b"one", b"two"]
    assert len(bench.children) == 1


def test_a_new_child_is_made_ready_before_anybody_asks(bench):
    assert bench.supervisor.first_answer().head == b"first"


def test_a_child_killed_between_questions_costs_the_next_one_nothing(bench):
    pid = int(bench.ask(b"pid"))
    os.kill(pid, signal.SIGKILL)

    assert int(bench.ask(b"pid")) != pid


def test_a_dead_child_is_replaced_before_the_next_question_comes(bench):
    os.kill(int(bench.ask(b"pid")), signal.SIGKILL)

    until(lambda: len(bench.children) == 2 and bench.children[1].layers)


@pytest.mark.parametrize("way", [b"die", b"crash", b"hang"])
def test_an_input_that_ends_two_children_is_poison_from_then_on(way):
    bench = Bench(Terms(Message(b"first"), first_s=30.0, most_s=0.5))
    assert isinstance(bench.lose(way, "image 1"), PoisonInputError)

    assert isinstance(bench.lose(b"harmless", "image 1"), PoisonInputError)
    assert bench.ask(b"another", "image 2") == b"another"
    assert len(bench.children) == 3
    bench.supervisor.close()


def test_three_losses_within_five_minutes_are_safe_mode_until_a_person_asks(bench):
    bench.lose(b"die", "image 1")
    bench.now += 290
    error = bench.lose(b"die", "image 2")

    assert isinstance(error, SafeModeError)
    assert bench.supervisor.is_off
    assert isinstance(bench.lose(b"harmless"), SafeModeError)
    assert len(bench.children) == 3
    bench.supervisor.start_again()
    assert bench.ask(b"harmless") == b"harmless"


def test_losses_further_apart_are_no_safe_mode(bench):
    for number in range(4):
        os.kill(int(bench.ask(b"pid")), signal.SIGKILL)
        until(lambda started=number + 2: len(bench.children) == started)
        bench.now += 151

    assert bench.ask(b"still on") == b"still on"
    assert not bench.supervisor.is_off


def test_starting_again_changes_nothing_while_the_child_works(bench):
    bench.ask(b"one")
    bench.supervisor.start_again()
    bench.ask(b"two")

    assert len(bench.children) == 1


def test_a_child_that_never_comes_up_is_given_up_and_not_tried_for_ever():
    bench = Bench(kind="dies at once")

    with pytest.raises((ChildLostError, SafeModeError)):
        bench.supervisor.first_answer()
    assert bench.supervisor.is_off
    assert len(bench.children) == 3
    bench.supervisor.close()


def test_losing_a_child_that_was_only_loading_is_blamed_on_no_input():
    bench = Bench(kind="dies at once")
    for _ in range(3):
        bench.lose(b"question", "image 1")
    bench.kind = "plain"
    bench.supervisor.start_again()

    assert bench.ask(b"question", "image 1") == b"question"
    bench.supervisor.close()


def test_an_answer_that_cannot_be_ends_the_child_as_a_crash_does(bench):
    def refuse(answer):
        raise NonsenseError("it answered for another image")

    with pytest.raises(PoisonInputError):
        bench.supervisor.ask(Message(b"question"), "image 1", refuse)

    assert bench.ask(b"next") == b"next"
    assert len(bench.children) == 3


def test_restarts_wait_longer_each_time_up_to_half_a_minute():
    waits = [wait_before(losses) for losses in range(13)]

    assert waits[:6] == [0.0, 0.0, 0.1, 0.2, 0.4, 0.8]
    assert waits[-2:] == [30.0, 30.0]
    assert wait_before(5000) == 30.0


def test_after_a_good_answer_the_next_loss_is_a_first_one(bench):
    for _ in range(2):
        os.kill(int(bench.ask(b"pid")), signal.SIGKILL)
    bench.now += 400
    started = time.monotonic()

    assert bench.ask(b"at once") == b"at once"
    assert time.monotonic() - started < 5


def test_a_warm_child_that_takes_many_times_as_long_is_ended_and_asked_anew():
    bench = Bench(Terms(Message(b"first"), first_s=30.0, most_s=20.0))
    for _ in range(3):
        bench.ask(b"wait 0.05")
    # The injected clock stands still: what is learned is a quick child, the deadline the least.
    started = time.monotonic()

    assert bench.ask(b"wait 2", "slow once") == b"wait 2"
    assert 2.9 < time.monotonic() - started < 15
    assert len(bench.children) == 2
    bench.supervisor.close()


def test_the_deadline_follows_what_the_child_needs():
    pace = Pace(10.0)
    assert pace.deadline_s(100) == 10.0
    pace.answered(100, 0.005)
    assert pace.deadline_s(100) == 1.0
    pace.answered(100, 0.3)
    assert pace.deadline_s(50) == pytest.approx(2.4)
    assert pace.deadline_s(101) == 10.0
    pace.answered(100, 9.0)
    assert pace.deadline_s(100) == 10.0
    pace.start_anew()
    assert pace.deadline_s(1) == 10.0


def test_a_renewed_child_takes_over_without_a_pause_and_without_a_loss():
    bench = Bench(kind="slow to greet")
    before = int(bench.ask(b"pid"))
    renewing = threading.Thread(target=bench.supervisor.renew)
    renewing.start()
    until(lambda: len(bench.children) == 2)

    assert int(bench.ask(b"pid")) == before
    renewing.join()
    assert int(bench.ask(b"pid")) != before
    assert bench.children[0].pid is None
    bench.lose(b"die", "image 1")
    assert not bench.supervisor.is_off
    bench.supervisor.close()


def test_a_question_under_way_is_answered_by_the_child_that_has_it(bench):
    before = int(bench.ask(b"pid"))
    answers = []
    question = b"wait 2.5", "image 1", b"the first pixels, which may take long"
    asking = threading.Thread(target=lambda: answers.append(bench.ask(*question)))
    asking.start()
    bench.supervisor.renew()
    asking.join()

    assert answers == [b"wait 2.5"]
    assert len(bench.children) == 2
    assert int(bench.ask(b"pid")) != before
    bench.lose(b"die", "image 1")  # it takes two again: nothing was blamed on the first time
    until(lambda: len(bench.children) == 4)


def test_a_renewal_that_comes_to_nothing_costs_the_present_child_its_place(bench):
    before = int(bench.ask(b"pid"))
    bench.kind = "dies at once"
    bench.supervisor.renew()
    bench.kind = "plain"

    assert bench.children[0].pid is None
    until(lambda: bench.supervisor.child not in (None, *bench.children[:2]))
    assert int(bench.ask(b"pid")) != before


def test_a_renewal_while_no_child_is_there_leaves_only_one(bench):
    bench.lose(b"die", "image 1")  # the next one comes after a wait
    assert bench.supervisor.child is None
    bench.supervisor.renew()

    assert bench.ask(b"harmless") == b"harmless"
    until(lambda: len(bench.children) == 4)
    until(lambda: sum(child.pid is not None for child in bench.children) == 1)
    assert bench.ask(b"still there") == b"still there"


def test_a_child_lost_during_the_renewal_is_replaced_once(bench):
    bench.kind = "slow to greet"
    before = int(bench.ask(b"pid"))
    renewing = threading.Thread(target=bench.supervisor.renew)
    renewing.start()
    until(lambda: len(bench.children) == 2)
    os.kill(before, signal.SIGKILL)
    renewing.join()

    after = int(bench.ask(b"pid"))
    assert after != before
    until(lambda: sum(child.pid is not None for child in bench.children) == 1)
    assert int(bench.ask(b"pid")) == after


def test_closing_ends_the_child_and_starts_no_other(bench):
    pid = int(bench.ask(b"pid"))
    bench.supervisor.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ChildLostError):
        bench.ask(b"question")
    assert len(bench.children) == 1

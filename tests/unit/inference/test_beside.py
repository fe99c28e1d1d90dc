"""Two things at once, on two processors, and what becomes of errors."""

import os
import threading

import pytest

from edge_app.inference.beside import Beside

needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="this machine has one processor or does not say which",
)


def test_both_are_done_and_each_answer_is_where_it_belongs() -> None:
    beside = Beside("test")
    for n in range(200):
        assert beside.both(lambda n=n: ("short", n), lambda n=n: ("long", n)) == (
            ("short", n),
            ("long", n),
        )


def test_the_short_work_is_in_another_thread() -> None:
    short, long = Beside("test").both(threading.get_ident, threading.get_ident)
    assert short != long
    assert long == threading.get_ident()


def test_what_either_raises_reaches_the_caller_and_the_next_pair_still_runs() -> None:
    beside = Beside("test")
    with pytest.raises(ZeroDivisionError):
        beside.both(lambda: 1 // 0, lambda: 1)
    with pytest.raises(KeyError):
        beside.both(lambda: 1, lambda: {}["nothing"])
    assert beside.both(lambda: 1, lambda: 2) == (1, 2)


@needs_affinity
def test_the_short_work_is_kept_off_the_processor_of_the_long_one() -> None:
    begun = threading.Event()

    def short() -> set[int]:
        begun.set()
        return os.sched_getaffinity(0)

    allowed, _ = Beside("test").both(short, lambda: begun.wait(10))
    assert len(allowed) == len(os.sched_getaffinity(0)) - 1


@needs_affinity
def test_afterwards_it_may_run_anywhere_again() -> None:
    beside = Beside("test")
    thread, _ = beside.both(threading.get_native_id, lambda: None)
    assert os.sched_getaffinity(thread) == os.sched_getaffinity(0)

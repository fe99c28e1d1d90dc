"""Two things at once: one in a thread of its own, on another processor where there is one."""

import contextlib
import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


class Beside:
    """Runs short work while the caller's thread is busy with long work.

    Linux in a virtual machine takes a halted processor for a busy one. A thread that wakes up
    there lands on the processor of the one that woke it, and both then share it for
    milliseconds while the other processor idles. So the caller's processor is barred for it
    until the caller has ended its own work.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._thread = self._pool.submit(threading.get_native_id).result()
        self._allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        self._processor = _processor_of_caller() if len(self._allowed) > 1 else None

    def both(self, short: Callable[[], First], long: Callable[[], Second]) -> tuple[First, Second]:
        """Return what `short`, beside, and `long`, in this thread, give; raises what they raise."""
        if self._processor:
            self._let_run_on(self._allowed - {self._processor()})
        running = self._pool.submit(short)
        try:
            done = long()
        finally:
            self._let_run_on(self._allowed)
        return running.result(), done

    def _let_run_on(self, processors: set[int]) -> None:
        if self._processor:
            with contextlib.suppress(OSError):  # they were taken away from this process meanwhile
                os.sched_setaffinity(self._thread, processors)


def _processor_of_caller() -> Callable[[], int] | None:
    """Return the C library's sched_getcpu(3), which Python does not have; None without it."""
    found: Callable[[], int] | None = getattr(ctypes.CDLL(None), "sched_getcpu", None)
    return found

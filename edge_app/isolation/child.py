"""A child process that answers one question at a time, each within a deadline; it has one life."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

import edge_app
from edge_app.isolation.bubblewrap import Enclosure
from edge_app.isolation.channel import Channel, ChannelBrokenError, Message
from edge_app.isolation.named_work import Patience, received
from edge_app.isolation.processor_time import processor_s
from edge_app.isolation.sandbox import Layer
from edge_app.isolation.shared_pixels import PIXELS_HANDLE, SharedPixels, shared_pixels
from edge_app.isolation.worker import GREETING, Greeting

_GRACE_S = 2.0
_ROOT = Path(edge_app.__file__).parents[1]
_DYING_S = 0.05
_VARIABLES = {
    # Threads that a library starts at its import would stay outside of a layer of the sandbox.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # The folder that the program was started in is no place to import from.
    "PYTHONSAFEPATH": "1",
}


class ChildLostError(Exception):
    """The child is gone for good, or was ended because it hung or spoke nonsense.

    Attributes:
        was_answering: Whether it had a question before it, which may be what killed it.
    """

    def __init__(self, how: str, *, was_answering: bool) -> None:
        super().__init__(how)
        self.was_answering = was_answering


class Child:
    """Runs `python -m MODULE ARGUMENTS`, started by exec at the first question.

    A lost child never comes back: what it held, such as a device with its knobs set, would come
    back as another. `on_end` is called once when the process is gone, on a thread of the child's.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        enclosure: Enclosure | None = None,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._enclosure = enclosure
        self._on_end = on_end
        self._asking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._keeper: threading.Thread | None = None
        self._pixels: SharedPixels | None = None
        self._how_ended = ""
        self._is_closed = False
        self._number = GREETING
        self.layers: tuple[Layer, ...] = ()

    @property
    def pid(self) -> int | None:
        """The running process's id, or None."""
        process = self._process
        return process.pid if process and not self._how_ended else None

    def come_up(self, timeout_s: float) -> tuple[Layer, ...]:
        """Start the child, ask it nothing, and return the layers of its sandbox.

        Raises:
            ChildLostError: It did not come up in time.
        """
        with self._asking:
            try:
                self._greeted(time.monotonic() + timeout_s)
            except (ChannelBrokenError, OSError) as error:
                raise ChildLostError(self._ended(str(error)), was_answering=False) from error
        return self.layers

    def ask(self, question: Message, timeout_s: float, patience: Patience | None = None) -> Message:
        """Return the child's answer; with `patience`, through work that the child names.

        Raises:
            ChildLostError: It died, spoke nonsense or did not answer in time; it was ended.
        """
        with self._asking:
            until = time.monotonic() + timeout_s
            was_answering = False
            try:
                channel = self._greeted(until)
                was_answering = not self._how_ended
                return self._answered(channel, question, until, patience)
            except (ChannelBrokenError, OSError) as error:
                how = self._ended(str(error))
                raise ChildLostError(how, was_answering=was_answering) from error

    def _answered(
        self, channel: Channel, question: Message, until: float, patience: Patience | None
    ) -> Message:
        self._number += 1
        channel.send(self._number, question, until)
        if patience:
            number, answer = received(channel, until, patience, self._spent_s)
        else:
            number, answer = channel.receive(until)
        if number != self._number:
            raise ChannelBrokenError(f"it answered question {number} instead of {self._number}")
        return answer

    def _spent_s(self) -> float | None:
        pid = self.pid
        return processor_s(pid) if pid else None

    def _greeted(self, until: float) -> Channel:
        if self._is_closed:
            raise ChannelBrokenError(self._how_ended or "it was ended before")
        if self._channel is None:
            channel = self._started(until)
            number, said = channel.receive(until)
            try:
                greeting = msgspec.msgpack.decode(said.head, type=Greeting)
            except msgspec.DecodeError as error:
                raise ChannelBrokenError("it did not greet") from error
            if number != GREETING:
                raise ChannelBrokenError("it did not greet")
            outer = self._enclosure.layer if self._enclosure else None
            self.layers = (*((outer,) if outer else ()), *greeting.layers)
            self._channel = channel
        return self._channel

    def _started(self, until: float) -> Channel:
        started = threading.Event()
        self._pixels = pixels = shared_pixels()
        self._keeper = threading.Thread(
            target=self._keep, args=(pixels.handle, started), daemon=True
        )
        self._keeper.start()
        started.wait(max(0.0, until - time.monotonic()))
        process = self._process
        if process is None:
            raise ChannelBrokenError(self._how_ended or "it did not start in time")
        reading, writing = cast("BinaryIO", process.stdout), cast("BinaryIO", process.stdin)
        return Channel(reading.fileno(), writing.fileno(), pixels)

    def _keep(self, handle: int, started: threading.Event) -> None:
        """Start the process and wait for its end.

        Linux ends a child with the *thread* that started it, so that thread stays.
        """
        try:
            self._process = self._executed(handle)
        except OSError as error:
            self._how_ended = f"it cannot be started: {error}"
        started.set()
        if self._process:
            self._how_ended = _words(self._end_of(self._process))
        if self._on_end:
            self._on_end()

    def _end_of(self, process: "subprocess.Popen[bytes]") -> int:
        # A process that somebody stopped answers nothing any more: it is ended at once.
        with contextlib.suppress(ChildProcessError):  # `close` saw it dead first, and knows how
            seen = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
            if seen and seen.si_code == os.CLD_STOPPED:
                process.kill()
        return process.wait()

    def _executed(self, handle: int) -> "subprocess.Popen[bytes]":
        variables = {**_VARIABLES, PIXELS_HANDLE: str(handle), "PYTHONPATH": _search_path()}
        command: Sequence[str] = self._command
        if self._enclosure:
            command = self._enclosure.around(command, variables, [_ROOT])
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            pass_fds=(handle,),
            env={**os.environ, **variables},
            start_new_session=True,
        )

    def end(self, why: str) -> None:
        """End a child that answered, but with what cannot be."""
        with self._asking:
            self._ended(why)

    def close(self) -> None:
        """End the child by force; a question under way is lost."""
        if self._process:
            self._process.kill()
        # Whoever is asking waits for the keeper, so the keeper leaves the rest to them.
        patience_s = 0.0 if self._keeper is threading.current_thread() else _GRACE_S
        if self._asking.acquire(timeout=patience_s):
            self._ended("it was closed")
            self._asking.release()

    def _ended(self, why: str) -> str:
        """End the process, let go of its streams, and return how it ended."""
        if self._is_closed:
            return self._how_ended or why
        self._is_closed = True
        if self._keeper and self._keeper is not threading.current_thread():
            self._keeper.join(_DYING_S)  # a stream that ended is a process that is about to
            was_dead = bool(self._how_ended)
            if self._process:
                self._process.kill()
            self._keeper.join(_GRACE_S)
            why = f"{why} ({self._how_ended})" if was_dead and self._how_ended else why
        if self._process:
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    cast("BinaryIO", stream).close()
        if self._pixels:
            self._pixels.close()
        return why


def _words(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with status {code}"


def _search_path() -> str:
    """Return where the child finds our code, wherever it was started from."""
    before = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_ROOT), before] if before else [str(_ROOT)])

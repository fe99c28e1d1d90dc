"""A child process that answers one question at a time, each within a deadline."""

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO, cast

from edge_app.isolation.channel import ChannelBrokenError, Message, receive, send

_GRACE_S = 2.0


class ChildLostError(Exception):
    """The child died or missed its deadline; the next question starts a new one."""


def _listen(stream: BinaryIO, answers: "queue.SimpleQueue[Message | None]") -> None:
    with contextlib.suppress(ChannelBrokenError):
        while True:
            answers.put(receive(stream))
    answers.put(None)


class Child:
    """Runs `python -m MODULE ARGUMENTS`, started by exec at the first question.

    With `restarts` a lost child is started anew at the next question. A child that holds
    something, such as a device with its knobs set, must not: it would come back as another.
    """

    def __init__(self, module: str, arguments: Sequence[str], *, restarts: bool = True) -> None:
        self._restarts = restarts
        self._is_lost = False
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    @property
    def pid(self) -> int | None:
        """The running process's id, or None."""
        return self._process.pid if self._process else None

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            was_running = self._process is not None
            self.close()
            self._is_lost = self._is_lost or was_running
            if self._is_lost and not self._restarts:
                raise ChildLostError("it ended before")
            self._answers = queue.SimpleQueue()
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            stream = cast("BinaryIO", self._process.stdout)
            threading.Thread(target=_listen, args=(stream, self._answers), daemon=True).start()
        return self._process

    def ask(self, question: Message, timeout_s: float) -> Message:
        """Return the child's answer.

        Raises:
            ChildLostError: It died or did not answer in time; it was ended.
        """
        process = self._started()
        # A child that does not even read would hold up `send` for as long as it lives.
        overdue = threading.Timer(timeout_s, process.kill)
        overdue.start()
        try:
            send(cast("BinaryIO", process.stdin), question)
            answer = self._answers.get(timeout=timeout_s)
        except (ChannelBrokenError, queue.Empty) as error:
            self._is_lost = True
            self.close()
            raise ChildLostError("it gave no answer in time") from error
        finally:
            overdue.cancel()
        if answer is None:
            self._is_lost = True
            self.close()
            raise ChildLostError("it ended without an answer")
        return answer

    def close(self) -> None:
        """End the child, by force if it does not go by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)

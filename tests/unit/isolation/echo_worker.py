"""A child for tests: its argument and each question say how it behaves."""

import contextlib
import fcntl
import os
import stat
import struct
import sys
import time

from edge_app.isolation.channel import ENVELOPE, Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE
from edge_app.isolation.worker import Voice, serve


def answers_pipe() -> int:
    """Return the pipe to the asker, which the program would never touch itself."""
    for handle in range(3, 1024):
        with contextlib.suppress(OSError):
            is_pipe = stat.S_ISFIFO(os.fstat(handle).st_mode)
            if is_pipe and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_WRONLY:
                return handle
    raise LookupError("no pipe to write to")


VOICE = Voice()


def worked(seconds: float) -> None:
    """Compute without a pause, as a compiler does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10_000))


def at_named_work(question: bytes) -> None:
    """Do what `build NAME SECONDS`, `sleep NAME SECONDS` or `babble` asks for, and say so."""
    how, *named = question.decode().split()
    if how == "babble":
        while True:
            VOICE.say(b"again")
    if how in ("build", "sleep"):
        VOICE.say(named[0].encode())
        (worked if how == "build" else time.sleep)(float(named[1]))


def answer(question: Message) -> Message:
    if question.head in ENDS:
        ENDS[question.head]()
    if question.head.startswith(b"wait "):
        time.sleep(float(question.head[5:]))
    if question.head.startswith((b"build ", b"sleep ", b"babble")):
        at_named_work(question.head)
    if question.head == b"print":
        sys.stdout.write("a library says hello\n")
        sys.stdout.flush()
        os.write(1, b"and so does its C part\n")
    if question.head == b"pid":
        return Message(str(os.getpid()).encode())
    if question.head in UNASKED:
        os.write(answers_pipe(), UNASKED[question.head])
    return Message(question.head, bytes(question.payload)[::-1])


ENDS = {
    b"die": lambda: os._exit(3),
    b"crash": os.abort,
    b"hang": lambda: time.sleep(60),
}
UNASKED = {
    b"wrong number": ENVELOPE.pack(99, 0, 0),
    b"late": ENVELOPE.pack(1, 2, 0) + b"no",
    b"too large": ENVELOPE.pack(2, 2**32 - 1, 0),
    b"pixels that are not there": ENVELOPE.pack(2, 0, 4096),
    b"junk": struct.pack("40s", b"\xff" * 40),
}


if __name__ == "__main__":
    if sys.argv[1] == "deaf":
        time.sleep(60)
    if sys.argv[1] == "slow to greet":
        time.sleep(1.0)
    if sys.argv[1] == "junk":
        os.write(1, b"\xff" * 64)
        time.sleep(60)
    if sys.argv[1] == "no greeting":
        os.write(1, ENVELOPE.pack(0, 2, 0) + b"hi")
        time.sleep(60)
    if sys.argv[1] == "dies at once":
        os._exit(4)
    serve(answer, HOLDING_A_DEVICE, VOICE)

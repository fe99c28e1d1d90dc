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
from edge_app.isolation.worker import serve


def answers_pipe() -> int:
    """Return the pipe to the asker, which the program would never touch itself."""
    for handle in range(3, 1024):
        with contextlib.suppress(OSError):
            is_pipe = stat.S_ISFIFO(os.fstat(handle).st_mode)
            if is_pipe and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_WRONLY:
                return handle
    raise LookupError("no pipe to write to")


def answer(question: Message) -> Message:
    if question.head == b"die":
        os._exit(3)
    if question.head == b"crash":
        os.abort()
    if question.head == b"hang":
        time.sleep(60)
    if question.head.startswith(b"wait "):
        time.sleep(float(question.head[5:]))
    if question.head == b"print":
        sys.stdout.write("a library says hello\n")
        sys.stdout.flush()
        os.write(1, b"and so does its C part\n")
    if question.head == b"pid":
        return Message(str(os.getpid()).encode())
    if question.head in UNASKED:
        os.write(answers_pipe(), UNASKED[question.head])
    return Message(question.head, bytes(question.payload)[::-1])


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
    serve(answer, HOLDING_A_DEVICE)

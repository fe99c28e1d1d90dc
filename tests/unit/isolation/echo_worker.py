"""A child for tests: its argument and each question say how it behaves."""

import os
import sys
import time

from edge_app.isolation.channel import Message
from edge_app.isolation.worker import serve


def answer(question: Message) -> Message:
    if question.head == b"die":
        os._exit(3)
    if question.head == b"hang":
        time.sleep(60)
    if question.head == b"print":
        sys.stdout.write("a library says hello\n")
        sys.stdout.flush()
        os.write(1, b"and so does its C part\n")
    if question.head == b"pid":
        return Message(str(os.getpid()).encode())
    return Message(question.head, question.payload[::-1])


if __name__ == "__main__":
    if sys.argv[1] == "deaf":
        time.sleep(60)
    if sys.argv[1] == "junk":
        os.write(1, b"\xff" * 64)
        time.sleep(60)
    serve(answer)

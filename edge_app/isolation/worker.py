"""The child's side: answers questions on its standard streams until they close."""

import contextlib
import os
import sys
from collections.abc import Callable

from edge_app.isolation.channel import ChannelBrokenError, Message, receive, send


def serve(answer: Callable[[Message], Message]) -> None:
    """Answer each question with `answer`; whatever a library prints goes to standard error."""
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(sys.stderr.fileno(), 1)
    with contextlib.suppress(ChannelBrokenError):
        while True:
            send(answers, answer(receive(questions)))

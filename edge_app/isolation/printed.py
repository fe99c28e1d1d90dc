"""What a library of C says only by printing."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_STDERR = 2


@dataclass(slots=True)
class Printed:
    """What went to this process's standard error; complete once the block was left."""

    text: str = ""


@contextlib.contextmanager
def printed() -> Iterator[Printed]:
    """Yield what is printed on standard error meanwhile, which then appears nowhere else.

    For a moment in which no other thread prints.
    """
    found = Printed()
    with _scratch() as scratch:
        before = os.dup(_STDERR)
        os.dup2(scratch.fileno(), _STDERR)
        try:
            yield found
        finally:
            os.dup2(before, _STDERR)
            os.close(before)
            scratch.seek(0)
            found.text = scratch.read().decode(errors="replace")


def _scratch() -> BinaryIO:
    if hasattr(os, "memfd_create"):  # a sandbox may forbid files
        return os.fdopen(os.memfd_create("printed"), "w+b")
    return tempfile.TemporaryFile()

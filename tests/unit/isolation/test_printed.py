"""What a library prints is heard, and the process prints again afterwards."""

import os
from pathlib import Path

import pytest

from edge_app.isolation.printed import printed


def test_what_is_printed_is_heard_and_appears_nowhere_else(capfd):
    with printed() as said:
        os.write(2, b"Corrupt data\n")
    os.write(2, b"later\n")

    assert said.text == "Corrupt data\n"
    assert capfd.readouterr().err == "later\n"


def test_it_is_heard_too_where_the_library_fails(capfd):
    def fails():
        os.write(2, b"before the end\n")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), printed() as said:
        fails()
    os.write(2, b"later\n")

    assert said.text == "before the end\n"
    assert capfd.readouterr().err == "later\n"


def test_listening_a_thousand_times_leaves_nothing_open():
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(1000):
        with printed():
            os.write(2, b"x")

    assert len(list(Path("/proc/self/fd").iterdir())) == before

"""The command line says what is made ready, and how long that took last time."""

import os
import pty
import sys
import time
from contextlib import contextmanager

from edge_app.cli.preparation_bar import preparation_bar
from edge_app.domain.preparing import Preparing
from edge_app.inference.overheard import overheard

TENSORRT = Preparing("int8", "NVIDIA TensorRT", 0.0, 190.0, is_long=True)
CPU = Preparing("int8", "CPU", 0.0, 0.0, is_long=False)


@contextmanager
def terminal(monkeypatch):
    """Yield what is shown on a terminal that is standard error, wide enough for a line."""
    ours, theirs = pty.openpty()
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    os.set_blocking(ours, False)
    before, usual = os.dup(2), sys.stderr
    os.dup2(theirs, 2)
    sys.stderr = os.fdopen(2, "w", closefd=False)

    def shown():
        try:
            return os.read(ours, 65536).decode()
        except BlockingIOError:
            return ""

    try:
        yield shown
    finally:
        sys.stderr = usual
        os.dup2(before, 2)
        for handle in (ours, theirs, before):
            os.close(handle)


def test_a_terminal_shows_a_bar_with_the_time_so_far_and_the_last_one(monkeypatch):
    with terminal(monkeypatch) as shown, preparation_bar(is_quiet=False) as told:
        told(TENSORRT)
        time.sleep(1.3)
        said = shown()
        told(None)

    assert "Preparing the detector for NVIDIA TensorRT (int8)" in said
    assert "0:01 so far; last time on this machine it took 3:10" in said


def test_the_bar_is_seen_and_not_overheard_while_a_session_is_made(monkeypatch):
    with (
        terminal(monkeypatch) as shown,
        preparation_bar(is_quiet=False) as told,
        overheard() as heard,
    ):
        told(TENSORRT)
        time.sleep(0.3)
        said = shown()

    assert "NVIDIA TensorRT" in said
    assert heard.text == ""


def test_a_log_gets_a_line_for_what_takes_minutes_and_none_for_moments(capsys):
    with preparation_bar(is_quiet=False) as told:
        for preparing in (CPU, None, TENSORRT, None):
            told(preparing)

    assert capsys.readouterr().err.splitlines() == [
        "Preparing the detector for NVIDIA TensorRT (int8); last time on this machine it took 3:10."
    ]


def test_who_wants_it_quiet_hears_nothing(capsys):
    with preparation_bar(is_quiet=True) as told:
        told(TENSORRT)

    assert capsys.readouterr().err == ""

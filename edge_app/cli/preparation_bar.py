"""The bar of a detector that is made ready: how long so far, and how long it took last time."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from edge_app.domain.preparing import Preparing, minutes_words

_ALMOST = 0.99  # a bar that is full says that it has ended


class _TimeBar(BarColumn):
    """Fills as the time goes that it took last time; waves where nobody knows."""

    def render(self, task: Task) -> object:  # type: ignore[override]  # rich names no base of both
        if task.total:
            task.completed = min(task.elapsed or 0.0, task.total * _ALMOST)
        return super().render(task)


class _TimeWords(ProgressColumn):
    """The time so far and the last one, in words."""

    def render(self, task: Task) -> Text:
        is_long = bool(task.fields["long"])
        return Text(time_words(task.elapsed or 0.0, task.total or 0.0, is_long=is_long))


def _said(preparing: Preparing) -> str:
    return f"Preparing the detector for {preparing.title} ({preparing.variant})"


def time_words(so_far_s: float, last_s: float, *, is_long: bool) -> str:
    """Return how long it has been going on, and how long that may be."""
    so_far = f"{minutes_words(so_far_s)} so far"
    if last_s:
        return f"{so_far}; last time on this machine it took {minutes_words(last_s)}"
    return f"{so_far}; the first time it may take some minutes" if is_long else so_far


@contextmanager
def preparation_bar(*, is_quiet: bool) -> Iterator[Callable[[Preparing | None], None]]:
    """Yield what hears of a detector's making ready, and shows it on standard error.

    Where that is no terminal, there is a line for what may take minutes. The seconds count where
    the runtime lets other threads run meanwhile; some do not, and the words then stand as they
    were when it began.
    """
    if is_quiet:
        yield lambda _: None
    elif not sys.stderr.isatty():
        yield _line
    else:
        # What is printed on handle 2 while a session is made is overheard, and shown nowhere.
        with os.fdopen(os.dup(sys.stderr.fileno()), "w") as apart, _bar(apart) as told:
            yield told


def _line(preparing: Preparing | None) -> None:
    if preparing and preparing.is_long:
        time = time_words(0.0, preparing.last_s, is_long=True).partition("; ")[2]
        click.echo(f"{_said(preparing)}; {time}.", err=True)


@contextmanager
def _bar(file: TextIO) -> Iterator[Callable[[Preparing | None], None]]:
    columns = (TextColumn("{task.description}", markup=False), _TimeBar(), _TimeWords())
    with Progress(*columns, console=Console(file=file), transient=True) as bar:
        shown: list[TaskID] = []

        def told(preparing: Preparing | None) -> None:
            while shown:
                bar.remove_task(shown.pop())
            if preparing:
                total = preparing.last_s or None
                shown.append(bar.add_task(_said(preparing), total=total, long=preparing.is_long))
            bar.refresh()

        yield told

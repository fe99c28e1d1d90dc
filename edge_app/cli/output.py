"""What every command prints: JSON for programs, lines for people, refusals for both."""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from edge_app.compose.choice import AUTO, Choice
from edge_app.domain.error import EdgeAppError
from edge_app.settings import Settings, settings_from

SCHEMA = 1
DONE, REFUSED = 0, 1
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Output:
    """How one command was asked to answer."""

    as_json: bool
    quiet: bool

    def answer(self, **parts: object) -> None:
        """Print the JSON answer; nothing else may stand on standard output."""
        body = msgspec.json.encode({"schema": SCHEMA, **parts})
        click.echo(msgspec.json.format(body, indent=2).decode())

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Print a table for people; what stands in a file is never read as rich's mark-up."""
        shown = Table(*columns, title=Text(title), title_justify="left")
        for row in rows:
            shown.add_row(*map(Text, row))
        wide = None if sys.stdout.isatty() else 140
        Console(width=wide).print(shown)

    def line(self, text: str) -> None:
        """Print one line for people, unless the answer is JSON."""
        if not self.as_json:
            click.echo(text)

    def remark(self, text: str) -> None:
        """Print one line on standard error, unless quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def refusal(self, error: EdgeAppError, where: str = "") -> None:
        """Print what was refused, on standard error."""
        click.echo(f"{where}: {error}" if where else str(error), err=True)

    def progress(self, items: Iterable[_Item], what: str, total: int | None) -> Iterator[_Item]:
        """Yield `items` with a progress bar on standard error."""
        if self.quiet:
            yield from items
            return
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)
            for item in items:
                yield item
                bar.advance(task)


def shown_path(path: Path) -> str:
    """Return a path as text; a name that is no UTF-8 must not cost the whole answer."""
    return click.format_filename(path)


def said_of(error: EdgeAppError) -> dict[str, str]:
    """Return an error as JSON says it."""
    return {"code": error.code, "what": error.what, "safe": error.safe, "remedy": error.remedy}


def say_refusal(error: EdgeAppError, *, as_json: bool) -> int:
    """Print a whole command's refusal and return its exit status."""
    output = Output(as_json=as_json, quiet=False)
    if as_json:
        output.answer(error=said_of(error))
    output.refusal(error)
    return REFUSED


@dataclass(frozen=True, slots=True)
class Call:
    """One command's output and settings."""

    output: Output
    settings: Settings


def common_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that every command takes, and hand them on as one `Call`."""

    @click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
    @click.option("--quiet", is_flag=True, help="No progress and no remarks.")
    @click.option("--data-dir", type=click.Path(path_type=Path), help="Where studies are kept.")
    @click.option("--site", type=click.Path(path_type=Path), help="The site's settings file.")
    @click.pass_context
    @functools.wraps(command)
    def called(ctx: click.Context, /, **given: object) -> int:
        program = ctx.find_root().obj or {}
        output = Output(
            as_json=bool(given.pop("as_json")),
            quiet=bool(given.pop("quiet")) or bool(program.get("quiet")),
        )
        data_dir = cast("Path | None", given.pop("data_dir"))
        site = cast("Path | None", given.pop("site"))
        settings = settings_from(
            data_dir or program.get("data_dir"), site_file=site or program.get("site")
        )
        return command(Call(output, settings), **given)

    return called


def choice_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--variant` and `--provider`, and hand them on as one `Choice`."""

    @click.option("--variant", default=AUTO, show_default=True, help="int8, fp32 or auto.")
    @click.option("--provider", default=AUTO, show_default=True, help="cpu, cuda or auto.")
    @functools.wraps(command)
    def called(*arguments: object, variant: str, provider: str, **given: object) -> int:
        return command(*arguments, choice=Choice(variant, provider), **given)

    return called

"""`edge-app`: finds the command that was named, and turns errors into one line."""

import logging
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

import click

from edge_app import __version__
from edge_app.cli.output import REFUSED, say_refusal
from edge_app.domain.error import EdgeAppError

# Loaded when named: the window's library alone takes longer than a whole `analyze`.
COMMANDS = {
    "analyze": "edge_app.cli.analyze",
    "audit": "edge_app.cli.audit",
    "backup": "edge_app.cli.backup",
    "bench": "edge_app.cli.bench",
    "commission": "edge_app.cli.commission",
    "demo": "edge_app.cli.demo",
    "devices": "edge_app.cli.devices",
    "doctor": "edge_app.cli.doctor",
    "evaluate": "edge_app.cli.evaluate",
    "kiosk": "edge_app.cli.kiosk",
    "models": "edge_app.cli.models",
    "restore": "edge_app.cli.restore",
    "send": "edge_app.cli.send",
    "study": "edge_app.cli.study",
    "user": "edge_app.cli.user",
}


class _Program(click.Group):
    """A group whose commands are modules with a `command` in them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", import_module(COMMANDS[cmd_name]).command)


@click.group(
    cls=_Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="edge-app")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where studies are kept.")
@click.option("--site", type=click.Path(path_type=Path), help="The site's settings file.")
@click.option("--quiet", is_flag=True, help="No progress and no remarks.")
@click.pass_context
def program(
    ctx: click.Context,
    data_dir: Path | None,
    site: Path | None,
    quiet: bool,  # noqa: FBT001  click's signature
) -> None:
    """Edge imaging at the point of care: capture, read on this machine, review, sign.

    Without a command the window opens. For research and training only.
    """
    ctx.obj = {"data_dir": data_dir, "site": site, "quiet": quiet}
    if ctx.invoked_subcommand is None:
        kiosk = cast("click.Command", program.get_command(ctx, "kiosk"))
        ctx.exit(ctx.invoke(kiosk))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status: 0 done, 1 refused or failed, 2 wrong use."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    try:
        status = program.main(arguments, prog_name="edge-app", standalone_mode=False)
    except EdgeAppError as error:
        return say_refusal(error, as_json="--json" in (arguments or sys.argv))
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return REFUSED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except BrokenPipeError:
        return REFUSED
    return status if isinstance(status, int) else 0


def report_fault(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """Say in one line that this is a fault of ours; values, which may name people, stay out."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    del trace
    click.echo(
        f"EDGE-999: A fault in the program ({kind.__name__} at {where}). "
        "What was saved is safe. Start it again; if it comes back, tell the maker this line.",
        err=True,
    )

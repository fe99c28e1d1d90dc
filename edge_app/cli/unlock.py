"""Who is asking: a name and a passphrase, from a person or from a file for programs."""

import os
import sys
from pathlib import Path

import click

from edge_app.cli.output import Call
from edge_app.compose.entrance import Entrance
from edge_app.compose.unlocked import Unlocked
from edge_app.storage.key_slots import LockedError, NotSetUpError

USER, PASSPHRASE_FILE = "EDGE_APP_USER", "EDGE_APP_PASSPHRASE_FILE"


def has_credentials() -> bool:
    """Return whether a program said who it is, so that nobody has to be asked."""
    return bool(os.environ.get(USER) and os.environ.get(PASSPHRASE_FILE))


def log_in(call: Call) -> tuple[Entrance, Unlocked]:
    """Return the door and who came in; raises as `credentials`, or it was not the passphrase."""
    entrance, name, passphrase = credentials(call)
    return entrance, entrance.log_in(name, passphrase)


def credentials(call: Call) -> tuple[Entrance, str, str]:
    """Return the door, and the name and the passphrase of whoever asks.

    A program names the account in EDGE_APP_USER, and in EDGE_APP_PASSPHRASE_FILE a file that
    holds the passphrase; a person at a terminal is asked.

    Raises:
        NotSetUpError: Nobody can log in yet.
        LockedError: Nobody is there to ask.
    """
    entrance = Entrance(call.settings)
    if not entrance.is_set_up:
        raise NotSetUpError("This device was not set up yet.", "Run edge-app user setup NAME.")
    if has_credentials():
        return entrance, os.environ[USER], passphrase_in(Path(os.environ[PASSPHRASE_FILE]))
    if not sys.stdin.isatty():
        raise LockedError("The studies are locked.", f"Say who asks: {USER} and {PASSPHRASE_FILE}.")
    name = os.environ.get(USER) or str(click.prompt("Name", err=True))
    return entrance, name, str(click.prompt("Passphrase", hide_input=True, err=True))


def passphrase_in(path: Path) -> str:
    """Return the first line of a file.

    Raises:
        LockedError: It cannot be read.
    """
    try:
        return path.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise LockedError(
            "The file with the passphrase cannot be read.", "Check its name and its rights."
        ) from error


def new_passphrase(given: Path | None) -> str:
    """Return a new passphrase, from a file or typed twice."""
    if given:
        return passphrase_in(given)
    if not sys.stdin.isatty():
        raise LockedError("Nobody is here to type a passphrase.", "Use --passphrase-file.")
    return str(click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True))

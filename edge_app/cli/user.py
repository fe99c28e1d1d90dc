"""`edge-app user`: who gets in, and what they may do."""

from collections.abc import Callable
from pathlib import Path

import click

from edge_app.cli.output import DONE, Call, common_options
from edge_app.cli.unlock import log_in, new_passphrase, passphrase_in
from edge_app.compose.entrance import Entrance
from edge_app.compose.site_devices import known_devices
from edge_app.domain.account import ASSIGNABLE, Account, Role
from edge_app.domain.error import ExportFailedError
from edge_app.durable import write_whole
from edge_app.exchange.badge_card import badge_card
from edge_app.storage.badges import BadgeRefusedError
from edge_app.storage.key_slots import LockedError

_ROLES = click.Choice([role.value for role in ASSIGNABLE])


@click.group("user")
def command() -> None:
    """Accounts: who can log in, and as what."""


def passphrase_option(asked: Callable[..., int]) -> Callable[..., int]:
    """Add `--passphrase-file`."""
    return click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help="A file with the passphrase, instead of being asked.",
    )(asked)


def key_option(asked: Callable[..., int]) -> Callable[..., int]:
    """Add `--recovery-key-out`."""
    return click.option(
        "--recovery-key-out",
        type=click.Path(path_type=Path),
        help="A file for the recovery key, instead of the screen.",
    )(asked)


def recovery_key_option(asked: Callable[..., int]) -> Callable[..., int]:
    """Add `--recovery-key-file`."""
    return click.option(
        "--recovery-key-file",
        type=click.Path(path_type=Path),
        help="A file with the recovery key, instead of being asked.",
    )(asked)


def hand_over(call: Call, key: str, out: Path | None, called: str = "recovery key") -> None:
    """Give out a key for paper; on the screen it must be read back, so that it was written down.

    Raises:
        LockedError: It was read back wrongly three times.
    """
    if out:
        write_whole(out.absolute(), key.encode() + b"\n")
        call.output.remark(f"The {called} lies in {out}. Print it and delete the file.")
        return
    click.echo(f"{called.capitalize()}, to write down now:\n\n  {key}\n")
    groups = key.split("-")
    for _ in range(3):
        typed = str(click.prompt("Type its third and its last group", err=True))
        if typed.upper().replace("-", " ").split() == [groups[2], groups[-1]]:
            return
    raise LockedError(
        f"The {called} was not read back.", f"Run edge-app user {called.replace(' ', '-')}."
    )


@command.command("setup")
@click.argument("name")
@passphrase_option
@key_option
@common_options
def set_up(
    call: Call, name: str, passphrase_file: Path | None, recovery_key_out: Path | None
) -> int:
    """Set this device up: NAME becomes administrator and clinician."""
    unlocked, key = Entrance(call.settings).set_up(name, new_passphrase(passphrase_file))
    hand_over(call, key, recovery_key_out)
    if call.output.as_json:
        call.output.answer(account=_said(unlocked.account))
    call.output.line(f"{name} can log in as administrator and clinician.")
    return DONE


def _said(account: Account) -> dict[str, object]:
    return {"name": account.name, "roles": sorted(r.value for r in account.roles)}


@command.command("list")
@common_options
def list_users(call: Call) -> int:
    """List who can log in."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        found = [_said(a) for a in store.accounts()]
    if call.output.as_json:
        call.output.answer(accounts=found)
    else:
        rows = [[str(a["name"]), ", ".join(map(str, a["roles"]))] for a in found]  # type: ignore[call-overload]
        call.output.table("Accounts", ("name", "roles"), rows)
    return DONE


@command.command("add")
@click.argument("name")
@click.option("--role", "roles", type=_ROLES, multiple=True, required=True, help="What they are.")
@passphrase_option
@common_options
def add(call: Call, name: str, roles: tuple[str, ...], passphrase_file: Path | None) -> int:
    """Let NAME log in."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        store.add(_account(name, roles), new_passphrase(passphrase_file))
    call.output.line(f"{name} can log in.")
    return DONE


def _account(name: str, roles: tuple[str, ...]) -> Account:
    return Account(name, frozenset(Role(role) for role in roles))


@command.command("roles")
@click.argument("name")
@click.option("--role", "roles", type=_ROLES, multiple=True, required=True, help="What they are.")
@common_options
def roles_of(call: Call, name: str, roles: tuple[str, ...]) -> int:
    """Give NAME these roles and no others."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        store.change_roles(_account(name, roles))
    call.output.line(f"{name} has other roles from the next log-in on.")
    return DONE


@command.command("passphrase")
@click.argument("name")
@passphrase_option
@common_options
def passphrase(call: Call, name: str, passphrase_file: Path | None) -> int:
    """Give NAME another passphrase: your own, or as an administrator anybody's."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        store.change_passphrase(name, new_passphrase(passphrase_file))
    call.output.line("The new passphrase counts from now on.")
    return DONE


@command.command("badge")
@click.argument("name")
@click.option(
    "--print", "card", type=click.Path(path_type=Path), help="Draw one: a PDF file to print."
)
@click.option("--enrol", is_flag=True, help="Take a card that NAME has, read twice.")
@click.option("--revoke", is_flag=True, help="The badge was lost: it counts no more.")
@common_options
def badge(call: Call, name: str, card: Path | None, *, enrol: bool, revoke: bool) -> int:
    """Give NAME a badge, or take it back: your own, or as an administrator anybody's."""
    if (card is not None) + enrol + revoke != 1:
        raise click.UsageError("Say one of --print, --enrol and --revoke.")
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        if card:
            store.badges.draw(name, lambda text: print_badge(card, name, text))
            call.output.line(f"Print {card.name}, then delete it: it is the badge.")
        elif enrol:
            store.badges.enrol(name, read_twice(known_devices(call.settings).wedge))
            call.output.line("The card is a badge now.")
            call.output.remark(
                "Numbers of cards are easily guessed or copied: the PIN is always asked too."
            )
        else:
            store.badges.revoke(name)
            call.output.line(f"{name} has no badge any more.")
    return DONE


def print_badge(file: Path, name: str, text: str) -> None:
    """Write the badge to be printed into a file that only its owner reads.

    Raises:
        ExportFailedError: It cannot be written.
    """
    try:
        write_whole(file.absolute(), badge_card(name, text))
    except OSError as error:
        why = (error.strerror or "it cannot be written").lower()
        raise ExportFailedError(
            f"The badge was not written: {why}.", "Name another file."
        ) from error


def read_twice(wedge: str) -> str:
    """Return what stands on a card, without what the reader types before it.

    Raises:
        BadgeRefusedError: It was read differently twice.
    """
    once, again = (
        str(click.prompt(words, hide_input=True, err=True)).strip().removeprefix(wedge)
        for words in ("Read the card", "Read it once more")
    )
    if once != again:
        raise BadgeRefusedError("The card was read differently twice.", "Read it again.")
    return once


@command.command("remove")
@click.argument("name")
@common_options
def remove(call: Call, name: str) -> int:
    """Let NAME log in no more; what they did stays in the audit."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        store.retire(name)
    call.output.line(f"{name} cannot log in any more.")
    return DONE


@command.command("recovery-key")
@key_option
@common_options
def recovery_key(call: Call, recovery_key_out: Path | None) -> int:
    """Make another recovery key; the one before opens nothing any more."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        hand_over(call, store.new_recovery_key(), recovery_key_out)
    return DONE


@command.command("into-tpm")
@common_options
def into_tpm(call: Call) -> int:
    """Have this machine's TPM 2 keep the device's own secret, instead of a file."""
    entrance, who = log_in(call)
    entrance.move_secret_into_tpm(who)
    call.output.line("The TPM of this machine keeps its secret now; the file with it is gone.")
    call.output.line("Passphrases stay. Keep the recovery key: a TPM can be cleared.")
    return DONE


@command.command("emergency-code")
@click.option(
    "--emergency-code-out",
    type=click.Path(path_type=Path),
    help="A file for the code, instead of the screen.",
)
@common_options
def emergency_code(call: Call, emergency_code_out: Path | None) -> int:
    """Make another code for emergencies, to be sealed: it lets somebody in once, and is told."""
    entrance, who = log_in(call)
    with entrance.store(who) as store:
        hand_over(call, store.new_emergency_code(), emergency_code_out, "emergency code")
    return DONE


@command.command("recover")
@click.argument("name")
@recovery_key_option
@passphrase_option
@key_option
@common_options
def recover(
    call: Call,
    name: str,
    recovery_key_file: Path | None,
    passphrase_file: Path | None,
    recovery_key_out: Path | None,
) -> int:
    """Get NAME in as an administrator by the recovery key, when no passphrase helps any more."""
    typed = typed_key(recovery_key_file)
    chosen = new_passphrase(passphrase_file)
    _, key = Entrance(call.settings).recover(typed, name, chosen)
    hand_over(call, key, recovery_key_out)
    call.output.line(f"{name} can log in as an administrator.")
    call.output.line("Whose passphrase is not taken any more: edge-app user passphrase NAME.")
    return DONE


def typed_key(given: Path | None) -> str:
    """Return the recovery key that stands in a file, or that a person types."""
    return passphrase_in(given) if given else str(click.prompt("Recovery key", err=True))

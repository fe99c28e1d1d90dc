"""Accounts in the database: names and roles; what opens the store for them lies in the slots."""

import msgspec

from edge_app.domain.account import Account, Role
from edge_app.storage.badges import take_badge
from edge_app.storage.cipher import Database, Row


def _account(row: Row) -> Account:
    name, roles = row
    return Account(name, frozenset(msgspec.json.decode(roles, type=tuple[Role, ...])))


def accounts_in(database: Database) -> list[Account]:
    """Return everybody who may log in, by name."""
    asked = "SELECT name, roles FROM account WHERE is_active ORDER BY name"
    return [_account(row) for row in database.execute(asked).fetchall()]


def account_named(database: Database, name: str) -> Account | None:
    """Return one account, or None where nobody of that name may log in."""
    asked = "SELECT name, roles FROM account WHERE is_active AND name=?"
    rows = database.execute(asked, (name,)).fetchall()
    return _account(rows[0]) if rows else None


def put(database: Database, account: Account) -> None:
    """Keep an account, new or changed, within the caller's transaction."""
    roles = msgspec.json.encode(sorted(role.value for role in account.roles)).decode()
    database.execute(
        "INSERT INTO account VALUES (?, ?, '', 1) ON CONFLICT (name) DO UPDATE"
        " SET roles=excluded.roles, is_active=1",
        (account.name, roles),
    )


def retire(database: Database, name: str) -> None:
    """Let nobody of that name log in any more; the name stays for the audit."""
    database.execute("UPDATE account SET is_active=0, pin='' WHERE name=?", (name,))
    take_badge(database, name)


def pin_of(database: Database, name: str) -> str:
    """Return what is kept of somebody's PIN; nothing where there is none."""
    asked = "SELECT pin FROM account WHERE is_active AND name=?"
    rows = database.execute(asked, (name,)).fetchall()
    return rows[0][0] if rows else ""


def put_pin(database: Database, name: str, kept: str) -> None:
    """Keep what is kept of a PIN, within the caller's transaction."""
    database.execute("UPDATE account SET pin=? WHERE name=?", (kept, name))

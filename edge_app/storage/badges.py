"""Badges in the database: a keyed hash of each text, and never the text."""

import hmac
import secrets

from edge_app.domain.badge import RANDOM, badge_text
from edge_app.domain.error import EdgeAppError
from edge_app.storage.cipher import Database
from edge_app.storage.store_keys import StoreKeys


class BadgeRefusedError(EdgeAppError):
    """Nobody's badge, or one that cannot be given out."""

    code = "KEY-009"
    safe = "Nothing was changed."


def new_badge_text(name: str) -> str:
    """Return the text of a new badge, with 128 bits that nobody knows yet."""
    return badge_text(name, secrets.token_bytes(RANDOM))


def kept_of(text: str, keys: StoreKeys) -> str:
    """Return what is kept of a badge's text."""
    return hmac.digest(keys.badges, text.encode(), "sha256").hex()


def holder_in(database: Database, kept: str) -> tuple[str, bool] | None:
    """Return whose badge it is, and whether this program drew it; None where it is nobody's."""
    asked = "SELECT name, is_drawn FROM badge JOIN account USING (name) WHERE is_active AND hash=?"
    rows = database.execute(asked, (kept,)).fetchall()
    return (rows[0][0], bool(rows[0][1])) if rows else None


def put_badge(database: Database, name: str, kept: str, *, is_drawn: bool) -> None:
    """Keep somebody's badge in place of the one before, within the caller's transaction."""
    take_badge(database, name)
    database.execute("INSERT INTO badge VALUES (?, ?, ?)", (name, kept, int(is_drawn)))


def take_badge(database: Database, name: str) -> None:
    """Let somebody's badge count no more, within the caller's transaction."""
    database.execute("DELETE FROM badge WHERE name=?", (name,))

"""A badge says who somebody is: the form of the text on those that this program draws."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

MARK = "EDGEID"
RANDOM = 16  # bytes
_NAME = 5  # bytes of a name's hash
_LETTERS = "BCDEFGHIJKLNRTUV"  # sixteen that lie on the same keys wherever letters are Latin
LENGTH = len(MARK) + 2 * (_NAME + RANDOM)
_DRAWN = re.compile(f"{MARK}[{_LETTERS}]{{{LENGTH - len(MARK)}}}")


class NextStep(Enum):
    """What somebody whose badge was read has to do now."""

    NOTHING = "nothing"
    """They are in."""
    PIN = "PIN"
    PASSPHRASE = "passphrase"  # noqa: S105  what is asked for


@dataclass(frozen=True, slots=True)
class BadgeRead:
    """Whose badge was read, and what they have to do now to get in."""

    name: str
    asks: NextStep


def badge_text(name: str, random: bytes) -> str:
    """Return the text of a badge of `name` that holds `random`, which has `RANDOM` bytes."""
    return MARK + _in_letters(_of_name(name) + random)


def is_drawn(text: str) -> bool:
    """Return whether `text` has the form of a badge that this program draws."""
    return _DRAWN.fullmatch(text) is not None


def may_become_drawn(text: str) -> bool:
    """Return whether `text` is how such a badge begins."""
    rest = text.removeprefix(MARK)
    return text.startswith(MARK) and len(text) <= LENGTH and set(rest) <= set(_LETTERS)


def holder_by_text(text: str, names: Iterable[str]) -> str:
    """Return whose badge it says it is, among `names`; nothing where it is nobody's.

    Anybody can write such a text, so that it is worth what touching the name is worth.
    """
    if not is_drawn(text):
        return ""
    said = text[len(MARK) : len(MARK) + 2 * _NAME]
    return next((name for name in names if _in_letters(_of_name(name)) == said), "")


def _of_name(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:_NAME]


def _in_letters(content: bytes) -> str:
    return "".join(_LETTERS[byte >> 4] + _LETTERS[byte & 15] for byte in content)

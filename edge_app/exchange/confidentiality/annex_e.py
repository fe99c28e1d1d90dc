"""What Table E.1-1 of DICOM PS3.15 says of an attribute, and which others are known to be harmless.

`annex_e.csv` is the table of edition 2026c, `allowed.txt` ours; an attribute in neither is removed.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files

from pydicom.datadict import tag_for_keyword
from pydicom.tag import BaseTag

from edge_app.domain.confidentiality import Option

_BYTES = frozenset({"OB", "OW", "UN"})  # no option keeps what nobody can look into


class Action(Enum):
    """What is done with an attribute; the values are the table's letters."""

    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    KEEP = "K"
    CLEAN = "C"
    NEW_UID = "U"


@dataclass(frozen=True, slots=True)
class _Row:
    basic: str
    options: dict[Option, Action]


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("ascii")


@cache
def _table() -> dict[int, _Row]:
    rows = csv.DictReader(_text("annex_e.csv").splitlines())
    return {
        int(row["tag"], 16): _Row(
            row["basic"], {o: Action(row[o.value]) for o in Option if row[o.value]}
        )
        for row in rows
    }


@cache
def _allowed() -> frozenset[int]:
    return frozenset(t for t in map(tag_for_keyword, _text("allowed.txt").split()) if t)


def is_listed(tag: BaseTag) -> bool:
    """Return whether the table names the attribute."""
    return tag in _table()


def action_for(tag: BaseTag, vr: str, options: Iterable[Option]) -> Action:
    """Return what is done with an attribute; of two options, the one that changes it is heard."""
    row = _table().get(tag)
    if row is None:
        return Action.KEEP if tag in _allowed() else Action.REMOVE
    said = {row.options[option] for option in options if option in row.options}
    if said and vr not in _BYTES:
        return Action.CLEAN if Action.CLEAN in said else Action.KEEP
    return _of_several(row.basic.split("/"), vr)


def _of_several(letters: list[str], vr: str) -> Action:
    """Return the one of several actions that fits whatever the attribute's type is.

    A dummy is right for types 1 to 3; an empty value for 2 and 3. A sequence cannot be given an
    item that says nothing and is valid, so of several the mildest is taken that keeps it.
    """
    if letters[-1] == "U*":
        return Action.NEW_UID
    if vr == "SQ" and len(letters) > 1:
        return Action.EMPTY if "Z" in letters else Action.REMOVE
    return Action(letters[-1])

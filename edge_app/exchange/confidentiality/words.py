"""Text of which only words stay that name no person: those of DICOM's own coded terms."""

import re
from collections.abc import Iterable
from functools import cache
from typing import cast

from pydicom.sr._concepts_dict import concepts

_Terms = dict[str, dict[str, dict[str, tuple[str, list[int]]]]]
_WORD = re.compile(r"[A-Za-z]+")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "professor", "doctor", "sister",
                     "nurse", "by", "for", "patient", "name"})  # fmt: skip
# Also what people and months are called.
_NAMES = frozenset({"april", "august", "bell", "black", "blue", "brown", "cook", "cross", "day",
                    "field", "gray", "green", "grey", "hill", "june", "king", "long", "march",
                    "may", "miller", "moon", "rice", "rose", "short", "small", "stone", "white",
                    "wood", "woods", "young"})  # fmt: skip


@cache
def _vocabulary() -> frozenset[str]:
    """Return the words that are written small in some term: a name never is."""
    schemes = cast("_Terms", concepts).values()
    terms = (m for scheme in schemes for codes in scheme.values() for m, _ in codes.values())
    small = {word for term in terms for word in _WORD.findall(term) if word.islower()}
    return frozenset(w for w in small if len(w) > 1) - _NAMES - _TITLES


def cleaned_text(text: str) -> str:
    """Return the words of `text` that name nobody; numbers and two words after a title go."""
    kept, after_title = [], 0
    for word in re.split(r"[\s,;:/()\[\]_^=\\-]+", text):
        plain = word.strip(".").casefold()
        after_title = 2 if plain in _TITLES else after_title - 1
        if plain in _vocabulary() and after_title < 0:
            kept.append(word.strip("."))
    return " ".join(kept)


class Identity:
    """What names somebody in a data set, wherever else it may stand in it."""

    def __init__(self, values: Iterable[str]) -> None:
        parts = {p.casefold() for v in values for p in (v, *re.split(r"[\W_]+", v))}
        self._long = {p for p in parts if len(p) > 3}
        self._short = {p for p in parts if len(p) == 3}

    def is_in(self, text: str) -> bool:
        """Return whether `text` holds any part of it."""
        folded = text.casefold()
        return any(part in folded for part in self._long) or not self._short.isdisjoint(
            re.split(r"[\W_]+", folded)
        )

"""The typefaces that text is drawn in: some to learn from, others only to judge by."""

from pathlib import Path

import reportlab

SYSTEM = Path("/usr/share/fonts")
# Vera is what DejaVu Sans was made from, so both are kept for judging.
_JUDGED = ("DejaVuSans", "NotoSansMono", "URWGothic", "Vera")
_NO_LETTERS = ("D050000L", "StandardSymbols", "MathTeX", "Droid", "Z003")


def _is_judged(path: Path) -> bool:
    return path.name.startswith(_JUDGED) and "Mono-" not in path.name.removeprefix("NotoSans")


def _installed() -> list[Path]:
    found = [p for p in SYSTEM.rglob("*") if p.suffix in {".otf", ".ttf"}]
    return sorted(p for p in found if not any(word in p.name for word in _NO_LETTERS))


def fonts_to_learn_from() -> list[Path]:
    """Return the files of typefaces that nothing is judged by."""
    return [p for p in _installed() if not _is_judged(p)]


def fonts_to_judge_by() -> list[Path]:
    """Return those that the finder never saw; at least the ones that reportlab brings."""
    vera = sorted((Path(str(reportlab.__file__)).parent / "fonts").glob("Vera*.ttf"))
    return [*vera, *(p for p in _installed() if _is_judged(p))]

"""Which language is spoken: what was asked for, what somebody chose here, the site's, the system's.

What somebody touches at the entrance is kept in a small file beside the studies, for whoever comes
next; it names no person.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from edge_app.durable import ensure_folder, write_whole
from edge_app.languages.catalogue import ENGLISH, Catalogue, catalogue, codes

_FILE = "language"
_OWN_DIGITS = "+digits"
_MOST_BYTES = 64


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language and how its numbers are written.

    Attributes:
        code: One of `codes()`.
        has_own_digits: Whether Arabic is written with its own digits; others have one kind.
    """

    code: str = ENGLISH
    has_own_digits: bool = False

    @property
    def catalogue(self) -> Catalogue:
        """What is said in it."""
        return catalogue(self.code)

    @property
    def written(self) -> str:
        """The choice in a few letters, as `tongue_from` reads it."""
        return f"{self.code}{_OWN_DIGITS}" if self.has_own_digits else self.code


def tongue_from(written: str) -> Tongue | None:
    """Return the language that "fr", "ar+digits" or a system's "pt_BR.UTF-8" means, or None."""
    name = written.strip()
    code = name.replace("_", "-").partition("-")[0].partition("+")[0].partition(".")[0].lower()
    if code not in codes():
        return None
    return Tongue(code, has_own_digits=code == "ar" and name.endswith(_OWN_DIGITS))


def kept_choice(folder: Path) -> str:
    """Return what somebody chose at this machine, as it was written; empty where nobody did."""
    try:
        with (folder / _FILE).open("rb") as file:
            return file.read(_MOST_BYTES).decode("ascii", "ignore")
    except OSError:
        return ""


def _of_the_system() -> str:
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def tongue_for(asked: str, folder: Path, site: str = "") -> Tongue:
    """Return the language to begin with.

    Args:
        asked: By the command line; empty where nothing was asked.
        folder: Holds what somebody chose at this machine before.
        site: What the site's settings say.
    """
    wishes = (asked, kept_choice(folder), site, _of_the_system())
    return next((t for t in map(tongue_from, wishes) if t), Tongue())


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps what was chosen at the entrance, for the next start."""

    folder: Path

    def keep(self, tongue: Tongue) -> None:
        """Write the choice down; a disk that refuses costs the choice, not the work."""
        try:
            ensure_folder(self.folder)
            write_whole(self.folder / _FILE, tongue.written.encode())
        except OSError:
            return

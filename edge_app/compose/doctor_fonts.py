"""Whether this machine has letters for every language of the window."""

import shutil
import subprocess

from edge_app.languages.catalogue import codes

_PACKAGE = "fonts-noto-core"
_PATIENCE_S = 20.0


def languages_without_font() -> tuple[str, ...] | None:
    """Return the languages that no font here has all letters for; None where nobody can say."""
    lister = shutil.which("fc-list")
    if lister is None:
        return None
    return tuple(code for code in codes() if not _has_font(lister, code))


def _has_font(lister: str, code: str) -> bool:
    asked = (lister, f":lang={code}", "family")
    try:
        said = subprocess.run(asked, capture_output=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and bool(said.stdout.strip())


def font_words(without: tuple[str, ...] | None) -> tuple[str, str]:
    """Return what was found and what to do about it; nothing to do where all is well."""
    if without is None:
        return "not known: this machine has no fc-list", f"Install fontconfig and {_PACKAGE}."
    if without:
        return f"no font has the letters of: {', '.join(without)}", f"Install {_PACKAGE}."
    return f"letters for {', '.join(codes())}", ""

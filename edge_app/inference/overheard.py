"""What the runtime says only by printing: the one place where it tells why a provider failed."""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from edge_app.isolation.printed import Printed, printed

_MISSING = re.compile(r"(\S+?): cannot open shared object file|(\S+\.dll)\b.*not found")
_REQUIRES = re.compile(r"Require[sd]? ([^.]*\d[^.]*\.\*(?: and [^.]*\.\*)?)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Overheard:
    """The text that was printed while somebody listened; complete once the block was left."""

    text: str = field(default="")

    @property
    def reason(self) -> str:
        """What a technician can use of it, in one clause; empty where nothing was said."""
        missing = [a or b for a, b in _MISSING.findall(self.text)]
        if missing:
            names = ", ".join(dict.fromkeys(name.rsplit("/", 1)[-1] for name in missing))
            return f"{names} is missing"
        required = _REQUIRES.search(self.text)
        if required:
            return f"it requires {required.group(1)}"
        lines = [line for line in self.text.splitlines() if line.strip("* ")]
        return lines[0].strip()[:200] if lines else ""


@contextlib.contextmanager
def overheard() -> Iterator[Overheard]:
    """Yield what is printed on standard output (Python's) and error (the process's) meanwhile.

    For the moment of making a session, while no other thread prints.
    """
    heard, said, on_error = Overheard(), io.StringIO(), Printed()
    try:
        with printed() as on_error, contextlib.redirect_stdout(said):
            yield heard
    finally:
        heard.text = _COLOURS.sub("", on_error.text + said.getvalue())

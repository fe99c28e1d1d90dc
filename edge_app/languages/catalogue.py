"""One language: its own name, its direction, its forms for numbers, and all that it says."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from edge_app.languages.plurals import form_of
from edge_app.languages.po import Entry, read

TEXTS = Path(__file__).parent / "texts"
ENGLISH = "en"
_HOLE = re.compile(r"\{(\d+)\}")
_END = re.compile(r"(?<=[.?]) ")
_CODE = re.compile(r"[A-Z]{3,4}-\d{3}: ")
_FEWEST_LETTERS = 4
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Template:
    """A sentence with holes, as it is said and as it is recognised."""

    source: str
    said: str
    pattern: re.Pattern[str]
    holes: tuple[int, ...]


def _template_of(entry: Entry) -> _Template | None:
    """Return the template, or None where the text has no hole or too few letters beside them."""
    pieces = _HOLE.split(entry.source)
    letters = sum(x.isalpha() for piece in pieces[::2] for x in piece)
    if len(pieces) == 1 or letters < _FEWEST_LETTERS:
        return None
    holes = tuple(map(int, pieces[1::2]))
    pattern = "(.*?)".join(map(re.escape, pieces[::2]))
    return _Template(entry.source, entry.said[0], re.compile(pattern, re.DOTALL), holes)


@dataclass(frozen=True)
class Catalogue:
    """What one language says.

    Attributes:
        code: ISO 639-1, "fr".
        own_name: As the people who speak it write it.
        note: How it was made and who reviewed it; in English, for the page about the program.
    """

    code: str
    own_name: str
    note: str
    entries: dict[str, Entry] = field(default_factory=dict)
    _templates: list[_Template] = field(default_factory=list)

    @property
    def is_right_to_left(self) -> bool:
        """Whether its lines begin at the right."""
        return self.code == "ar"

    @property
    def is_set_in_type(self) -> bool:
        """Whether paper can be written in it: letters that join are not set yet (decision 40)."""
        return self.code not in ("ar", "hi")

    def text(self, source: str) -> str | None:
        """Return `source` in this language, or None where it is not in the catalogue."""
        if self.code == ENGLISH:
            return source
        entry = self.entries.get(source)
        return (entry.said[0] or None) if entry else None

    def tr(self, source: str) -> str:
        """Return `source` in this language, or as it is."""
        return self.text(source) or source

    def known(self, spoken: str) -> str:
        """Return what another room said in this language, or as it is."""
        return self.sentence(spoken) or spoken

    def counted(self, one: str, many: str, number: int) -> str:
        """Return the form for `number`; in English where the catalogue has none."""
        entry = self.entries.get(one)
        forms = entry.said if entry else ()
        place = form_of(self.code, number)
        if place < len(forms) and forms[place]:
            return forms[place]
        return one if number == 1 else many

    def sentence(self, spoken: str) -> str | None:
        """Return what another room said in this language, or None where nothing of it is known.

        An exact sentence comes first, then one after the other where several were said in a row,
        then the template that fits with the most letters of its own. What stands in a hole is
        said in this language too where it is known; else it stays as it is, isolated from a line
        that runs the other way. A sentence in a row that is not known stays English.
        """
        return self._said(spoken, 0)

    def _said(self, spoken: str, depth: int) -> str | None:
        exact = self.text(spoken)
        if exact is not None or depth > _DEEPEST:
            return exact
        code = _CODE.match(spoken)
        if code:
            rest = self._said(spoken[code.end() :], depth + 1)
            return f"{code[0]}{rest}" if rest else None
        return self._row(_END.split(spoken), depth) or self._filled(spoken, depth)

    def _row(self, pieces: list[str], depth: int) -> str | None:
        """Say sentences one after the other, the longest run that is known at each place first."""
        said, n_known, start = [], 0, 0
        while start < len(pieces):
            for end in range(len(pieces), start, -1):
                run = " ".join(pieces[start:end])
                known = self.text(run) or self._filled(run, depth, end - start - 1)
                if known:
                    break
            said.append(known or pieces[start])
            n_known += bool(known)
            start = end
        return " ".join(said) if n_known else None

    def _filled(self, spoken: str, depth: int, n_breaks: int | None = None) -> str | None:
        """Fill the template that fits; `n_breaks` where no hole may hold the end of a sentence."""
        for template in self._templates:
            found = template.pattern.fullmatch(spoken)
            if found and n_breaks in (None, len(_END.findall(template.source))):
                holes = zip(template.holes, found.groups(), strict=True)
                filled = {n: self._said(x, depth + 1) or self._isolated(x) for n, x in holes}
                pieces = _HOLE.split(template.said)
                pieces[1::2] = [filled.get(int(n), "") for n in pieces[1::2]]
                return "".join(pieces)
        return None

    def _isolated(self, text: str) -> str:
        return f"\u2068{text}\u2069" if self.is_right_to_left and text else text


def header_line(header: str, name: str) -> str:
    """Return what stands after a name in a catalogue's header; empty where it is not there."""
    lines = dict(x.split(": ", 1) for x in header.splitlines() if ": " in x)
    return lines.get(name, "")


def catalogue_of(code: str, text: str) -> Catalogue:
    """Return the catalogue that a PO file's text holds."""
    header, entries = read(text)
    templates = [t for t in map(_template_of, entries) if t and t.said]
    templates.sort(key=lambda t: -len(_HOLE.sub("", t.source)))
    name, note = header_line(header, "X-Own-Name"), header_line(header, "X-Review")
    return Catalogue(code, name, note, {e.source: e for e in entries}, templates)


@cache
def catalogue(code: str) -> Catalogue:
    """Return a language's catalogue, read once; English needs none.

    Raises:
        KeyError: There is no such language.
    """
    if code == ENGLISH:
        return Catalogue(ENGLISH, "English", "The language that the program is written in.")
    path = TEXTS / f"{code}.po"
    if code not in codes():
        raise KeyError(code)
    return catalogue_of(code, path.read_text(encoding="utf-8"))


def codes() -> tuple[str, ...]:
    """Return the languages that there are: English, then the others by their codes."""
    return (ENGLISH, *sorted(path.stem for path in TEXTS.glob("*.po")))

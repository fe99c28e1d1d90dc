"""Reads and writes gettext's PO files: what translators' programs open."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One text and what it is called in another language.

    Attributes:
        source: In English; of two forms, the one for one thing.
        plural: In English for any other number; empty where a text has no forms.
        said: In the other language, one for each form; empty texts are not translated yet.
        places: The files that say it.
    """

    source: str
    plural: str = ""
    said: tuple[str, ...] = ("",)
    places: tuple[str, ...] = ()


def _quoted(text: str) -> str:
    for raw, letter in (("\\", "\\"), ('"', '"'), ("\n", "n"), ("\t", "t")):
        text = text.replace(raw, f"\\{letter}")
    return f'"{text}"'


def _lines_of(entry: Entry) -> Iterator[str]:
    yield from (f"#: {place}" for place in entry.places)
    yield f"msgid {_quoted(entry.source)}"
    if entry.plural:
        yield f"msgid_plural {_quoted(entry.plural)}"
        yield from (f"msgstr[{n}] {_quoted(said)}" for n, said in enumerate(entry.said))
    else:
        yield f"msgstr {_quoted(entry.said[0])}"
    yield ""


def written(header: str, entries: Iterable[Entry]) -> str:
    """Return a PO file: `header` in lines of "Name: value", then the entries in their order."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{line}\n") for line in header.splitlines()), ""]
    for entry in entries:
        lines += _lines_of(entry)
    return "\n".join(lines)


def _unquoted(line: str) -> str:
    found = _QUOTED.search(line)
    if found is None:
        raise ValueError("a line of a PO file holds no text")
    return re.sub(r"\\(.)", lambda x: _ESCAPES.get(x[1], x[1]), found[1])


def _entry_of(block: str) -> Entry:
    parts: dict[str, str] = {}
    places, name = [], ""
    for line in block.splitlines():
        if line.startswith("#:"):
            places.append(line[2:].strip())
        elif line.startswith("msg"):
            name = line.split(" ", 1)[0]
            parts[name] = _unquoted(line)
        elif line.startswith('"'):
            parts[name] += _unquoted(line)
    forms = tuple(text for name, text in sorted(parts.items()) if name.startswith("msgstr"))
    return Entry(parts["msgid"], parts.get("msgid_plural", ""), forms, tuple(places))


def read(text: str) -> tuple[str, list[Entry]]:
    """Return the header and the entries of a PO file.

    Raises:
        ValueError: It is none.
    """
    blocks = [b for b in re.split(r"\n\s*\n", text) if re.search(r"^msgid ", b, re.MULTILINE)]
    if not blocks:
        raise ValueError("a PO file holds no entry")
    entries = [_entry_of(block) for block in blocks]
    return entries[0].said[0], entries[1:]

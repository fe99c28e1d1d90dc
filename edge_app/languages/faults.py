"""What is wrong with a catalogue, in words; the CI asks for none."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from edge_app.languages.plurals import n_forms
from edge_app.languages.po import Entry

_HOLE = re.compile(r"\{[^}]*\}|%n")
# What is typed or read by a machine: commands, options, files, addresses.
_VERBATIM = re.compile(r"`[^`]*`|--[a-z-]+|\b\w+\.(?:json|toml|md)\b|(?:rtsp|http)://[A-Z:/]+")
_STOPS = {".": ".\u0964", "?": "?\u061f", ":": ":", "!": "!", ",": ",\u060c"}
_MARKS = tuple("".join(_STOPS.values()))
_SCRIPTS = {"ar": re.compile("[\u0600-\u06ff]"), "hi": re.compile("[\u0900-\u097f]")}
_NAMES = {"Edge imaging", "PIN", "{0} x {1}", ", "}  # stay as they are in every script


def _blanks(text: str) -> tuple[str, str, int]:
    ends = len(text) - len(text.rstrip())
    return text[: len(text) - len(text.lstrip())], text[len(text) - ends :], text.count("\n")


def _stop_of(text: str) -> str:
    return text[-1:] if text[-1:] in _MARKS else ""


def _of_form(code: str, source: str, said: str) -> Iterator[str]:
    if Counter(_HOLE.findall(source)) != Counter(_HOLE.findall(said)):
        yield "its holes are not those of the source"
    if _blanks(source) != _blanks(said):
        yield "its blanks or lines are not those of the source"
    stop, ours = _stop_of(source), _stop_of(said)
    if (stop or ours) and ours not in tuple(_STOPS.get(stop, "")):
        yield "its last mark is not that of the source"
    if Counter(_VERBATIM.findall(source)) != Counter(_VERBATIM.findall(said)):
        yield "a command, file or address in it was changed"
    if source.count("&") != said.count("&"):
        yield "it has another accelerator key than the source"
    script = _SCRIPTS.get(code)
    if script and source not in _NAMES and not script.search(said):
        yield "it has no letter of its script"


def _of_entry(code: str, entry: Entry) -> Iterator[str]:
    if len(entry.said) != (n_forms(code) if entry.plural else 1):
        yield "it has not as many forms as the language"
        return
    for said in entry.said:
        if said:
            yield from _of_form(code, entry.plural or entry.source, said)
        else:
            yield "it is not translated"


def faults(code: str, found: Iterable[Entry], entries: Iterable[Entry]) -> list[str]:
    """Return what is wrong, one line each, with the text that it is about.

    Args:
        code: Of the language.
        found: What the source says now.
        entries: What the catalogue says.
    """
    wanted, known = {e.source for e in found}, [e.source for e in entries]
    lines = [f"not in the catalogue: {source}" for source in sorted(wanted - set(known))]
    lines += [f"not in the source any more: {source}" for source in sorted(set(known) - wanted)]
    lines += [f"twice: {source}" for source, n in Counter(known).items() if n > 1]
    lines += [f"{why}: {e.source}" for e in entries for why in _of_entry(code, e)]
    return lines

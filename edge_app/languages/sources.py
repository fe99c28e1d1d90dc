"""Finds every text that people read in the source, by walking its syntax trees.

The window marks its texts: `self.tr("...")`, `translate("Context", "...")`, `counted(one, many,
n)`. The other rooms know no translator, so that whatever reads as a sentence there counts: it
begins with a capital, a quotation mark or a hole, and ends in a full stop. Where shorter phrases
fill the sentences that a nurse reads, the file is named in `_PHRASES`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from edge_app.languages.po import Entry

_MARKS = {"tr": 0, "_tr": 0, "translate": 1, "words_of": 0}
_COUNTED = "counted"
_ROOMS = ("domain", "workflow", "inference", "isolation", "storage", "exchange", "compose")
# Said on a terminal or to the makers of packages, in English: docs/decisions/0040.
_ENGLISH_ONLY = (
    "edge_app/inference/build/",
    "edge_app/inference/onnx_",
    "edge_app/compose/bench",
    "edge_app/compose/build_package",
    "edge_app/compose/copies",
    "edge_app/compose/demo",
    "edge_app/compose/doctor",
    "edge_app/compose/files",
    "edge_app/compose/labelled",
    "edge_app/compose/tiled",
    "edge_app/exchange/coco",
    "edge_app/exchange/commissioning",
    "hardware/dicom_receiver/__main__",
    "hardware/dicom_receiver/guard",
    "hardware/simulated/faults",
)
_PHRASES = (
    "edge_app/domain/account.py",
    "edge_app/domain/freshness.py",
    "edge_app/domain/outbox.py",
    "edge_app/isolation/channel.py",
    "edge_app/isolation/child.py",
    "edge_app/isolation/supervisor.py",
    "edge_app/storage/key_slots.py",
    "edge_app/storage/recovery_key.py",
    "edge_app/workflow/fresh_pictures.py",
)
_NO_WORDS = re.compile(
    r"^(SELECT|UPDATE|INSERT|PRAGMA|DELETE|WHERE|BEGIN) |\.(json|db)$|^[A-Z_]+$|\["
)
# What fills the sentences of rooms that tell why a disk refused.
_SYSTEM = (
    "input/output error",
    "no answer",
    "no space left on device",
    "no such file or directory",
    "not a directory",
    "permission denied",
    "read-only file system",
    "the disk did not answer",
)
_SENTENCE = re.compile(r"[A-Z\"{][^\n]*\w.*[.?]", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{2,}")
_TOO_GENERAL = 4
_LABEL = re.compile(r'^\[\[labels\]\]\s*name = "([^"]+)"', re.MULTILINE)
_TITLE = re.compile(r'^(?:title|intended_use|must_not) = "([^"]+)"', re.MULTILINE)


def _text_of(node: ast.AST | None) -> str | None:
    """Return a string, an f-string with numbered holes, or None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts, hole = [], 0
        for value in node.values:
            if isinstance(value, ast.Constant):
                parts.append(str(value.value))
            else:
                parts.append(f"{{{hole}}}")
                hole += 1
        return "".join(parts)
    return None


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _marked(tree: ast.AST) -> Iterator[Entry]:
    """Yield what a window's file hands to a translator."""
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        name, said = _name_of(call), [_text_of(a) for a in call.args]
        if name == _COUNTED and len(said) == 3 and said[0] and said[1]:
            yield Entry(said[0], said[1])
        place = _MARKS.get(name)
        if place is not None and place < len(said) and said[place]:
            yield Entry(str(said[place]))


def _inner(tree: ast.AST) -> set[int]:
    """Return the ids of strings that are no text of their own: docstrings, pieces, keys, logs."""
    inner = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            inner.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            inner |= {id(x) for x in ast.walk(node) if x is not node}
        if isinstance(node, ast.Call) and _name_of(node) in ("compile", "warning", "error", "info"):
            inner |= {id(x) for x in node.args}
    return inner


def _is_said(text: str, *, is_phrase_file: bool) -> bool:
    own = re.sub(r"\{\d+\}", "", text)
    if sum(x.isalpha() for x in own) < _TOO_GENERAL or text != text.strip():
        return False
    if _NO_WORDS.search(text):
        return False
    if is_phrase_file and len(_WORD.findall(own)) > 1:
        return True
    return bool(_SENTENCE.fullmatch(text)) and " " in text and len(_WORD.findall(own)) > 1


def _unmarked(tree: ast.AST, *, is_phrase_file: bool) -> Iterator[Entry]:
    inner = _inner(tree)
    for node in ast.walk(tree):
        text = _text_of(node)
        if text and id(node) not in inner and _is_said(text, is_phrase_file=is_phrase_file):
            yield Entry(text)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted([*(root / "edge_app").rglob("*.py"), *(root / "hardware").rglob("*.py")]):
        name = path.relative_to(root).as_posix()
        if not name.startswith(_ENGLISH_ONLY):
            yield name, path


def _said_in(name: str, tree: ast.AST) -> Iterator[Entry]:
    room = name.split("/")[1]
    yield from _marked(tree)
    if name.startswith("hardware/") or room in _ROOMS:
        yield from _unmarked(tree, is_phrase_file=name in _PHRASES)


def _packages(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the labels, titles and uses that the detectors of this repository bring."""
    for path in sorted((root / "models" / "onnx").glob("*/package.toml")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root).as_posix()
        yield from ((name, label.replace("-", " ").replace("_", " ")) for label in
                    _LABEL.findall(text))  # fmt: skip
        yield from ((name, words) for words in _TITLE.findall(text))


def sources(root: Path) -> list[Entry]:
    """Return every text that is to be translated, once, by its letters, with where it is said."""
    plurals: dict[str, str] = {}
    places: defaultdict[str, set[str]] = defaultdict(set)
    for name, path in _files(root):
        for entry in _said_in(name, ast.parse(path.read_text(encoding="utf-8"))):
            plurals[entry.source] = plurals.get(entry.source, "") or entry.plural
            places[entry.source].add(name)
    for words in _SYSTEM:
        places[words].add("the operating system")
    for name, words in _packages(root):
        places[words].add(name)
    return [Entry(s, plurals.get(s, ""), (), tuple(sorted(p))) for s, p in sorted(places.items())]


def renewed(found: Iterable[Entry], former: Iterable[Entry], n_forms: int) -> list[Entry]:
    """Return the entries that were found with what the former ones say; new ones are empty."""
    known = {entry.source: entry for entry in former}
    made = []
    for entry in found:
        size = n_forms if entry.plural else 1
        before = known.get(entry.source)
        said = before.said if before and len(before.said) == size else ("",) * size
        made.append(Entry(entry.source, entry.plural, said, entry.places))
    return made

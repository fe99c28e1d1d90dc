"""Languages for windows that are tested, and what finds a text that came from no catalogue."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QTextEdit,
    QWidget,
)

from edge_app.languages.catalogue import Catalogue, catalogue_of
from edge_app.languages.choice import Tongue
from edge_app.languages.po import Entry, written
from edge_app.languages.sources import sources
from edge_app.ui.translator import Speech, Translator

ROOT = Path(__file__).parents[2]
_OPEN, _CLOSED = "[", "]"
_UNITS = {"mm", "nm", "\u00b5m", "px", "dpi", "kV", "ms", "CPU", "int8"}
_ISOLATED = re.compile("\u2068.*?\u2069", re.DOTALL)


def in_english() -> Speech:
    """Return the language that needs no catalogue; nobody keeps what is chosen."""
    return Speech(Tongue(), lambda _: None)


@cache
def bracketed(*others: str) -> Catalogue:
    """Return a language that says every text of the program, and `others`, in brackets."""
    entries = [*sources(ROOT), *(Entry(x) for x in others)]
    said = [
        Entry(e.source, e.plural, tuple(f"[{x}]" for x in (e.source, e.plural) if x))
        for e in entries
    ]
    return catalogue_of("zz", written("X-Own-Name: [zz]", said))


@contextmanager
def spoken(catalogue: Catalogue) -> Iterator[None]:
    """Let the application speak that language for the block."""
    translator = Translator(catalogue)
    QCoreApplication.installTranslator(translator)
    try:
        yield
    finally:
        QCoreApplication.removeTranslator(translator)


def _outside(text: str) -> str:
    """Return what of a text stands outside of all brackets, and is no isolated name."""
    text = _ISOLATED.sub("", text)
    depth, outside = 0, []
    for letter in text:
        depth += (letter == _OPEN) - (letter == _CLOSED)
        if depth == 0 and letter != _CLOSED:
            outside.append(letter)
    return "".join(outside)


def _texts(widget: QWidget) -> list[str]:
    texts = [widget.accessibleName(), widget.toolTip(), widget.windowTitle()]
    if isinstance(widget, QLabel | QAbstractButton):
        texts.append(widget.text())
    if isinstance(widget, QLineEdit | QTextEdit):
        texts.append(widget.placeholderText())
    if isinstance(widget, QComboBox):
        texts += [widget.itemText(n) for n in range(widget.count())]
    return texts


def untranslated(root: QWidget) -> set[str]:
    """Return each text under `root` with a word of two letters and more that no catalogue gave.

    What is nobody's to translate, a name or an identifier, is marked: its property "words" is
    "own". Units are international.
    """
    widgets = [root, *root.findChildren(QWidget)]
    open_to_all = [w for w in widgets if w.property("words") != "own"]
    return {
        text
        for widget in open_to_all
        for text in _texts(widget)
        if set(re.findall(r"[^\W\d_]\w+", _outside(text))) - _UNITS
    }

"""Gives Qt the words of one language, from its catalogue as it lies in the source."""

import logging
from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication, QLocale, QObject, Qt, QTranslator
from PyQt6.QtGui import QGuiApplication

from edge_app.languages.catalogue import ENGLISH, Catalogue
from edge_app.languages.choice import Tongue
from edge_app.ui.in_words import COUNTED, SENTENCE

_LOG = logging.getLogger(__name__)
# Arabic is written with Western digits in the Emirates and the Maghreb, with its own in Egypt.
_LOCALES = {
    ("ar", True): QLocale(QLocale.Language.Arabic, QLocale.Country.Egypt),
    ("ar", False): QLocale(QLocale.Language.Arabic, QLocale.Country.UnitedArabEmirates),
}


class Translator(QTranslator):
    """Answers Qt's questions from a catalogue; no compiled file is needed.

    What it cannot say stays English; each such text is noted once, by its length only, as it may
    hold a name.
    """

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue = catalogue
        self._missed: set[int] = set()

    def isEmpty(self) -> bool:
        """Return that there are words, or Qt would not ask."""
        return False

    def translate(  # type: ignore[override]  # Qt takes None for what is not known
        self,
        context: str | None,
        sourceText: str | None,  # noqa: N803  Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        """Return the text in the catalogue's language, or None: Qt then shows the source."""
        if not sourceText or self.catalogue.code == ENGLISH:
            return None
        if context == COUNTED and disambiguation:
            return self.catalogue.counted(sourceText, disambiguation, n)
        if context == SENTENCE:
            said = self.catalogue.sentence(sourceText)
        else:
            said = self.catalogue.text(sourceText)
        if said is None and not (context or "").startswith("Q"):  # what Qt says to itself
            self._note(sourceText)
        return said

    def _note(self, source: str) -> None:
        if hash(source) not in self._missed:
            self._missed.add(hash(source))
            words = "No words in %s for a text of %d letters; it is shown in English."
            _LOG.warning(words, self.catalogue.code, len(source))


class Speech:
    """The language that the whole application speaks.

    Attributes:
        tongue: That is spoken now.
    """

    def __init__(self, tongue: Tongue, keep: Callable[[Tongue], None]) -> None:
        """Speak `tongue` from now on.

        Args:
            tongue: The language, and the digits to write it with.
            keep: Takes what somebody chose, for the next start.
        """
        self._keep = keep
        self._translator: Translator | None = None
        self._speak(tongue)

    def change(self, tongue: Tongue) -> None:
        """Speak another language and keep the choice; widgets that stand keep their words."""
        self._speak(tongue)
        self._keep(tongue)

    def _speak(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.close()
        self._translator = Translator(tongue.catalogue, QCoreApplication.instance())
        QCoreApplication.installTranslator(self._translator)
        own = _LOCALES.get((tongue.code, tongue.has_own_digits))
        QLocale.setDefault(own or QLocale(tongue.code))
        is_mirrored = tongue.catalogue.is_right_to_left
        QGuiApplication.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft if is_mirrored else Qt.LayoutDirection.LeftToRight
        )

    def close(self) -> None:
        """Let Qt show the source again."""
        if self._translator:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None

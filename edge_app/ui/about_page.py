"""Version, whom this program may meet, what is open now, the detectors' cards, the licences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent, QTextDocument
from PyQt6.QtWidgets import QLabel, QPushButton

from edge_app.domain.about import DetectorCard, OpenSocket, Part, Peer
from edge_app.ports import About
from edge_app.ui import tokens as t
from edge_app.ui.card_page import give_room
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import in_words
from edge_app.ui.lanes import Lane, Runner
from edge_app.ui.page import Page, Primary, beside, label, own, scrolled, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.table_view import TableView
from edge_app.ui.tokens import Palette


@dataclass(frozen=True, slots=True)
class _Found:
    peers: Sequence[Peer]
    sockets: Sequence[OpenSocket] | None
    detectors: Sequence[DetectorCard]
    parts: Sequence[Part]


class AboutPage(Page):
    """One text, or the card of the detector that was touched."""

    left = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        about: About,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self._about, self._runner, self._on_error = about, runner, on_error
        self._found: _Found | None = None
        self.table = TableView(self.tr("About this program"))
        own(self.table)  # names, addresses and licences, which nobody translates
        self.again = self._fitting(self.tr("Whom it meets, and what is inside"), Icon.REPEAT)
        self.again.clicked.connect(self._ask)
        self.cards: list[QPushButton] = []
        panel, lines = side_panel()
        area, self._column = scrolled()
        self._column.addWidget(label(self.tr("About"), "title"))
        self._column.addWidget(self._version())
        self._column.addWidget(self.again)
        self._column.addSpacing(t.SPACE_4)
        self._column.addWidget(label(self.tr("Cards of the detectors"), "large"))
        self._column.addStretch(1)
        lines.addWidget(area)
        beside(self, self.table, panel)
        self.setFocusProxy(self.table)

    def _version(self) -> QLabel:
        made = label(f"edge-app {self._about.version}, GPL-3.0-or-later", "large")
        own(made)
        return made

    def _fitting(self, words: str, icon: Icon) -> FittingButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        return made

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Look at what is open now."""
        super().showEvent(a0)
        self._ask()

    def _ask(self) -> None:
        about = self._about
        self._runner.submit(
            Lane.MACHINE,
            lambda: _Found(about.peers(), about.sockets(), about.detectors(), about.parts()),
            self._show,
            self._on_error,
        )

    def _show(self, found: _Found) -> None:
        self._found = found
        self._offer_cards(found.detectors)
        self.table.begin()
        self.table.add(self.tr("Whom it meets"), *self._peers(found.peers))
        self.table.add(self.tr("Network sockets that are open now"), *self._sockets(found.sockets))
        heads = [self.tr("Detector"), self.tr("Version"), self.tr("Licence")]
        rows = [[in_words(d.title), d.version, d.licence] for d in found.detectors]
        self.table.add(self.tr("Detectors"), "", [heads, *rows])
        heads = [self.tr("Library"), self.tr("Version"), self.tr("Licence")]
        rows = [[p.name, p.version, p.licence or self.tr("Not said")] for p in found.parts]
        self.table.add(self.tr("What is inside, and its licences"), "", [heads, *rows])
        self.table.end()
        self.changed.emit()

    def _peers(self, peers: Sequence[Peer]) -> tuple[str, list[list[str]]]:
        if not peers:
            return self.tr("The site's files name nobody: this program contacts nobody."), []
        heads = [self.tr("Name"), self.tr("Address"), self.tr("Named in")]
        words = self.tr("The site's files name these. This program contacts nobody else.")
        return words, [heads, *([p.name, p.address, p.named_in] for p in peers)]

    def _sockets(self, found: Sequence[OpenSocket] | None) -> tuple[str, list[list[str]]]:
        if found is None:
            return self.tr("This system does not say which sockets are open."), []
        if not found:
            return self.tr("None: nothing listens, and nothing is connected."), []
        heads = [self.tr("Process"), self.tr("Protocol"), self.tr("Here"), self.tr("Connected to")]
        waits = self.tr("Waits for somebody")
        rows = [[s.process, s.protocol, s.here, s.peer or waits] for s in found]
        return "", [heads, *rows]

    def _offer_cards(self, detectors: Sequence[DetectorCard]) -> None:
        for button in self.cards:
            button.setParent(None)
            button.deleteLater()
        self.cards = []
        for detector in detectors:
            button = self._fitting(in_words(detector.title).partition(":")[0], Icon.DETECTOR)
            button.clicked.connect(partial(self._show_card, detector))
            self.cards.append(button)
            self._column.insertWidget(self._column.count() - 1, button)

    def _show_card(self, detector: DetectorCard) -> None:
        document = self.table.document()
        if document:
            no_html = QTextDocument.MarkdownFeature.MarkdownNoHTML
            github = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
            # A package may come from anybody: a picture that its card names is not loaded.
            document.setMarkdown(detector.card.replace("![", "["), github | no_html)
            give_room(document, self.table.fontInfo().pixelSize())
        self.table.end()

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Do nothing: it looks by itself when it is shown."""

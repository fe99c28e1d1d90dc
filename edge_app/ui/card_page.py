"""What the detector is, how good it is, and what nobody knows: its card, as its package says it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import (
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextTable,
)
from PyQt6.QtWidgets import QTextBrowser

from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import in_words
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette


class CardPage(Page):
    """The card beside what the detector does on this machine now."""

    left = pyqtSignal()

    def __init__(self, flow: StudyFlow, palette: Palette, letters_px: int) -> None:
        super().__init__(flow, palette)
        self._letters_px = letters_px
        self.card = QTextBrowser()
        self.card.setOpenLinks(False)
        self.card.setObjectName("reading")
        self.card.setAccessibleName(self.tr("The detector's card"))
        self.title = label("", "title")
        self.now = label("", "large")
        self.use = label()
        self.must_not = label()
        panel, lines = side_panel()
        for widget in (
            self.title,
            self.now,
            label(self.tr("Meant for"), "muted"),
            self.use,
            label(self.tr("Not for"), "muted"),
            self.must_not,
        ):
            lines.addWidget(widget)
        lines.addStretch(1)
        beside(self, self.card, panel)
        self.setFocusProxy(self.card)
        self._fill()

    def _fill(self) -> None:
        detector = self.flow.parts.detector
        if detector is None:
            return
        said = detector.manifest
        self.title.setText(f"{in_words(said.title)}, {said.shown_version}")
        self.use.setText(in_words(said.intended_use))
        self.must_not.setText(in_words(said.must_not))
        document = self.card.document()
        if document:
            document.setDocumentMargin(t.SPACE_6)
            no_html = QTextDocument.MarkdownFeature.MarkdownNoHTML
            github = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
            # A package may come from anybody: a picture that its card names is not loaded.
            document.setMarkdown(self.flow.parts.card.replace("![", "["), github | no_html)
            give_room(document, self._letters_px)

    def say(self, now: str) -> None:
        """Say where the detector runs, and show the card from its beginning."""
        self.now.setText(now)
        self.card.moveCursor(QTextCursor.MoveOperation.Start)

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Do nothing: a card does not change while it is shown."""


def give_room(document: QTextDocument, letters_px: int) -> None:
    """Set headings and tables as a page in a book has them; Markdown says nothing of distances."""
    block = document.firstBlock()
    while block.isValid():
        if block.blockFormat().headingLevel():
            _set_apart(block)
        _enlarge_code(block, letters_px)
        block = block.next()
    root = document.rootFrame()
    for frame in root.childFrames() if root else ():
        _pad(frame)


def _set_apart(block: QTextBlock) -> None:
    shape = block.blockFormat()
    shape.setTopMargin(t.SPACE_6)
    shape.setBottomMargin(t.SPACE_2)
    QTextCursor(block).setBlockFormat(shape)


def _enlarge_code(block: QTextBlock, letters_px: int) -> None:
    """Give names in typewriter letters the size of the text; Markdown gives them the system's."""
    size = QTextCharFormat()
    size.setProperty(int(QTextFormat.Property.FontPixelSize), letters_px)
    cursor = QTextCursor(block)
    for part in block.textFormats():
        if part.format.fontFixedPitch():
            cursor.setPosition(block.position() + part.start)
            end = block.position() + part.start + part.length
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(size)


def _pad(frame: QTextFrame | None) -> None:
    if isinstance(frame, QTextTable):
        shape = frame.format()
        shape.setCellPadding(t.SPACE_2)
        shape.setCellSpacing(0)
        frame.setFormat(shape)

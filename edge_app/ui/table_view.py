"""Tables that are read and scrolled, by touch and by keys; nothing in them is a link."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextLength,
    QTextTableFormat,
)
from PyQt6.QtWidgets import QTextBrowser

from edge_app.ui import tokens as t
from edge_app.ui.words import isolated


class TableView(QTextBrowser):
    """Shows parts one under another, each a title, a line of words and a table."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("reading")
        self.setOpenLinks(False)
        self.setAccessibleName(name)

    def begin(self) -> None:
        """Empty it."""
        self.clear()
        document = self.document()
        if document:
            document.setDocumentMargin(t.SPACE_6)

    def add(self, title: str, words: str = "", rows: Sequence[Sequence[str]] = ()) -> None:
        """Add one part; the first row is the head."""
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if title:
            apart = QTextBlockFormat()
            apart.setTopMargin(t.SPACE_4)
            cursor.setBlockFormat(apart)
            cursor.insertText(title, self._letters(t.TITLE_PX, is_bold=True))
            cursor.insertBlock(QTextBlockFormat())
        if words:
            cursor.insertText(words, self._letters(t.BODY_PX))
            cursor.insertBlock()
        if rows:
            self._add_table(cursor, rows)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertBlock()

    def _add_table(self, cursor: QTextCursor, rows: Sequence[Sequence[str]]) -> None:
        shape = QTextTableFormat()
        shape.setCellPadding(t.SPACE_2)
        shape.setCellSpacing(0)
        shape.setBorder(0)
        shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        shape.setHeaderRowCount(1)
        begins = QTextBlockFormat()
        begins.setLayoutDirection(self.layoutDirection())  # of a path and a number too
        table = cursor.insertTable(len(rows), len(rows[0]), shape)
        if table is None:
            return
        for y, row in enumerate(self._mirrored(rows)):
            letters = self._letters(t.BODY_PX, is_bold=y == 0)
            for x, words in enumerate(row):
                cell = table.cellAt(y, x).firstCursorPosition()
                cell.setBlockFormat(begins)
                cell.insertText(words, letters)

    def _mirrored(self, rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
        """Return the rows as they are laid from left to right, which Qt mirrors in no table.

        Paths, English and figures among words from right to left keep their own order.
        """
        if self.layoutDirection() is not Qt.LayoutDirection.RightToLeft:
            return rows
        return [[isolated(words) for words in reversed(row)] for row in rows]

    def end(self) -> None:
        """Show it from its beginning."""
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _letters(self, height_px: int, *, is_bold: bool = False) -> QTextCharFormat:
        letters = QTextCharFormat()
        font = QFont(self.font())
        scale = self.font().pixelSize() / t.BODY_PX if self.font().pixelSize() > 0 else 1.0
        font.setPixelSize(round(height_px * scale))
        font.setBold(is_bold)
        letters.setFont(font)
        return letters

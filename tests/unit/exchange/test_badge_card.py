"""A printed badge can be read by a scanner, and says in letters only whose it is."""

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage
from PyQt6.QtPdf import QPdfDocument
from PyQt6.QtWidgets import QApplication

from edge_app.exchange.badge_card import badge_card
from edge_app.storage.badges import new_badge_text


@pytest.fixture(scope="module", autouse=True)
def application():
    return QApplication.instance() or QApplication([])


def printed(folder, name: str, text: str) -> tuple[str, np.ndarray]:
    """Return the letters of the page, and the page as a printer with 200 dots an inch shows it."""
    path = folder / "badge.pdf"
    path.write_bytes(badge_card(name, text))
    document = QPdfDocument(None)
    assert document.load(str(path)) is QPdfDocument.Error.None_
    assert document.pageCount() == 1
    letters = document.getAllText(0).text()
    drawn = document.render(0, QSize(1654, 2339)).convertToFormat(QImage.Format.Format_RGBA8888)
    document.close()
    whole = np.frombuffer(drawn.constBits().asarray(drawn.sizeInBytes()), np.uint8)
    pixels = whole.reshape(drawn.height(), drawn.bytesPerLine() // 4, 4).astype(int)
    grey = 255 - (255 - pixels[..., 0]) * pixels[..., 3] // 255
    return letters.strip(), grey.astype(np.uint8)


def read(picture: np.ndarray) -> str:
    return cv2.QRCodeDetectorAruco().detectAndDecode(picture[:500, :1000])[0]


@pytest.mark.parametrize("name", ["Amina Hassan", "A" * 60])
def test_a_scanner_reads_the_text_and_a_person_the_name(tmp_path, name):
    text = new_badge_text(name)

    letters, picture = printed(tmp_path, name, text)

    assert read(picture) == text
    assert letters == name


def test_the_file_says_the_text_nowhere_in_letters(tmp_path):
    text = new_badge_text("Amina")
    content = badge_card("Amina", text)

    assert text.encode() not in content
    assert text not in printed(tmp_path, "Amina", text)[0]

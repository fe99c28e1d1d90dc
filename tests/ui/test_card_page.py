"""The detector's card is a touch away, says what its package says, and loads nothing from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from edge_app.inference.package import card_of
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.look import Look
from edge_app.ui.parts import KioskParts
from edge_app.ui.tokens import HIGH_CONTRAST
from tests.fakes import FakeClock, FakeDetector, FakeOutbox, FakeScanner, FakeStore
from tests.smears import PACKAGE

SHOWN = """# A card

| label | sensitivity |
|---|---|
| polyp | 0.88 |

![seen](%s) <b>bold</b> [more](https://example.invalid/)
"""


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator:
    """Return what opens a window whose detector has that card."""

    def opens(card: str, detector: FakeDetector | None = None) -> KioskWindow:
        clock = FakeClock()
        parts = KioskParts(
            [FakeScanner(clock)], detector, "CPU, int8", FakeStore(), FakeOutbox(), clock,
            card=card,
        )  # fmt: skip
        window = KioskWindow(parts)
        qtbot.addWidget(window)
        window.show()
        return window

    return opens


def test_a_touch_on_the_detector_shows_its_card_and_one_more_leads_back(opened) -> None:
    window = opened(card_of(PACKAGE), FakeDetector([]))
    before = window.stack.currentWidget()
    window.header.detector.click()

    assert window.stack.currentWidget() is window.card_page
    assert "How good it is" in window.card_page.card.toPlainText()
    assert "What nobody knows" in window.card_page.card.toPlainText()
    assert "CPU, int8" in window.card_page.now.text()
    assert window.card_page.card.verticalScrollBar().value() == 0
    window.footer.primary.click()
    assert window.stack.currentWidget() is before


def test_a_card_from_anybody_shows_its_words_and_loads_nothing(opened, tmp_path, qtbot) -> None:
    picture = tmp_path / "seen.png"
    tiny = QWidget()
    qtbot.addWidget(tiny)
    tiny.grab().save(str(picture))
    window = opened(SHOWN % picture.as_uri(), FakeDetector([]))
    window.header.detector.click()
    card = window.card_page.card

    assert "sensitivity" in card.toPlainText()
    assert "<b>bold</b>" in card.toPlainText()
    assert "<img" not in card.toHtml()
    assert not card.openLinks()


def test_without_a_detector_the_touch_says_what_that_means(opened) -> None:
    window = opened("")
    window.header.detector.click()

    assert window.sheet.isVisible()
    assert "No detector could be loaded." in window.sheet.what.text()


def test_another_contrast_leads_back_to_the_work(opened) -> None:
    window = opened(card_of(PACKAGE), FakeDetector([]))
    window.header.detector.click()
    window.build(Look(HIGH_CONTRAST))

    assert window.stack.currentWidget() is window.patient_page


def test_a_card_that_is_a_link_or_too_large_is_none(tmp_path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "card.md").symlink_to(PACKAGE / "card.md")
    (tmp_path / "b" / "card.md").write_bytes(b"x" * 300_000)

    assert card_of(tmp_path / "a") == card_of(tmp_path / "b") == card_of(tmp_path) == ""

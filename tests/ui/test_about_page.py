"""The page that says whom the program meets, what is open, and what is inside."""

import pytest

from edge_app.domain.about import DetectorCard, OpenSocket, Part, Peer
from edge_app.ui.about_page import AboutPage
from tests.ui.window_bench import WindowBench


class FakeAbout:
    """Says what it is told to."""

    version = "9.9"

    def __init__(self) -> None:
        self.met: list[Peer] = []
        self.open: list[OpenSocket] | None = []

    def parts(self) -> list[Part]:
        return [Part("numpy", "2.0", "BSD-3-Clause"), Part("unsaid", "1", "")]

    def detectors(self) -> list[DetectorCard]:
        return [DetectorCard("Blood cells", "1.0", "MIT", "# Card\n\n![x](http://a/b.png)\n")]

    def peers(self) -> list[Peer]:
        return self.met

    def sockets(self) -> list[OpenSocket] | None:
        return self.open


@pytest.fixture
def about() -> FakeAbout:
    return FakeAbout()


def shown(bench: WindowBench) -> AboutPage:
    page = bench.window.behind_more.about
    assert page is not None
    bench.window._step_aside(page)
    bench.until(lambda: page.cards)
    return page


def test_a_program_that_meets_nobody_says_so(bench, about) -> None:
    said = shown(bench).table.toPlainText()

    assert "this program contacts nobody." in said
    assert "nothing listens" in said
    assert "numpy" in said
    assert "BSD-3-Clause" in said
    assert "Not said" in said


def test_whom_it_meets_and_what_is_open_is_told(bench, about) -> None:
    about.met = [Peer("Office", "ipp://10.0.0.9/x", "printers.toml")]
    about.open = [OpenSocket("edge-app", "tcp", "0.0.0.0:11112", "")]

    said = shown(bench).table.toPlainText()

    for words in ("ipp://10.0.0.9/x", "printers.toml", "0.0.0.0:11112", "Waits for somebody"):
        assert words in said


def test_a_system_that_does_not_tell_its_sockets_is_not_called_closed(bench, about) -> None:
    about.open = None

    said = shown(bench).table.toPlainText()

    assert "does not say" in said
    assert "nothing listens" not in said


def test_a_detectors_card_is_shown_and_no_picture_of_it_is_loaded(bench, about) -> None:
    page = shown(bench)

    page.cards[0].click()

    assert "Card" in page.table.toPlainText()
    assert "<img" not in page.table.toHtml()

"""Every text of every page comes from the catalogue."""

import pytest
from PyQt6.QtWidgets import QLabel

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.geometry import Box
from edge_app.domain.study import Called, Verdict
from edge_app.ui.entrance import EntranceWindow
from edge_app.ui.reading_view import Tool
from edge_app.ui.study_flow import Step
from edge_app.ui.ways import Way
from tests.fakes import FakeDetector
from tests.ui.test_about_page import FakeAbout
from tests.ui.test_entrance import KEY, FakeDoor
from tests.ui.test_figures_page import FakeFigures
from tests.ui.test_service_page import FakeCommissioning
from tests.ui.tongues import bracketed, in_english, spoken, untranslated
from tests.ui.window_bench import is_reported

OF_FAKES = ("Blood cells", "Counting cells in training.", "Diagnosis.")


@pytest.fixture(autouse=True)
def brackets():
    with spoken(bracketed(*OF_FAKES)):
        yield


def test_every_text_on_the_way_of_a_study_comes_from_the_catalogue(brackets, bench):
    window, found = bench.window, {}

    def look(page):
        found[page] = untranslated(window)

    look("patient")
    bench.to_capture()
    look("capture")
    window.capture_page.live_panel.switch.setChecked(True)
    bench.until(window.capture_page.live_panel.words.text)
    look("live marks")
    window.footer.primary.click()
    bench.until(lambda: window.flow.step is Step.REVIEW)
    look("review")
    window.flow.go(Step.SIGN)
    look("before signing")
    window.flow.judge(range(len(window.flow.study.findings)), Verdict.ACCEPTED)
    window.sign_page.signer.setText("B. Signer")
    bench.until(window.footer.primary.isEnabled)
    window.footer.primary.click()
    bench.until(lambda: is_reported(window))
    look("signed")

    assert {page: texts for page, texts in found.items() if texts} == {}


def test_every_text_of_the_tools_of_a_picture_comes_from_the_catalogue(brackets, bench):
    bench.to_review()
    window, page, found = bench.window, bench.window.findings_page, {}
    box, label = Box(30, 30, 40, 40), Called("platelet")
    window.flow.reviewing.draw(window.flow.image_id, box, label)
    bench.until(lambda: window.flow.is_settled)
    page.select(0)
    found["drawn"] = untranslated(window)
    page.side.rename(page.rows[0])
    found["another label"] = untranslated(window)
    for tool in (Tool.BOX, Tool.LENGTH, Tool.LEVELS, Tool.EARLIER):
        page.side.use(tool)
        page.view.points = [(2.0, 2.0), (9.0, 9.0)]
        page.view.moved.emit()
        bench.until(lambda: page.bench.earlier.said.text() != "[Looking]")
        found[tool] = untranslated(window)
    page.side.leave()
    page.side.use(Tool.CINE)
    found["playing"] = untranslated(window)
    window.flow.go(Step.SIGN)
    found["before signing"] = untranslated(window)

    assert {page: texts for page, texts in found.items() if texts} == {}


def test_every_text_beside_the_way_comes_from_the_catalogue(brackets, bench):
    window, found = bench.window, {}
    for page in (
        window.devices_page,
        window.card_page,
        window.calibration_page,
        window.leaving_page,
    ):
        window._step_aside(page)
        found[type(page).__name__] = untranslated(window)
    window.show_error(ScannerUnavailableError("The device is not there.", "Ask the administrator."))
    found["error"] = untranslated(window)
    window.show_error(ValueError("of nobody"))
    found["bug"] = untranslated(window)

    assert {page: texts for page, texts in found.items() if texts} == {}


class TestBehindMore:
    """Whoever may use all of it."""

    @pytest.fixture
    def commissioning(self):
        return FakeCommissioning()

    @pytest.fixture
    def about(self):
        return FakeAbout()

    @pytest.fixture
    def figures(self):
        return FakeFigures()

    @pytest.fixture
    def shown_settings(self):
        return list

    def test_every_text_behind_more_comes_from_the_catalogue(self, bench):
        window, found = bench.window, {}
        pages = window.behind_more.pages
        assert len(pages) == 6
        for page in pages:
            window._step_aside(page)
            bench.qtbot.wait(50)
            found[type(page).__name__] = untranslated(window)

        assert {page: texts for page, texts in found.items() if texts} == {}


@pytest.mark.parametrize("detector", [None])
def test_without_a_detector_every_text_comes_from_the_catalogue(brackets, bench):
    bench.to_review()

    assert untranslated(bench.window) == set()


@pytest.mark.parametrize("detector", [FakeDetector([])], ids=["nothing found"])
def test_where_nothing_is_found_every_text_comes_from_the_catalogue(brackets, bench):
    bench.to_review()

    assert untranslated(bench.window) == set()


@pytest.mark.parametrize("way", Way)
def test_every_text_of_every_way_in_comes_from_the_catalogue(brackets, qtbot, bench, way):
    entrance = EntranceWindow(FakeDoor("Amina", "Baraka"), bench.window.runner, in_english())
    qtbot.addWidget(entrance)
    entrance._key, entrance.name_chosen = KEY, "Amina"
    entrance._show(way)
    entrance.say(ScannerUnavailableError("The device is not there.", "Ask the administrator."))

    assert untranslated(entrance) == set()


def test_a_planted_text_is_found_and_a_marked_name_is_not(brackets, bench):
    window = bench.window
    planted = QLabel("Hello there", window.patient_page)
    name = QLabel("Amina", window.patient_page)
    name.setProperty("words", "own")

    assert untranslated(window) == {"Hello there"}
    planted.setText("[Hello] there")

    assert untranslated(window) == {"[Hello] there"}

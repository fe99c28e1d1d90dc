"""The technician's page: what was found, what is being done, and a report on a stick."""

import threading

import pytest

from edge_app.domain.commissioning import (
    DoctorCheck,
    Examination,
    Found,
    Level,
    Medium,
    Speed,
    Tried,
)
from edge_app.ui.service_page import ServicePage
from tests.ui.window_bench import WindowBench

FOUND = Examination(
    (
        DoctorCheck("disk", ok=True, level=Level.OK, found="12.0 GB free"),
        DoctorCheck("keys", ok=False, level=Level.FAULT, found="gone", remedy="Restore them."),
    ),
    (
        Tried("cells", "int8", "CPU, optimisation all", Found.USED, "", 11.5),
        Tried("cells", "fp32", "CPU, optimisation all", Found.AGREES, "", 21.5),
        Tried("cells", "int8", "CUDA, optimisation all", Found.REFUSED, "scores differ"),
    ),
)
STICK, OWN = Medium("/media/u/STICK", "STICK", 4 * 10**9), Medium("/data", "", 10**9)


class FakeCommissioning:
    """Answers at once, or when `finishing` lets it; `stop` lets it go too."""

    def __init__(self) -> None:
        self.finishing = threading.Event()
        self.finishing.set()
        self.is_stopped = False
        self.examined = 0
        self.written: list[Medium] = []

    def examine(self) -> Examination:
        self.examined += 1
        self.finishing.wait(timeout=10)
        return FOUND

    def measure(self, told) -> list[Speed]:
        told("1/2 int8")
        self.finishing.wait(timeout=10)
        return [Speed("cells", "int8", "cpu", 10.0, 11.5, 900.0, 210.0)]

    def stop(self) -> None:
        self.is_stopped = True
        self.finishing.set()

    def lines(self) -> list[str]:
        return ["2026-11-27 14:00:00 WARNING edge_app.ui: told DEV-001 (ScannerGoneError)"]

    def media(self) -> list[Medium]:
        return [STICK, OWN]

    def write(self, _examination, _speeds, medium) -> list[str]:
        self.written.append(medium)
        return [f"{medium.folder}/commissioning-1.pdf", f"{medium.folder}/commissioning-1.json"]


@pytest.fixture
def commissioning() -> FakeCommissioning:
    return FakeCommissioning()


@pytest.fixture
def page(bench: WindowBench) -> ServicePage:
    """The page, once the machine was examined."""
    window = bench.window
    window.patient_page.more.click()
    bench.qtbot.wait(1)
    service = window.behind_more.service
    assert service is not None
    window._step_aside(service)
    bench.until(lambda: service.inspection.examination and service.media)
    return service


def text(page: ServicePage) -> str:
    return page.table.toPlainText()


def test_the_page_says_what_is_wrong_first_and_why_each_way_is_used_or_not(page) -> None:
    said = text(page)

    assert said.index("keys") < said.index("disk")
    assert "Restore them." in said
    for words in ("The fastest that agrees", "Another that agrees is faster", "scores differ"):
        assert words in said
    assert "told DEV-001" in said
    assert page.state.text() == "Faults: 1"


def test_measuring_says_its_step_and_shows_its_figures_when_it_is_done(
    bench: WindowBench, page: ServicePage, commissioning: FakeCommissioning
) -> None:
    commissioning.finishing.clear()
    page.measure.click()
    bench.until(lambda: "1/2 int8" in page.state.text())
    assert page.stop.isVisible()
    assert not page.examine.isEnabled()
    assert not any(button.isEnabled() for button in page.media)

    commissioning.finishing.set()

    bench.until(lambda: "Whole reading, ms" in text(page))
    assert "210.0" in text(page)
    assert not page.stop.isVisible()


def test_a_measuring_that_was_stopped_shows_no_figures(
    bench: WindowBench, page: ServicePage, commissioning: FakeCommissioning
) -> None:
    commissioning.finishing.clear()
    page.measure.click()
    bench.until(page.stop.isVisible)

    page.stop.click()

    bench.until(lambda: page.state.text() == "Stopped.")
    assert commissioning.is_stopped
    assert "Whole reading, ms" not in text(page)


def test_the_report_goes_to_the_medium_that_was_touched(
    bench: WindowBench, page: ServicePage, commissioning: FakeCommissioning
) -> None:
    assert [button.text() for button in page.media] == [
        "STICK: 4.0 GB free",
        "This machine's own folder: 1.0 GB free",
    ]

    page.media[0].click()

    bench.until(lambda: "commissioning-1.json" in page.said.text())
    assert commissioning.written == [STICK]


def test_testing_the_detector_by_hand_brings_a_new_examination(
    bench: WindowBench, page: ServicePage, commissioning: FakeCommissioning, selftest
) -> None:
    before = commissioning.examined
    selftest.finishing.clear()
    page.test.click()
    assert page.state.text() == "The detector is being tested on this machine."
    assert not page.test.isEnabled()

    selftest.finishing.set()

    bench.until(lambda: commissioning.examined == before + 1)
    assert selftest.taken_up == 1


def test_what_was_found_stands_there_after_the_window_was_locked(bench, page) -> None:
    bench.window.lock()
    bench.window.unlock()
    service = bench.window.behind_more.service
    assert service is not None
    bench.window._step_aside(service)

    assert "Restore them." in text(service)


class TestWithoutTheRight:
    @pytest.fixture
    def commissioning(self) -> None:
        return None

    def test_somebody_who_is_no_technician_is_led_to_no_service_page(
        self, bench: WindowBench
    ) -> None:
        bench.window.patient_page.more.click()

        assert bench.window.behind_more.service is None
        assert bench.window.page is bench.window.behind_more.more

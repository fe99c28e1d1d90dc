"""The window that each test gets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from edge_app.domain.setting import Setting
from edge_app.ports import About
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.parts import KioskParts
from edge_app.workflow.commission import Commissioning
from edge_app.workflow.figures import Figures
from tests.fakes import (
    FakeClock,
    FakeDetector,
    FakeOutbox,
    FakePreparation,
    FakeScanner,
    FakeSelftest,
    FakeStore,
)
from tests.ui.window_bench import WindowBench


@pytest.fixture
def detector() -> FakeDetector | None:
    return FakeDetector()


@pytest.fixture
def selftest() -> FakeSelftest:
    return FakeSelftest()


@pytest.fixture
def preparation() -> FakePreparation | None:
    """What the detector is waited for by; none in most tests."""
    return None


@pytest.fixture
def who() -> str:
    """The account that is in; none in most tests."""
    return ""


@pytest.fixture
def printers() -> tuple[str, ...]:
    """The site's printers; none in most tests."""
    return ()


@pytest.fixture
def commissioning() -> Commissioning | None:
    """What a technician does; most tests are no technician's."""
    return None


@dataclass(frozen=True)
class Whoever:
    """Who is in, and what they have besides the study."""

    who: str
    printers: tuple[str, ...]
    commissioning: Commissioning | None
    about: About | None
    figures: Figures | None
    settings: Callable[[], Sequence[Setting]] | None


@pytest.fixture
def shown_settings() -> Callable[[], Sequence[Setting]] | None:
    """What reads what is set; nothing in most tests."""
    return None


@pytest.fixture
def figures() -> Figures | None:
    """How the work went; nothing in most tests."""
    return None


@pytest.fixture
def about() -> About | None:
    """What is said of the program; nothing in most tests."""
    return None


@pytest.fixture
def whoever(
    who: str,
    printers: tuple[str, ...],
    commissioning: Commissioning | None,
    about: About | None,
    figures: Figures | None,
    shown_settings: Callable[[], Sequence[Setting]] | None,
) -> Whoever:
    return Whoever(who, printers, commissioning, about, figures, shown_settings)


@pytest.fixture
def bench(
    qtbot: QtBot,
    detector: FakeDetector | None,
    selftest: FakeSelftest,
    preparation: FakePreparation | None,
    whoever: Whoever,
) -> Iterator[WindowBench]:
    clock, store = FakeClock(), FakeStore()
    outbox = FakeOutbox(store)
    scanner = FakeScanner(clock, moves=True)
    parts = KioskParts(
        [scanner],
        detector,
        "CPU, int8",
        store,
        outbox,
        clock,
        analysis=detector,
        preparation=preparation,
        selftest=selftest,
        held=lambda: frozenset(store.held),
        who=whoever.who,
        printers=whoever.printers,
        commissioning=whoever.commissioning,
        about=whoever.about,
        figures=whoever.figures,
        settings=whoever.settings,
    )
    window = KioskWindow(parts)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield WindowBench(window, qtbot, clock, scanner, detector, store, outbox)
    scanner.flowing.set()
    store.acknowledging.set()
    if detector:
        detector.answering.set()
    selftest.finishing.set()
    if preparation:
        preparation.finishing.set()
    window.close()

"""Ten thousand senseless touches and keys: nothing breaks, opens, gets in, or is kept twice.

Short in the usual run; `EDGE_APP_MONKEY=10000` is the long form, and EDGE_APP_MONKEY_SEED another
way through it.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import (
    QContextMenuEvent,
    QEventPoint,
    QInputDevice,
    QKeyEvent,
    QKeySequence,
    QPointingDevice,
    QShortcut,
    QTouchEvent,
    QWheelEvent,
    QWindow,
)
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget

from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Verdict
from edge_app.ui.entrance import EntranceWindow
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.key_guard import KeyGuard
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.study_flow import Activity, Step
from edge_app.ui.ways import Way
from tests.ui.every_page import a_bench, end, every_page, settle
from tests.ui.test_entrance import FakeDoor
from tests.ui.tongues import in_english
from tests.ui.window_bench import WindowBench

N_EVENTS = int(os.environ.get("EDGE_APP_MONKEY", "500"))
SEED = int(os.environ.get("EDGE_APP_MONKEY_SEED", "7"))
OURS = (KioskWindow, EntranceWindow)
LETTERS = [chr(letter) for letter in range(0x20, 0x7F)]
NAMES = ("Return", "Tab", "Backtab", "Escape", "Backspace", "Delete", "Left", "Right", "Up", "Down")
KEYS = [
    *(Qt.Key[f"Key_{name}"] for name in (*NAMES, "Home", "End", "PageUp", "PageDown", "Space")),
    *(Qt.Key(Qt.Key.Key_F1.value + n) for n in range(12)),
    Qt.Key.Key_Menu,
    Qt.Key.Key_Super_L,
    Qt.Key.Key_Print,
]
CTRL, ALT, SHIFT, META = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.MetaModifier,
)
HELD = (CTRL, ALT, META, CTRL | ALT, CTRL | SHIFT, ALT | SHIFT)
NAMED_CHORDS = [
    (Qt.Key.Key_F4, ALT),
    (Qt.Key.Key_Tab, ALT),
    (Qt.Key.Key_Space, ALT),
    (Qt.Key.Key_F1, CTRL | ALT),
    (Qt.Key.Key_Delete, CTRL | ALT),
    (Qt.Key.Key_Backspace, CTRL | ALT),
    (Qt.Key.Key_Insert, SHIFT),
    (Qt.Key.Key_F10, SHIFT),
    (Qt.Key.Key_Escape, CTRL | SHIFT),
    *((Qt.Key(Qt.Key.Key_F1.value + n), Qt.KeyboardModifier.NoModifier) for n in range(12)),
    *((key, Qt.KeyboardModifier.NoModifier) for key in (Qt.Key.Key_Menu, Qt.Key.Key_Super_L)),
]
LETTER_CHORDS = [(Qt.Key(Qt.Key.Key_A.value + n), held) for held in HELD for n in range(26)]
SCREEN = QPointingDevice(
    "screen", 1, QInputDevice.DeviceType.TouchScreen, QPointingDevice.PointerType.Finger,
    QInputDevice.Capability.Position, 1, 0,
)  # fmt: skip
CHORDS = [
    *NAMED_CHORDS,
    *LETTER_CHORDS,
    *((Qt.Key(Qt.Key.Key_F1.value + n), held) for held in (CTRL, CTRL | ALT) for n in range(12)),
]


def luck() -> random.Random:
    """Return the same chances each time."""
    return random.Random(SEED)  # noqa: S311


@pytest.fixture
def errors():
    """Return what nobody expected, as it comes."""
    hooks, caught = ExceptionHooks(), []
    hooks.caught.connect(caught.append)
    hooks.install()
    yield caught
    hooks.remove()


@pytest.fixture
def bench(qtbot, tmp_path):
    made = a_bench(qtbot, tmp_path)
    guard = KeyGuard(made.window)
    yield made
    del guard
    end(made)


def foreign_windows() -> set[str]:
    """Return what stands on the screen beside the program's own windows and their lists."""
    seen = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    return {
        type(w).__name__
        for w in seen
        if not isinstance(w, OURS) and not isinstance(w.window().parentWidget(), QWidget)
    }


def children() -> set[str]:
    """Return the processes that this one has started and that live."""
    tasks = Path("/proc/self/task")
    return {pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()}


class Monkey:
    """Sends events to a window as its screen, its mouse and its keyboard would."""

    def __init__(self, window: QWidget, chance: random.Random) -> None:
        self._window, self._chance = window, chance
        self.did = Counter()

    @property
    def _handle(self) -> QWindow:
        return self._window.windowHandle()

    def somewhere(self) -> QPoint:
        """Return a place; at every other time it is one that reacts."""
        controls = [w for w in self._window.findChildren(QWidget) if _reacts(w)]
        if controls and self._chance.random() < 0.5:
            chosen = self._chance.choice(controls)
            return chosen.mapTo(self._window, chosen.visibleRegion().boundingRect().center())
        across, down = self._window.width() - 1, self._window.height() - 1
        return QPoint(self._chance.randint(0, across), self._chance.randint(0, down))

    def act(self) -> None:
        """Do one thing."""
        acts = (self._tap, self._tap, self._click, self._key, self._type, self._wheel, self._drag)
        act = self._chance.choice(acts)
        self.did[act.__name__] += 1
        act()

    def _tap(self) -> None:
        at = self.somewhere()
        begins, ends = QEvent.Type.TouchBegin, QEvent.Type.TouchEnd
        left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        self._finger(begins, QEventPoint.State.Pressed, at)
        QTest.mousePress(self._handle, left, plain, at)  # as Qt does for whoever takes no touch
        self._finger(ends, QEventPoint.State.Released, at)
        QTest.mouseRelease(self._handle, left, plain, at)

    def _finger(self, kind: QEvent.Type, state: QEventPoint.State, at: QPoint) -> None:
        place, on_screen = QPointF(at), QPointF(self._window.mapToGlobal(at))
        point = QEventPoint(0, state, place, on_screen)
        plain = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(self._handle, QTouchEvent(kind, SCREEN, plain, [point]))

    def _click(self) -> None:
        buttons = (
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.RightButton,
            Qt.MouseButton.MiddleButton,
        )
        click = self._chance.choice((QTest.mouseClick, QTest.mouseDClick))
        held = Qt.KeyboardModifier.NoModifier
        click(self._handle, self._chance.choice(buttons), held, self.somewhere())

    def _key(self) -> None:
        self.press(self._chance.choice(KEYS), self._chance.choice((Qt.KeyboardModifier(0), SHIFT)))

    def _type(self) -> None:
        QTest.keyClick(self._handle, self._chance.choice(LETTERS))

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
        QTest.keyClick(self._handle, key, held)

    def _wheel(self) -> None:
        at = QPointF(self.somewhere())
        turned = QPoint(0, self._chance.choice((-240, -120, 120, 240)))
        wheel = QWheelEvent(
            at, QPointF(self._window.mapToGlobal(at.toPoint())), turned, turned,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003
        )  # fmt: skip
        QApplication.sendEvent(self._handle, wheel)

    def _drag(self) -> None:
        left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self._handle, left, plain, self.somewhere())
        for _ in range(3):
            QTest.mouseMove(self._handle, self.somewhere())
        QTest.mouseRelease(self._handle, left, plain, self.somewhere())


def _reacts(widget: QWidget) -> bool:
    can_be_touched = widget.isEnabled() and bool(widget.focusPolicy())
    return widget.isVisible() and can_be_touched and not widget.visibleRegion().isEmpty()


ASIDES = (
    "studies_page", "devices_page", "card_page", "look_page", "calibration_page", "history_page",
    "leaving_page",
)  # fmt: skip


class Keeper:
    """Brings the window back to a page from wherever the monkey went."""

    def __init__(self, bench: WindowBench) -> None:
        self._bench, self._window, self._n = bench, bench.window, 0

    def bring(self, place: str | Step) -> None:
        """Show an aside, or the page of a step."""
        window = self._window
        if window._is_locked:
            window.unlock()
        while window.sheet.waiting:
            window.sheet.next()
        self._bench.until(lambda: window.flow.activity is Activity.NONE)
        if isinstance(place, str):
            window._step_aside(getattr(window, place))
            return
        window._come_back()
        self._to(place)

    def _to(self, step: Step) -> None:
        flow = self._window.flow
        if step is Step.PATIENT or flow.study is None or flow.is_signed:
            flow.next_patient()
        if step is not Step.PATIENT and flow.study is None:
            self._n += 1
            flow.begin(PatientRef(f"M-{self._n}", "Monkey"))
            self._bench.until(lambda: flow.study is not None and flow.activity is Activity.NONE)
        if step in (Step.REVIEW, Step.SIGN) and not flow.image_id:
            flow.go(Step.CAPTURE)
            self._bench.until(self._window.feed.picture)
            self._bench.until(self._window.footer.primary.isEnabled)
            self._window.page.act()
            self._bench.until(lambda: flow.image_id and flow.activity is Activity.NONE)
        flow.go(step)


def is_there(window: KioskWindow, place: str | Step) -> bool:
    if window._is_locked:
        return False
    wanted = getattr(window, place) if isinstance(place, str) else window.pages[place]
    return window.page is wanted


def test_senseless_touches_and_keys_on_every_page_break_and_open_nothing(bench, errors):
    window, chance, before = bench.window, luck(), children()
    monkey, keeper, did = Monkey(window, chance), Keeper(bench), Counter()
    places = [step for step in Step if step is not Step.READ] + list(ASIDES)
    signatures = []
    window.flow.outbox.watch, watch = signatures.append, window.flow.outbox.watch
    for place in places:
        for _ in range(N_EVENTS // len(places) + 1):
            if not is_there(window, place):
                keeper.bring(place)
            monkey.act()
            did[place] += 1
            QApplication.processEvents()
            assert foreign_windows() == set()
        settle()
    window.flow.outbox.watch = watch

    assert errors == []
    assert did.total() >= N_EVENTS
    assert len(monkey.did) == 6
    assert children() == before
    assert (window.flow.parts.who, window._is_emergency) == ("", True)
    is_kept_once(bench)


def is_kept_once(bench: WindowBench) -> None:
    """Check that no picture is kept twice, in one study or in two."""
    kept = [image for study in bench.store.kept.values() for image in study.images]

    assert kept
    assert max(Counter(image.image_id for image in kept).values()) == 1
    assert max(Counter((i.hash, i.sequence) for i in kept).values()) == 1


def test_hammering_on_the_one_action_begins_keeps_and_signs_once(bench, errors):
    window = bench.window
    window.patient_page.identifier.setText("P-1")
    hammer(window)
    bench.until(lambda: window.flow.step is Step.CAPTURE and window.feed.picture())
    bench.until(window.footer.primary.isEnabled)
    assert len(bench.store.kept) == 1
    hammer(window)
    bench.until(lambda: window.flow.step is Step.REVIEW and window.flow.is_settled)
    (study,) = bench.store.kept.values()
    assert len(study.images) == 1
    window.flow.judge(range(len(study.findings)), Verdict.ACCEPTED)
    window.flow.go(Step.SIGN)
    window.sign_page.signer.setText("B. Signer")
    bench.until(window.footer.primary.isEnabled)
    hammer(window)
    bench.until(lambda: window.flow.study is None or window.flow.is_signed)

    assert [act for act in bench.store.acts if "sign" in act] != []
    assert len([act for act in bench.store.acts if act.startswith("signed")]) == 1
    assert errors == []


def hammer(window: KioskWindow) -> None:
    """Touch the primary action many times before anything can answer."""
    for _ in range(20):
        QTest.mouseClick(window.footer.primary, Qt.MouseButton.LeftButton)


def test_no_chord_of_keys_does_anything_on_any_page(bench, errors):
    assert len(CHORDS) >= 200
    clipboard = QApplication.clipboard()
    clipboard.setText("as it was")
    for shown in every_page(bench):
        window, monkey = shown.window, Monkey(shown.window, luck())
        before = (window.page, window.flow.step, window.flow.study, window.look, window.isVisible())
        for key, held in CHORDS:
            monkey.press(key, held)
            for field in window.findChildren(QLineEdit):
                field.selectAll()
        settle()

        after = (window.page, window.flow.step, window.flow.study, window.look, window.isVisible())
        assert after == before, shown.name
        assert clipboard.text() == "as it was", shown.name
        assert foreign_windows() == set(), shown.name
    assert errors == []


def test_nobody_gets_in_by_senseless_touches_and_keys(bench, qtbot, errors):
    chance = luck()
    door = FakeDoor("Amina", "Baraka")
    door.inside = "Amina"
    entrance = EntranceWindow(door, bench.window.runner, in_english())
    qtbot.addWidget(entrance)
    entrance.resize(1280, 800)
    entrance.show()
    entrance.activateWindow()
    entered = []
    entrance.entered.connect(entered.append)
    guard, monkey = KeyGuard(entrance), Monkey(entrance, chance)
    for way in (Way.LOG_IN, Way.RECOVER, Way.PIN, Way.EMERGENCY, Way.LANGUAGE):
        for _ in range(N_EVENTS // 5):
            if entrance.way is not way:
                entrance.name_chosen = "Amina"
                entrance._show(way)
            monkey.act()
            QApplication.processEvents()
            assert foreign_windows() == set()
    for key, held in CHORDS:
        monkey.press(key, held)
    qtbot.wait(50)

    assert entered == []
    assert door.inside == "Amina"
    assert door.known.keys() == {"Amina", "Baraka"}
    assert errors == []
    del guard


def test_an_answer_that_comes_while_the_window_is_locked_harms_nothing(bench, errors):
    window = bench.window
    bench.to_capture()
    bench.scanner.flowing.clear()  # a frame is under way
    bench.qtbot.wait(100)
    window.devices.look()
    window.lock()
    settle()
    bench.scanner.flowing.set()
    bench.qtbot.wait(200)

    assert errors == []
    window.unlock()
    assert not window.sheet.isVisible()


def test_without_the_guard_a_chord_pastes_and_a_menu_opens(qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    QApplication.clipboard().setText("pasted")
    qtbot.waitUntil(field.hasFocus)
    monkey = Monkey(field, luck())
    monkey.press(Qt.Key.Key_V, CTRL)
    assert field.text() == "pasted"
    guard = KeyGuard(field)
    monkey.press(Qt.Key.Key_V, CTRL)
    menu = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(2, 2))
    QApplication.sendEvent(field, menu)

    assert field.text() == "pasted"
    assert foreign_windows() <= {"QLineEdit"}
    del guard


def test_letters_with_altgr_and_the_windows_own_commands_pass_the_guard(qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    undone = []
    QShortcut(QKeySequence("Ctrl+Z"), field).activated.connect(lambda: undone.append(1))
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    guard = KeyGuard(field)
    typed = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_E, CTRL | ALT, "\u20ac")
    command = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Z, CTRL, "\x1a")
    other = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Q, CTRL, "\x11")

    assert [guard.eventFilter(field, each) for each in (typed, command, other)] == [
        False, False, True,
    ]  # fmt: skip

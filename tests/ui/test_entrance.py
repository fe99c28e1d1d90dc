"""The way in: set-up, log-in, lock, another person, and the recovery key, in a real window."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QClipboard
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from edge_app.domain.account import EMERGENCY_NAME, EmergencyReason, EmergencyUse
from edge_app.domain.badge import MARK, BadgeRead, NextStep
from edge_app.domain.error import EdgeAppError
from edge_app.domain.salvaged import Salvaged
from edge_app.storage.badges import new_badge_text
from edge_app.ui.application import Sitting
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.parts import KioskParts
from edge_app.ui.ways import Way
from tests.fakes import NOON, FakeClock, FakeDetector, FakeOutbox, FakeScanner, FakeStore
from tests.ui.test_badge_reader import type_at
from tests.ui.tongues import in_english

KEY = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH-JJJJ"
CODE = "EEEE-FFFF-GGGG-HHHH-JJJJ"
WORDS = "correct horse battery"


class WrongError(EdgeAppError):
    """As the store says it."""

    code = "KEY-001"
    safe = "Nothing was changed."


class FakeDoor:
    """Answers `Door`; opens to the names that it knows."""

    def __init__(self, *names: str) -> None:
        self.known = dict.fromkeys(names, WORDS)
        self.inside = ""
        self.pins = dict.fromkeys(names, "280573")
        self.code, self.used, self.badges = CODE, [], {}
        self.offer = FakeOffer()

    @property
    def has_emergency_code(self) -> bool:
        return bool(self.code)

    def break_glass(self, code, name, reason):
        if code != self.code:
            raise WrongError("This is no emergency code.", "Compare it with the paper.")
        self.code, self.inside = "", EMERGENCY_NAME
        self.used.append(EmergencyUse(NOON, name, reason))
        return EMERGENCY_NAME

    def emergencies(self):
        return self.used if self.inside == "Amina" else []

    def see_emergencies(self):
        self.used, self.code = [], CODE
        return CODE

    @property
    def has_pin(self) -> bool:
        return self.inside in self.pins

    def set_pin(self, pin):
        if pin == "1111":
            raise WrongError("A PIN has 4 to 8 digits that are no row.", "Choose another one.")
        self.pins[self.inside] = pin

    def come_back(self, pin):
        if self.pins[self.inside] != pin:
            raise WrongError("This is not the PIN.", "Try again.")

    wedge = "~"

    def read_badge(self, text):
        return self.badges[text]

    @property
    def is_set_up(self) -> bool:
        return bool(self.known)

    def names(self):
        return list(self.known)

    def set_up(self, name, passphrase):
        self.known[name] = passphrase
        self.inside = name
        return KEY

    def log_in(self, name, passphrase):
        if self.known.get(name) != passphrase:
            raise WrongError("This is not the passphrase.", "Try again.")
        self.inside = name

    def recover(self, recovery_key, name, passphrase):
        if recovery_key != KEY:
            raise WrongError("This is no recovery key.", "Compare it with the paper.")
        return self.set_up(name, passphrase)

    def look_at_damage(self, name, passphrase):
        if self.known.get(name) != passphrase:
            raise WrongError("This is not the passphrase.", "Try again.")
        if name != "Amina":
            raise WrongError(f"{name} may not restore.", "Log in as an administrator.")
        return self.offer

    def look_at_damage_by_key(self, recovery_key):
        if recovery_key != KEY:
            raise WrongError("This is no recovery key.", "Compare it with the paper.")
        return self.offer


class FakeOffer:
    """Answers `SalvageOffer`."""

    def __init__(self, accounts: int = 2) -> None:
        self.outcome = Salvaged(
            whole=("a", "b"), older=("c",), unnamed=(), lost=("d",), unreadable=(("c", "1"),),
            mended=0, pages=40, damaged_pages=2, has_copy=False, accounts=accounts,
        )  # fmt: skip
        self.n_carried_out = 0

    def carry_out(self):
        self.n_carried_out += 1
        return Path("quarantine")


class Bench:
    """A sitting, and how often a kiosk was opened and let go."""

    def __init__(self, qtbot, tmp_path, door: FakeDoor) -> None:
        self.qtbot, self.door = qtbot, door
        self.opened = self.let_go = 0
        self._folder = tmp_path
        self.sitting = Sitting(door, self._kiosk, ExceptionHooks(), in_english(), is_in=False)
        self.entrance = self.sitting.entrance
        qtbot.addWidget(self.entrance)

    @contextmanager
    def _kiosk(self):
        self.opened += 1
        clock = FakeClock()
        yield KioskParts(
            [FakeScanner(clock, moves=True)], FakeDetector(), "CPU, int8", FakeStore(),
            FakeOutbox(), clock, is_emergency=self.door.inside == EMERGENCY_NAME,
        )  # fmt: skip
        self.let_go += 1

    def until(self, claim) -> None:
        self.qtbot.waitUntil(claim, timeout=5000)

    def log_in(self, name: str, words: str = WORDS) -> None:
        for button in self.entrance.names.buttons():
            if button.text() == name:
                button.click()
        self.entrance.passphrase.setText(words)
        self.entrance.primary.click()

    def type(self, pin: str) -> None:
        for digit in pin:
            self.entrance.pad.keys[digit].click()
        self.entrance.primary.click()

    def is_in(self) -> bool:
        window = self.sitting.window
        return bool(window and window.isVisible() and not self.entrance.isVisible())


@pytest.fixture
def bench(qtbot, tmp_path, request):
    made = Bench(qtbot, tmp_path, FakeDoor(*getattr(request, "param", ("Amina", "Baraka"))))
    yield made
    made.sitting.close()


def shown(window) -> str:
    kinds = (QLabel, QLineEdit, QPushButton)
    return " ".join(w.text() for kind in kinds for w in window.findChildren(kind))


def test_the_kiosk_opens_to_whoever_knows_the_passphrase(bench):
    assert bench.entrance.isVisible()
    assert bench.sitting.window is None

    bench.log_in("Amina")

    bench.until(bench.is_in)
    assert bench.door.inside == "Amina"
    assert bench.entrance.passphrase.text() == ""


def test_a_wrong_passphrase_is_said_and_nothing_opens(bench):
    bench.log_in("Amina", "some wrong words")

    bench.until(lambda: "not the passphrase" in bench.entrance.said.text())
    assert "Nothing was changed" in bench.entrance.said.text()
    assert bench.opened == 0
    assert bench.entrance.passphrase.text() == ""


def test_nobody_gets_in_without_a_name_and_a_passphrase(bench):
    assert not bench.entrance.primary.isEnabled()
    bench.entrance.passphrase.setText(WORDS)
    assert not bench.entrance.primary.isEnabled()

    bench.qtbot.keyClick(bench.entrance.passphrase, Qt.Key.Key_Return)

    assert bench.door.inside == ""


def a_begun_study(bench) -> None:
    bench.log_in("Amina")
    bench.until(bench.is_in)
    window = bench.sitting.window
    window.patient_page.identifier.setText("MRN-7734")
    window.patient_page.name.setText("Zebrowska")
    window.footer.primary.click()
    bench.until(lambda: window.flow.study is not None)
    assert "Zebrowska" in shown(window)


def test_a_locked_kiosk_holds_no_widget_with_a_patient_and_goes_on_where_it_was(bench):
    a_begun_study(bench)
    window = bench.sitting.window

    window.header.lock.click()
    bench.until(lambda: bench.entrance.isVisible() and not window.isVisible())
    bench.qtbot.wait(50)
    assert "Zebrowska" not in shown(window) + shown(bench.entrance)
    assert "MRN-7734" not in shown(window) + shown(bench.entrance)

    bench.type("280573")
    bench.until(bench.is_in)
    assert bench.sitting.window is window
    assert "Zebrowska" in shown(window)
    assert bench.opened == 1


def everything_said() -> str:
    """Return every text of every widget of the program, and what can be pasted."""
    said = []
    for widget in QApplication.allWidgets():
        kind = widget.metaObject()
        for place in range(kind.propertyCount()):
            value = widget.property(kind.property(place).name())
            said += [value] if isinstance(value, str) else []
        for action in widget.actions():
            said += [action.text(), action.toolTip()]
    modes = (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection)
    return " ".join([*said, *(QApplication.clipboard().text(mode) for mode in modes)])


def test_after_the_lock_no_widget_and_no_clipboard_says_anything_of_a_patient(bench):
    a_begun_study(bench)
    QApplication.clipboard().setText("Zebrowska MRN-7734")
    bench.sitting.window.show_error(WrongError("Zebrowska is not there.", "Wait."))
    before = everything_said()
    assert "Zebrowska" in before
    assert "MRN-7734" in before

    bench.sitting.window.lock()
    bench.qtbot.wait(50)

    for marker in ("Zebrowska", "MRN-7734"):
        assert marker not in everything_said()


def test_a_wrong_pin_is_said_and_the_passphrase_opens_as_well(bench):
    a_begun_study(bench)
    window = bench.sitting.window
    window.header.lock.click()
    bench.type("4711")
    bench.until(lambda: "not the PIN" in bench.entrance.said.text())
    assert bench.entrance.pad.pin == ""
    assert not window.isVisible()

    bench.entrance.others[0].click()
    bench.log_in("Amina")

    bench.until(bench.is_in)
    assert bench.sitting.window is window


def test_a_pin_is_never_shown_and_can_be_typed_on_a_keyboard(bench):
    a_begun_study(bench)
    bench.sitting.window.header.lock.click()
    pad = bench.entrance.pad
    bench.qtbot.keyClicks(pad, "28057")
    bench.qtbot.keyClick(pad, Qt.Key.Key_Backspace)
    assert pad.pin == "2805"
    assert "2805" not in shown(bench.entrance)
    bench.qtbot.keyClicks(pad, "73")
    bench.qtbot.keyClick(pad, Qt.Key.Key_Return)

    bench.until(bench.is_in)


def test_whoever_has_no_pin_is_asked_for_one_once_and_may_say_not_now(bench):
    del bench.door.pins["Amina"]
    bench.log_in("Amina")
    bench.until(lambda: bench.entrance.way is Way.NEW_PIN)
    assert not bench.is_in()
    bench.type("1111")
    bench.until(lambda: "no row" in bench.entrance.said.text())
    assert not bench.is_in()

    bench.type("280573")
    bench.until(bench.is_in)
    assert bench.door.pins["Amina"] == "280573"

    del bench.door.pins["Baraka"]
    bench.sitting.window.header.lock.click()
    bench.entrance.others[0].click()
    bench.log_in("Baraka")
    bench.until(lambda: bench.entrance.way is Way.NEW_PIN)
    bench.entrance.others[0].click()
    bench.until(bench.is_in)
    assert "Baraka" not in bench.door.pins


def test_another_person_gets_a_kiosk_without_the_former_one_s_study(bench):
    a_begun_study(bench)
    bench.sitting.window.header.lock.click()
    bench.entrance.others[0].click()

    bench.log_in("Baraka")

    bench.until(lambda: bench.opened == 2 and bench.is_in())
    assert bench.let_go == 1
    assert bench.sitting.window.flow.study is None
    assert "Zebrowska" not in shown(bench.sitting.window)


def test_a_kiosk_that_nobody_touches_locks_itself(bench):
    a_begun_study(bench)
    window = bench.sitting.window
    assert window._unattended.interval() == 180_000

    window._unattended.setInterval(50)

    bench.until(lambda: bench.entrance.isVisible() and not window.isVisible())


def test_a_touch_puts_the_lock_off(bench):
    a_begun_study(bench)
    window = bench.sitting.window
    window._unattended.setInterval(600)
    for _ in range(6):
        bench.qtbot.wait(200)
        bench.qtbot.keyClick(window, Qt.Key.Key_Shift)

    assert bench.is_in()


def test_an_error_while_locked_waits_until_somebody_is_there(bench):
    a_begun_study(bench)
    window = bench.sitting.window
    window.lock()
    window.show_error(WrongError("The disk is slow.", "Wait."))
    window.refresh()

    bench.type("280573")
    bench.until(bench.is_in)

    assert window.sheet.what.text() == "The disk is slow."


@pytest.mark.parametrize("bench", [()], indirect=True)
def test_the_first_person_sets_up_and_reads_the_recovery_key_back(bench):
    entrance = bench.entrance
    assert entrance.way is Way.SET_UP
    entrance.name.setText("Amina")
    entrance.passphrase.setText(WORDS)
    entrance.again.setText("another")
    entrance.primary.click()
    assert "not the same" in entrance.said.text()

    entrance.again.setText(WORDS)
    entrance.primary.click()
    bench.until(lambda: entrance.way is Way.RECOVERY_KEY)
    assert entrance.shown_key.text() == KEY
    entrance.third.setText("XXXX")
    entrance.last.setText("JJJJ")
    entrance.primary.click()
    assert bench.opened == 0
    entrance.third.setText("cccc")
    entrance.primary.click()
    bench.until(lambda: entrance.way is Way.NEW_PIN)
    entrance.others[0].click()

    bench.until(bench.is_in)
    assert KEY not in shown(entrance)


def test_the_recovery_key_is_the_way_in_when_the_passphrase_is_lost(bench):
    entrance = bench.entrance
    entrance.others[0].click()
    assert entrance.way is Way.RECOVER
    for field, words in (
        (entrance.key, "wrong"),
        (entrance.name, "Amina"),
        (entrance.passphrase, "four entirely new words"),
        (entrance.again, "four entirely new words"),
    ):
        field.setText(words)
    entrance.primary.click()
    bench.until(lambda: "no recovery key" in entrance.said.text())

    entrance.key.setText(KEY)
    entrance.primary.click()
    bench.until(lambda: entrance.way is Way.RECOVERY_KEY)


def break_the_glass(bench, code=CODE) -> None:
    entrance = bench.entrance
    entrance.others[1].click()
    assert entrance.way is Way.EMERGENCY
    entrance.key.setText(code)
    entrance.name.setText("Chuma")
    assert not entrance.primary.isEnabled()
    entrance.reasons.button(1).click()
    entrance.primary.click()


def test_the_emergency_code_opens_once_and_it_is_said_all_the_time(bench):
    break_the_glass(bench, "wrong")
    bench.until(lambda: "no emergency code" in bench.entrance.said.text())
    assert bench.opened == 0
    bench.entrance.others[0].click()
    break_the_glass(bench)
    bench.until(lambda: bench.entrance.way is Way.NEW_PIN)
    bench.type("280573")
    bench.until(bench.is_in)

    assert "Emergency access" in shown(bench.sitting.window)
    assert bench.door.used == [EmergencyUse(NOON, "Chuma", EmergencyReason.NOBODY_THERE)]
    bench.sitting.window.header.lock.click()
    bench.entrance.others[0].click()
    assert len(bench.entrance.others) == 1


def test_the_administrator_is_told_of_an_emergency_until_it_was_seen_and_makes_the_next_code(bench):
    bench.door.used.append(EmergencyUse(NOON, "Chuma", EmergencyReason.DANGER))
    bench.door.code = ""
    bench.log_in("Amina")
    bench.until(lambda: bench.entrance.way is Way.EMERGENCIES_SEEN)
    assert "Chuma" in shown(bench.entrance)
    at = NOON.astimezone()
    assert f"{at:%H:%M}" in shown(bench.entrance)
    assert str(at.year) in shown(bench.entrance)
    assert "in danger" in shown(bench.entrance)
    assert not bench.is_in()

    bench.entrance.primary.click()
    bench.until(lambda: bench.entrance.way is Way.EMERGENCY_CODE)
    assert bench.entrance.shown_key.text() == CODE
    bench.entrance.third.setText("GGGG")
    bench.entrance.last.setText("JJJJ")
    bench.entrance.primary.click()

    bench.until(bench.is_in)
    bench.qtbot.wait(50)
    assert CODE not in shown(bench.entrance)
    assert "Emergency access" not in shown(bench.sitting.window)


def test_every_field_and_button_has_a_name_for_a_screen_reader(bench):
    for way in Way:
        bench.entrance._show(way)
        for kind in (QLineEdit, QPushButton):
            for widget in bench.entrance.centralWidget().findChildren(kind):
                assert widget.accessibleName(), (way, kind)


BADGE = new_badge_text("Baraka")


def reads(bench, asks: NextStep, name: str = "Baraka") -> None:
    """The reader types a badge, whatever has the focus."""
    bench.door.badges[BADGE] = BadgeRead(name, asks)
    type_at(bench.entrance, BADGE, enter=True)


@pytest.mark.parametrize("where", [Way.LOG_IN, Way.RECOVER, Way.LANGUAGE, Way.EMERGENCY])
def test_a_badge_fills_in_the_name_from_cold_and_only_the_passphrase_is_left(bench, where):
    bench.entrance._show(where)
    reads(bench, NextStep.PASSPHRASE)

    bench.until(lambda: "badge was read" in bench.entrance.said.text())
    assert bench.entrance.way is Way.LOG_IN
    assert bench.opened == 0
    assert [b.text() for b in bench.entrance.names.buttons() if b.isChecked()] == ["Baraka"]
    assert BADGE not in shown(bench.entrance)
    type_at(bench.entrance, WORDS, enter=True)
    bench.until(bench.is_in)
    assert bench.door.inside == "Baraka"


def locked(bench) -> None:
    bench.log_in("Baraka")
    bench.until(bench.is_in)
    type_at(bench.sitting.window, BADGE)
    bench.until(lambda: bench.entrance.way is Way.PIN and bench.entrance.isVisible())


def test_a_badge_at_the_open_kiosk_locks_it_and_is_not_shown(bench):
    a_begun_study(bench)
    window = bench.sitting.window
    type_at(window, BADGE, enter=True)

    bench.until(lambda: bench.entrance.isVisible() and not window.isVisible())
    assert BADGE[len(MARK) :] not in shown(window) + shown(bench.entrance)


def test_a_badge_that_is_enough_brings_back_without_a_touch(bench):
    locked(bench)
    window = bench.sitting.window
    reads(bench, NextStep.NOTHING)

    bench.until(bench.is_in)
    assert bench.sitting.window is window
    assert bench.opened == 1


def test_a_badge_that_is_not_enough_asks_for_the_pin(bench):
    locked(bench)
    type_at(bench.entrance, "28")
    reads(bench, NextStep.PIN)

    bench.until(lambda: "Type your PIN" in bench.entrance.said.text())
    assert bench.entrance.pad.pin == ""
    assert not bench.is_in()
    bench.type("280573")
    bench.until(bench.is_in)


def test_the_badge_of_somebody_else_goes_to_their_log_in(bench):
    locked(bench)
    reads(bench, NextStep.PASSPHRASE, "Amina")

    bench.until(lambda: bench.entrance.way is Way.LOG_IN)
    assert bench.entrance.name_chosen == "Amina"
    assert not bench.is_in()


def test_an_unknown_badge_is_said_and_nothing_opens(bench):
    def nobody(_text):
        raise WrongError("This badge is not known here.", "Touch your name.")

    bench.door.read_badge = nobody
    type_at(bench.entrance, BADGE, enter=True)

    bench.until(lambda: "not known" in bench.entrance.said.text())
    assert BADGE not in shown(bench.entrance)
    assert bench.opened == 0


@pytest.mark.parametrize("where", [Way.NEW_PIN, Way.RECOVERY_KEY, Way.EMERGENCY_CODE])
def test_a_badge_interrupts_nobody_who_is_given_a_key_or_a_pin(bench, where):
    bench.entrance._key = CODE
    bench.entrance._show(where)
    reads(bench, NextStep.NOTHING)
    bench.qtbot.wait(50)

    assert bench.entrance.way is where
    assert BADGE[len(MARK) :] not in shown(bench.entrance)


def test_a_card_behind_the_sites_prefix_is_a_badge(bench):
    bench.door.badges["0004711815"] = BadgeRead("Amina", NextStep.PASSPHRASE)
    type_at(bench.entrance, "~0004711815", enter=True)

    bench.until(lambda: "badge was read" in bench.entrance.said.text())
    assert bench.entrance.name_chosen == "Amina"

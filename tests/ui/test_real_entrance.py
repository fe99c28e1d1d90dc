"""The real way in: real keys, a real store, the real microscope's process behind it."""

import pytest

from edge_app.compose.door import KioskDoor
from edge_app.settings import Settings
from edge_app.ui.application import Sitting
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.study_flow import Step
from edge_app.ui.ways import Way
from tests.smears import PACKAGE
from tests.ui.screenshots import capture, to_capture, wait
from tests.ui.test_badge_reader import type_at
from tests.ui.tongues import in_english

WORDS, PIN = "correct horse battery", "280573"


@pytest.fixture
def door(tmp_path):
    return KioskDoor(Settings(tmp_path / "data", PACKAGE.parent), ("microscope:7",))


@pytest.fixture
def sitting(qtbot, door):
    made = Sitting(door, door.kiosk, ExceptionHooks(), in_english(), is_in=False)
    qtbot.addWidget(made.entrance)
    yield made
    made.close()


def is_in(sitting) -> bool:
    return bool(sitting.window and sitting.window.isVisible())


def type_pin(sitting, pin: str) -> None:
    for digit in pin:
        sitting.entrance.pad.keys[digit].click()
    sitting.entrance.primary.click()


def set_up(sitting) -> None:
    entrance = sitting.entrance
    for field, words in (
        (entrance.name, "Amina"),
        (entrance.passphrase, WORDS),
        (entrance.again, WORDS),
    ):
        field.setText(words)
    entrance.primary.click()
    wait(lambda: entrance.way is Way.RECOVERY_KEY)
    groups = entrance.shown_key.text().split("-")
    entrance.third.setText(groups[2])
    entrance.last.setText(groups[-1])
    entrance.primary.click()
    wait(lambda: entrance.way is Way.NEW_PIN)
    type_pin(sitting, PIN)
    wait(lambda: is_in(sitting))


def test_a_new_device_is_set_up_used_locked_and_gone_on_with(sitting, door, tmp_path):
    set_up(sitting)
    to_capture(sitting.window)
    sitting.window.header.lock.click()
    wait(lambda: sitting.entrance.isVisible() and not is_in(sitting))
    type_pin(sitting, "999000")
    wait(lambda: "not the PIN" in sitting.entrance.said.text())
    type_pin(sitting, PIN)
    wait(lambda: is_in(sitting))

    assert sitting.window.flow.step is Step.CAPTURE
    wait(sitting.window.footer.primary.isEnabled)
    capture(sitting.window)
    study = sitting.window.flow.study
    sitting.leave()

    who = door._entrance.log_in("Amina", WORDS)
    with door._entrance.store(who) as store:
        assert store.studies.study(study.study_id).images
        events = store._store.audit_events()
    acts = [e.act for e in events]
    expected = ["logged in", "account Amina: another PIN", "started", "a wrong PIN"]
    expected += ["came back by PIN", "captured", "read", "logged out"]
    assert [act for act in acts if act in expected][: len(expected)] == expected
    assert {e.by for e in events} == {"Amina"}
    assert b"DEMO-001" not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_whoever_closes_the_window_is_logged_out(sitting, door):
    set_up(sitting)
    sitting.window.close()
    sitting.leave()

    who = door._entrance.log_in("Amina", WORDS)
    with door._entrance.store(who) as store:
        assert store._store.audit_events()[-2].act == "logged out"


def drawn(badges, name: str) -> str:
    """Return the text of a badge that is drawn now."""
    texts = []
    badges.draw(name, texts.append)
    return texts[0]


def reads(sitting, text: str) -> None:
    """The reader types the badge at whatever is shown."""
    type_at(sitting.entrance, text, enter=True)


@pytest.mark.parametrize(("alone_min", "asks"), [(0, "PIN"), (60, "")])
def test_a_badge_locks_comes_back_as_the_site_wants_and_is_only_a_name_from_cold(
    sitting, door, tmp_path, alone_min, asks
):
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "devices.toml").write_text(f"badge_alone_min = {alone_min}\n")
    set_up(sitting)
    text = drawn(door._store.badges, "Amina")
    type_at(sitting.window, text, enter=True)
    wait(lambda: sitting.entrance.isVisible() and not is_in(sitting))
    reads(sitting, text)
    if asks:
        wait(lambda: "Type your PIN" in sitting.entrance.said.text())
        assert not is_in(sitting)
        type_pin(sitting, PIN)
    wait(lambda: is_in(sitting))
    sitting.window.close()
    sitting.leave()

    sitting.entrance.greet()
    sitting.entrance.show()
    reads(sitting, text)
    wait(lambda: "Type your passphrase" in sitting.entrance.said.text())
    assert not is_in(sitting)
    assert door._store is None
    files = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert text.encode() not in files


def test_a_badge_that_was_lost_and_taken_back_brings_nobody_back(sitting, door, tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "devices.toml").write_text("badge_alone_min = 60\n")
    set_up(sitting)
    text = drawn(door._store.badges, "Amina")
    door._store.badges.revoke("Amina")
    sitting.window.lock()
    wait(sitting.entrance.isVisible)
    reads(sitting, text)

    wait(lambda: "not known here" in sitting.entrance.said.text())
    assert not is_in(sitting)
    assert door._store._store.audit_events()[-1].act == "an unknown badge"

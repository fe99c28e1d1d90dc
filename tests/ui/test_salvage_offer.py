"""A list of studies is damaged at the start: what can be saved is shown, and saved on a yes."""

import pytest
from PyQt6.QtWidgets import QLabel

from edge_app.compose.demo import demo_entrance
from edge_app.compose.door import KioskDoor
from edge_app.domain.account import Account, Role
from edge_app.domain.error import ListDamagedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.ui.application import Sitting
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.ways import Way
from tests.fakes import NOON, an_image
from tests.smears import PACKAGE
from tests.ui.screenshots import wait
from tests.ui.test_entrance import KEY, WORDS, Bench, FakeDoor, FakeOffer
from tests.ui.tongues import in_english


class DamagedError(ListDamagedError):
    """As the store says it."""

    code = "STO-005"


class DamagedDoor(FakeDoor):
    """Its list is damaged until it was salvaged."""

    def log_in(self, name, passphrase):
        if not self.offer.n_carried_out:
            raise DamagedError("The list of studies is damaged.", "Ask the administrator.")
        super().log_in(name, passphrase)


@pytest.fixture
def bench(qtbot, tmp_path):
    made = Bench(qtbot, tmp_path, DamagedDoor("Amina", "Baraka"))
    yield made
    made.sitting.close()


def to_offer(bench) -> None:
    bench.log_in("Baraka")
    bench.until(lambda: bench.entrance.way is Way.SALVAGE)
    bench.log_in("Amina")
    bench.until(lambda: bench.entrance.way is Way.SALVAGE_OFFER)


def words_of(window) -> str:
    return "\n".join(w.text() for w in window.findChildren(QLabel))


def test_a_damaged_list_leads_to_the_offer_and_its_code_is_said(bench):
    bench.log_in("Baraka")

    bench.until(lambda: bench.entrance.way is Way.SALVAGE)
    assert "(STO-005)" in bench.entrance.said.text()
    assert bench.entrance.passphrase.text() == ""
    assert not bench.entrance.primary.isEnabled()


def test_who_may_not_have_it_saved_is_told_so_and_sees_nothing_of_it(bench):
    bench.log_in("Baraka")
    bench.until(lambda: bench.entrance.way is Way.SALVAGE)

    bench.log_in("Baraka")

    bench.until(lambda: "may not restore" in bench.entrance.said.text())
    assert bench.entrance.way is Way.SALVAGE


def test_what_can_be_saved_is_counted_and_nothing_is_written_before_the_yes(bench):
    to_offer(bench)

    said = words_of(bench.entrance)
    assert "Studies as they were: 2" in said
    assert "later changes are lost: 1" in said
    assert "Studies that are lost: 1" in said
    assert "only pictures" not in said
    assert "backup" in said
    bench.entrance.others[0].click()
    assert bench.entrance.way is Way.LOG_IN
    assert bench.door.offer.n_carried_out == 0


def test_with_the_yes_the_new_list_is_written_and_people_get_in_again(bench):
    to_offer(bench)

    bench.entrance.primary.click()

    bench.until(lambda: bench.entrance.way is Way.LOG_IN)
    assert "The new list is written" in bench.entrance.said.text()
    assert bench.door.offer.n_carried_out == 1
    bench.log_in("Amina")
    bench.until(bench.is_in)


def test_the_recovery_key_helps_where_no_account_can_be_read(bench):
    bench.door.offer = FakeOffer(accounts=0)
    bench.log_in("Baraka")
    bench.until(lambda: bench.entrance.way is Way.SALVAGE)
    bench.entrance.others[0].click()
    bench.entrance.key.setText("AAAA")
    bench.entrance.primary.click()
    bench.until(lambda: "no recovery key" in bench.entrance.said.text())
    bench.entrance.key.setText(KEY)
    bench.entrance.primary.click()
    bench.until(lambda: bench.entrance.way is Way.SALVAGE_OFFER)

    bench.entrance.primary.click()

    bench.until(lambda: bench.entrance.way is Way.RECOVER)


@pytest.fixture
def damaged(tmp_path):
    """The settings of a device with one study, whose list has a spoilt first page."""
    settings = Settings(tmp_path / "data", PACKAGE.parent)
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store:
        store.add(Account("Otto", frozenset({Role.OPERATOR})), WORDS)
        store.add(Account("Amina", frozenset({Role.ADMINISTRATOR})), WORDS)
        study = store.studies.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        store.studies.capture(study, an_image())
    database = settings.data_dir / "studies.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:200] + b"\xff" + whole[201:])
    return settings


def test_a_really_damaged_list_is_saved_at_the_window_by_an_administrator_alone(qtbot, damaged):
    door = KioskDoor(damaged, ("microscope:7",))
    sitting = Sitting(door, door.kiosk, ExceptionHooks(), in_english(), is_in=False)
    window = sitting.entrance
    qtbot.addWidget(window)
    before = (damaged.data_dir / "studies.db").read_bytes()

    def log_in(name: str) -> None:
        next(b for b in window.names.buttons() if b.text() == name).click()
        window.passphrase.setText(WORDS)
        window.primary.click()

    log_in("Otto")
    wait(lambda: window.way is Way.SALVAGE)
    log_in("Otto")
    wait(lambda: "ACC-001" in window.said.text() or "may not" in window.said.text())
    assert (damaged.data_dir / "studies.db").read_bytes() == before
    log_in("Amina")
    wait(lambda: window.way is Way.SALVAGE_OFFER)
    assert (damaged.data_dir / "studies.db").read_bytes() == before
    assert "Studies as they were: 1" in words_of(window)

    window.primary.click()

    wait(lambda: window.way is Way.LOG_IN)
    (kept,) = (damaged.data_dir / "quarantine").glob("*/studies.db")
    assert kept.read_bytes() == before
    log_in("Amina")
    wait(lambda: window.way is Way.NEW_PIN)
    sitting.close()

"""Guessing a passphrase gets slower, whatever is done to the program or the clock."""

from pathlib import Path

import pytest

from edge_app.storage import attempts
from edge_app.storage.attempts import Attempts, TooManyTriesError, wait_after


class Machine:
    """A machine whose running time and starts the test sets."""

    def __init__(self, monkeypatch) -> None:
        self.now_s, self.boot = 1000.0, "boot-1"
        monkeypatch.setattr(attempts, "boot_clock_s", lambda: self.now_s)
        monkeypatch.setattr(attempts, "boot_id", lambda: self.boot)


@pytest.fixture
def machine(monkeypatch):
    return Machine(monkeypatch)


def counting(folder) -> Attempts:
    """Return the counter as a program finds it that starts now."""
    made = Attempts(folder, lambda: b"secret of this device")
    if not list(folder.glob("attempts.*json")):
        made.start()
    return made


def wrong_tries(folder, number: int) -> None:
    for _ in range(number):
        counting(folder).begin("Amina")


def test_five_tries_are_free_and_the_next_waits(tmp_path, machine):
    wrong_tries(tmp_path, 5)

    with pytest.raises(TooManyTriesError, match="5 wrong") as refused:
        counting(tmp_path).begin("Amina")
    assert "30 seconds" in refused.value.remedy


def test_the_wait_ends_and_the_next_one_is_twice_as_long(tmp_path, machine):
    wrong_tries(tmp_path, 5)
    machine.now_s += 30.1
    wrong_tries(tmp_path, 1)

    machine.now_s += 30.1
    with pytest.raises(TooManyTriesError):
        counting(tmp_path).begin("Amina")
    machine.now_s += 30.1
    assert counting(tmp_path).begin("Amina") == 6


def test_a_try_is_counted_before_it_is_looked_at(tmp_path, machine):
    """Whoever kills the program between a guess and its answer has used up the guess."""
    wrong_tries(tmp_path, 4)

    assert counting(tmp_path).begin("Amina") == 4
    with pytest.raises(TooManyTriesError):
        counting(tmp_path).begin("Amina")


def test_a_restart_of_the_machine_begins_the_wait_anew(tmp_path, machine):
    wrong_tries(tmp_path, 5)
    machine.boot, machine.now_s = "boot-2", 2.0

    with pytest.raises(TooManyTriesError, match="5 wrong"):
        counting(tmp_path).begin("Amina")
    machine.now_s += 29.0
    with pytest.raises(TooManyTriesError):
        counting(tmp_path).begin("Amina")
    machine.now_s += 1.1
    assert counting(tmp_path).begin("Amina") == 5


def test_setting_the_wall_clock_changes_nothing(tmp_path, machine, monkeypatch):
    wrong_tries(tmp_path, 5)
    monkeypatch.setattr("time.time", lambda: 4e9)

    with pytest.raises(TooManyTriesError):
        counting(tmp_path).begin("Amina")


def test_whoever_is_in_has_a_clean_slate_and_nobody_else_does(tmp_path, machine):
    wrong_tries(tmp_path, 5)
    for _ in range(5):
        counting(tmp_path).begin("Baraka")
    machine.now_s += 31
    counting(tmp_path).begin("Amina")
    counting(tmp_path).succeeded("Amina")

    assert counting(tmp_path).begin("Amina") == 0
    assert counting(tmp_path).begin("Baraka") == 5


def test_the_waits_grow_up_to_an_hour():
    waits = [wait_after(n) for n in range(20)]

    assert waits[:7] == [0, 0, 0, 0, 0, 30, 60]
    assert max(waits) == 3600
    assert waits == sorted(waits)


def test_a_try_that_cannot_be_counted_is_not_looked_at(tmp_path, machine):
    (tmp_path / "attempts.json.draft").mkdir()

    with pytest.raises(OSError, match="directory"):
        counting(tmp_path).begin("Amina")


def test_the_waits_are_measured_on_the_machine_s_running_time():
    running_s = float(Path("/proc/uptime").read_text().split()[0])

    assert abs(attempts.boot_clock_s() - running_s) < 60

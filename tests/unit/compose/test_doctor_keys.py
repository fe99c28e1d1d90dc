"""What the doctor says of the keys: the cost of a guess, the device's secret, the sealed code."""

import pytest

from edge_app.compose import doctor
from edge_app.compose.demo import demo_entrance
from edge_app.compose.entrance import Entrance
from edge_app.settings import Settings
from edge_app.storage import key_slots
from edge_app.storage.key_slots import Cost


def said(settings) -> dict[str, doctor.DoctorCheck]:
    return {check.id: check for check in doctor._keys(settings)}


def test_a_guess_costs_at_least_what_is_promised_and_the_figures_are_said(tmp_path):
    settings = Settings(tmp_path, tmp_path)
    entrance, who = demo_entrance(settings)
    found = said(settings)

    assert found["guessing"].ok
    assert "64 MiB" in found["guessing"].found
    assert "a PIN alone opens nothing" in found["guessing"].found
    assert "not in a TPM" in found["device-secret"].found
    assert found["emergency-code"].found == "no emergency code was made"
    with entrance.store(who) as store:
        store.new_emergency_code()
    assert said(settings)["emergency-code"].found == "there is an emergency code"


@pytest.mark.parametrize("cost", [Cost(64, 3, 1), Cost(64 * 1024, 1, 2)])
def test_guesses_that_are_cheaper_than_promised_are_a_fault(tmp_path, monkeypatch, cost):
    monkeypatch.setattr(key_slots, "measured_cost", lambda: cost)
    settings = Settings(tmp_path, tmp_path)
    Entrance(settings).set_up("Amina", "correct horse battery")

    assert not said(settings)["guessing"].ok


def test_no_slot_is_ever_made_cheaper_than_promised():
    assert key_slots.measured_cost().is_enough

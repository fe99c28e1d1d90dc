"""The table of drivers builds what it lists and explains what it does not."""

from datetime import datetime, timezone

import pytest

from edge_app.domain.error import ScannerUnavailableError
from hardware.catalogue import DRIVERS, FINDERS, Surroundings, scanner
from hardware.kinds import FINDABLE
from tests import sane_peer


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


A_SANE = pytest.param("sane", "test:0", marks=sane_peer.needed)
LENT = Surroundings(clock=StoppedClock(), decode=lambda _: iter(()))


SIMULATED = {"flatbed": "3", "ultrasound": "shipped", "xray-panel": "shipped"}


@pytest.mark.parametrize(
    ("kind", "place"),
    [("microscope", "7"), ("replay", "."), ("watch-folder", "."), *SIMULATED.items(), A_SANE],
)
def test_a_driver_says_the_kind_under_which_it_is_listed(
    kind: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(sane_peer.configured_for_this_process()))
    assert scanner(kind, place, LENT).info().kind == kind


def test_every_listed_kind_is_tried_above() -> None:
    assert set(DRIVERS) == {"microscope", "replay", "sane", "watch-folder", *SIMULATED}


def test_every_kind_that_can_be_looked_for_has_a_finder_and_a_driver() -> None:
    assert set(FINDERS) == set(FINDABLE)
    assert set(FINDABLE) <= set(DRIVERS)


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(ScannerUnavailableError, match="microscope, replay, ultrasound"):
        scanner("telescope", "", LENT)


@pytest.mark.parametrize("place", ["", "x", "-1", "1.5", "\u0663"])
def test_a_smear_that_is_no_whole_number_is_refused(place: str) -> None:
    with pytest.raises(ScannerUnavailableError, match="whole number"):
        scanner("microscope", place, LENT)

"""Who may calibrate in the window, and what is written down of it."""

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.compose.window import kiosk_parts
from edge_app.domain.account import Account, Right, Role
from edge_app.domain.audit import EventKind
from edge_app.domain.error import NotAllowedError
from edge_app.settings import Settings
from hardware.profile import profile_from
from tests.fakes import an_image, some_pixels

MARKS = ((10.0, 10.0), (410.0, 10.0))


def measured(parts):
    image = an_image(some_pixels(640, 480))
    return parts.calibrations.of(0).by_marks(image, MARKS, 0.08)


@pytest.fixture
def room(tmp_path):
    """Return a profile, and the entrance of a store with an operator beside its administrator."""
    profile = tmp_path / "bench.toml"
    profile.write_text('kind = "microscope"\n')
    settings = Settings(tmp_path / "data", tmp_path / "no packages")
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store:
        store.add(Account("olga", frozenset({Role.OPERATOR})), "seven green lamps at noon")
    return profile, settings, entrance, who


def test_a_calibration_is_written_down_with_whoever_kept_it(room):
    profile, settings, entrance, who = room
    names = (f"{profile}:7",)
    with entrance.store(who) as store, kiosk_parts(settings, store, names) as parts:
        measured(parts).keep()

    with entrance.saved(who, Right.SEE_AUDIT, EventKind.AUDIT_USED) as saved:
        events = [e for e in saved.audit_events() if e.kind is EventKind.APPLICATION]
    assert [(e.by, e.act) for e in events] == [
        (who.account.name, "keeps the size of a pixel of a device")
    ]
    assert profile_from(profile).spacing_mm == pytest.approx((0.0002, 0.0002))


def test_an_operator_is_not_offered_a_calibration(room):
    profile, settings, entrance, _ = room
    olga = entrance.log_in("olga", "seven green lamps at noon")
    names = (f"{profile}:7",)
    with (
        entrance.store(olga) as store,
        kiosk_parts(settings, store, names) as parts,
        pytest.raises(NotAllowedError, match="technicians and administrators"),
    ):
        measured(parts)

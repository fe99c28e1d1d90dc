"""Nobody's picture goes to whoever was there before: idle time and another device ask first."""

from edge_app.domain.presence import IDLE_NS, Doubt, Presence


def test_who_was_just_named_is_not_doubted_for_five_minutes():
    presence = Presence()
    presence.confirmed(1000)
    assert presence.doubt(1000 + IDLE_NS) is None
    assert presence.doubt(1001 + IDLE_NS) is Doubt.IDLE


def test_every_touch_keeps_the_doubt_away():
    presence = Presence()
    presence.confirmed(0)
    presence.touched(IDLE_NS)
    assert presence.doubt(2 * IDLE_NS) is None


def test_a_touch_after_idle_time_is_no_answer():
    presence = Presence()
    presence.confirmed(0)
    presence.touched(IDLE_NS + 1)
    presence.touched(IDLE_NS + 2)
    assert presence.doubt(IDLE_NS + 3) is Doubt.IDLE
    presence.confirmed(IDLE_NS + 4)
    assert presence.doubt(IDLE_NS + 5) is None


def test_another_device_is_doubted_at_once_and_until_answered():
    presence = Presence()
    presence.confirmed(0)
    presence.device_changed()
    presence.touched(1)
    assert presence.doubt(2) is Doubt.OTHER_DEVICE
    presence.confirmed(3)
    assert presence.doubt(4) is None

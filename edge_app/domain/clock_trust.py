"""Whether the clock on the wall can be believed; nothing but what people read depends on it."""

from datetime import datetime, timedelta

_STEP = timedelta(minutes=2)
_LATER = timedelta(days=366)


def doubt_about(
    now: datetime, built: datetime, newest: datetime | None, expected: datetime | None
) -> str:
    """Return why the clock is not believed, as a sentence; nothing where it is.

    Args:
        now: What it shows.
        built: When this program was made: it is later than that.
        newest: The newest time that it ever showed.
        expected: What it would show now by the machine's running time, where it was seen before
            in the same run.
    """
    shown = f"{now:%Y-%m-%d %H:%M}"
    if now < built:
        return f"The clock shows {shown}, before this program was made."
    if newest and now < newest - _STEP:
        return f"The clock shows {shown}; it was {newest:%Y-%m-%d %H:%M} before."
    if expected and abs(now - expected) > _STEP:
        return f"The clock jumped to {shown}; it should be {expected:%Y-%m-%d %H:%M}."
    if newest and now > newest + _LATER:
        return f"The clock shows {shown}, more than a year after it was last seen."
    return ""

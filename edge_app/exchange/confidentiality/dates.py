"""Dates and times moved by one and the same span, to the precision that they had."""

import re
from datetime import datetime, timedelta

_WHOLE = "19700101000000"
_DT = re.compile(r"(\d{4,14})(\.\d{1,6})?([+-]\d{4})?")
_TM = re.compile(r"(\d{2,6})(\.\d{1,6})?")


class UnreadableDateError(Exception):
    """It is no date or time that DICOM knows."""


def _moved(digits: str, by: timedelta) -> str:
    """Return year to second, as many digits of it as there were."""
    if len(digits) % 2:
        raise UnreadableDateError
    try:
        at = datetime.strptime(digits + _WHOLE[len(digits) :], "%Y%m%d%H%M%S")  # noqa: DTZ007
        moved = at + by
    except (ValueError, OverflowError) as error:
        raise UnreadableDateError from error
    return f"{moved:%Y%m%d%H%M%S}".zfill(14)[: len(digits)]


def moved_datetime(value: str, by: timedelta) -> str:
    """Return a DT value moved; raises UnreadableDateError."""
    found = _DT.fullmatch(value.strip())
    if not found:
        raise UnreadableDateError
    return _moved(found[1], by) + (found[2] or "") + (found[3] or "")


def moved_date(value: str, by: timedelta, time: str = "") -> str:
    """Return a DA value moved, over midnight where `time` of the same moment takes it there."""
    of_day = _TM.fullmatch(time.strip())
    if len(value.strip()) != 8:
        raise UnreadableDateError
    return _moved(value.strip() + (of_day[1] if of_day else ""), by)[:8]


def moved_time(value: str, by: timedelta) -> str:
    """Return a TM value moved, within its day."""
    found = _TM.fullmatch(value.strip())
    if not found:
        raise UnreadableDateError
    return _moved("19700101" + found[1], by)[8:] + (found[2] or "")

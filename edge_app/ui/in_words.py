"""What other rooms say, in the language of the window; numbers, times and days as it writes them.

The other rooms know no Qt and speak plain English: docs/decisions/0040.
"""

from collections.abc import Iterable
from datetime import date, datetime

from PyQt6.QtCore import QCoreApplication, QDate, QLocale, QTime

SENTENCE, COUNTED = "Sentence", "Counted"


def in_words(spoken: str) -> str:
    """Return a sentence of another room in the window's language; in English where it has none."""
    return QCoreApplication.translate(SENTENCE, spoken) if spoken else ""


def counted(one: str, many: str, number: int) -> str:
    """Return the form of a text that goes with `number`, with the number in its hole {0}."""
    said = QCoreApplication.translate(COUNTED, one, many, number)
    if said == one and number != 1:  # nobody translates
        said = many
    return said.format(number_words(number))


def listed(things: Iterable[str]) -> str:
    """Return several things in a row, with the comma of the window's language."""
    return QCoreApplication.translate("List", ", ").join(things)


def number_words(number: float, decimals: int = 0) -> str:
    """Return a number in the digits and with the decimal sign of the window's language."""
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale.toString(float(number), "f", decimals)


def time_words(moment: datetime) -> str:
    """Return a time as it is said in the clinic."""
    return QLocale().toString(QTime(moment.hour, moment.minute), "HH:mm")


def day_words(day: date) -> str:
    """Return a day with the month in letters, so that nobody takes it for the day."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")

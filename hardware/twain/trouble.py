"""What TWAIN answers to a call, in words for whoever stands before the scanner."""

from collections.abc import Iterable

from edge_app.domain.error import ScannerUnavailableError
from hardware.twain.structures import Condition

_CONNECT = "Check its cable and power, then scan again."
_PROFILE = "Correct the profile, or attach the device that it was written for."
_SAID = {
    Condition.LOW_MEMORY: (
        "The scan needs more memory than there is.",
        "Choose a lower resolution or a smaller area.",
    ),
    Condition.TOO_MANY: ("The scanner is in use.", "Close the other program that uses it."),
    Condition.BAD_VALUE: (
        "The scanner does not accept how it was set.",
        "Choose another setting, or have a technician correct the device's profile.",
    ),
    Condition.DENIED: ("The scanner refused.", "Close the other program that uses it."),
    Condition.JAMMED: (
        "Paper is jammed in the scanner.",
        "Open the feeder, take the paper out, and scan the page again.",
    ),
    Condition.DOUBLE_FEED: (
        "The scanner took two sheets at once.",
        "Take the paper out, put it in again and scan those pages again.",
    ),
    Condition.OFFLINE: ("The scanner is not there.", _CONNECT),
    Condition.COVER_OPEN: ("The scanner's cover is open.", "Close it and scan the page again."),
    Condition.DAMAGED_CORNER: (
        "The scanner reports a page with a damaged corner.",
        "Take the page out and scan it on the glass.",
    ),
    Condition.NO_PAPER: (
        "There is no paper in the scanner's feeder.",
        "Put the pages in and scan again.",
    ),
}


class TwainError(Exception):
    """A call failed."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition.name)
        self.condition = condition


def refusal(condition: Condition) -> ScannerUnavailableError:
    """Return the sentence and the remedy for a call that failed."""
    what = f"The scanner's driver reports a fault ({condition.name})."
    return ScannerUnavailableError(*_SAID.get(condition, (what, _CONNECT)))


class NoTwainError(ScannerUnavailableError):
    """This computer has no TWAIN at all."""


def not_here() -> NoTwainError:
    """Return the error for a system other than Windows."""
    return NoTwainError(
        "TWAIN needs Windows, and this computer does not run it.",
        "Name the scanner through SANE here; `edge-app devices list` shows what is attached.",
    )


def not_installed() -> NoTwainError:
    """Return the error for a Windows without TWAIN."""
    return NoTwainError(
        "TWAIN is not installed on this computer.",
        "Have a technician install TWAINDSM of the TWAIN Working Group and the scanner's driver,"
        " both of as many bits as this program has.",
    )


def no_memory() -> ScannerUnavailableError:
    """Return the error for a Windows that gives no memory."""
    return refusal(Condition.LOW_MEMORY)


def absent() -> ScannerUnavailableError:
    """Return the error for a scanner without a driver of that name."""
    return ScannerUnavailableError(
        "There is no scanner of that name.",
        "Look at `edge-app devices list`; its driver must be installed.",
    )


def busy() -> ScannerUnavailableError:
    """Return the error for a scanner that somebody else holds."""
    return refusal(Condition.TOO_MANY)


def cancelled() -> ScannerUnavailableError:
    """Return the error for a scan that somebody stopped."""
    return ScannerUnavailableError("The scan was stopped at the scanner.", "Scan the page again.")


def too_slow() -> ScannerUnavailableError:
    """Return the error for a page that did not come in its time."""
    return ScannerUnavailableError(
        "The page took longer than a page may take.",
        "Look whether the scanner asks for something. Choose a lower resolution, or have a"
        " technician give the device's profile more time.",
    )


def unreadable(why: str) -> ScannerUnavailableError:
    """Return the error for a page that is no picture that is read here."""
    return ScannerUnavailableError(
        f"The scanner sent a page that cannot be read: {why}.",
        'Have a technician choose "mode" as Color, Gray or Lineart in the device\'s profile.',
    )


def no_such_choice(name: str, names: Iterable[str]) -> ScannerUnavailableError:
    """Return the error for a choice that there is not."""
    return ScannerUnavailableError(
        f"The scanner has no choice {name!r}, which its profile makes.",
        f"{_PROFILE} It has: {', '.join(names)}.",
    )


def no_such_word(name: str, word: str, words: Iterable[str]) -> ScannerUnavailableError:
    """Return the error for a choice that the scanner does not take with this word."""
    return ScannerUnavailableError(
        f"The scanner cannot set {name!r} to {word!r}, which its profile asks for.",
        f"Choose one of: {', '.join(words)}.",
    )

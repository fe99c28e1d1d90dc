"""What SANE answers to a call, in words for whoever stands before the scanner."""

from enum import IntEnum

from edge_app.domain.error import ScannerUnavailableError


class Status(IntEnum):
    """What a call comes to; numbers of the SANE standard, 4.2.7."""

    GOOD = 0
    UNSUPPORTED = 1
    CANCELLED = 2
    DEVICE_BUSY = 3
    INVAL = 4
    EOF = 5
    JAMMED = 6
    NO_DOCS = 7
    COVER_OPEN = 8
    IO_ERROR = 9
    NO_MEM = 10
    ACCESS_DENIED = 11


CONNECT = "Check its cable and power, then scan again."
_SAID = {
    Status.UNSUPPORTED: (
        "The scanner cannot do what it was asked for.",
        "Have a technician correct the device's profile.",
    ),
    Status.CANCELLED: ("The scan was stopped at the scanner.", "Scan the page again."),
    Status.DEVICE_BUSY: (
        "The scanner is busy.",
        "Wait until it has finished, or close the other program that uses it.",
    ),
    Status.INVAL: (
        "The scanner does not accept how it was set.",
        "Choose another setting, or have a technician correct the device's profile.",
    ),
    Status.EOF: ("The scanner sent no picture.", "Scan the page again."),
    Status.JAMMED: (
        "Paper is jammed in the scanner.",
        "Open the feeder, take the paper out, and scan the page again.",
    ),
    Status.NO_DOCS: (
        "There is no paper in the scanner's feeder.",
        "Put the pages in and scan again.",
    ),
    Status.COVER_OPEN: ("The scanner's cover is open.", "Close it and scan the page again."),
    Status.IO_ERROR: ("The connection to the scanner broke off.", CONNECT),
    Status.NO_MEM: (
        "The scan needs more memory than there is.",
        "Choose a lower resolution or a smaller area.",
    ),
    Status.ACCESS_DENIED: (
        "This computer is not allowed to use the scanner.",
        "Have a technician allow it.",
    ),
}


class SaneStatusError(Exception):
    """A call came to something other than good."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


def refusal(status: Status) -> ScannerUnavailableError:
    """Return the sentence and the remedy for any status but good."""
    return ScannerUnavailableError(*_SAID[status])


def silent() -> ScannerUnavailableError:
    """Return the error for a scanner that came to a halt, or whose computer did."""
    return ScannerUnavailableError("The scanner does not answer any more.", CONNECT)


def cut_short() -> ScannerUnavailableError:
    """Return the error for a page that ended before its last row, without a word why."""
    return ScannerUnavailableError(
        "The scanner stopped in the middle of the last page.", "Scan that page again."
    )


def too_slow() -> ScannerUnavailableError:
    """Return the error for a page that still came when its time was up."""
    return ScannerUnavailableError(
        "The page took longer than a page may take.",
        "Choose a lower resolution, or have a technician give the device's profile more time.",
    )


def absent() -> ScannerUnavailableError:
    """Return the error for a scanner that is not there, or no longer."""
    return ScannerUnavailableError("The scanner is not there.", CONNECT)

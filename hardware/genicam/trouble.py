"""What can go wrong with a camera, in words for whoever stands before it."""

from enum import IntEnum

from edge_app.domain.error import ScannerUnavailableError

_CONNECT = "Check its cable and power, then try again."
_TECHNICIAN = "Have a technician correct the device's profile."


class Code(IntEnum):
    """Why Aravis refused a call (`ArvDeviceError`); others are of no use here."""

    WRONG_FEATURE = 0
    FEATURE_NOT_FOUND = 1
    NOT_CONNECTED = 2
    PROTOCOL = 3
    TRANSFER = 4
    TIMEOUT = 5
    NOT_FOUND = 6
    NOT_CONTROLLER = 10


class AravisError(Exception):
    """A call was refused, or the camera did not answer it."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


def refusal(error: AravisError) -> ScannerUnavailableError:
    """Return the sentence and the remedy for a call that was refused."""
    if error.code == Code.NOT_FOUND:
        return absent()
    if error.code == Code.NOT_CONTROLLER:
        return control_lost()
    if error.code in {Code.NOT_CONNECTED, Code.PROTOCOL, Code.TRANSFER, Code.TIMEOUT}:
        return ScannerUnavailableError("The camera does not answer.", _CONNECT)
    return ScannerUnavailableError("The camera does not accept how it was set.", _TECHNICIAN)


def not_installed() -> ScannerUnavailableError:
    """Return the error for a computer without Aravis."""
    return ScannerUnavailableError(
        "GigE Vision and USB3 Vision cameras cannot be used here: Aravis is not installed.",
        "Have a technician install the package libaravis-0.8-0.",
    )


def absent() -> ScannerUnavailableError:
    """Return the error for a camera that is not there, or no longer."""
    return ScannerUnavailableError("The camera is not there.", _CONNECT)


def busy() -> ScannerUnavailableError:
    """Return the error for a camera that somebody else holds."""
    return ScannerUnavailableError(
        "The camera is in use by another program or computer.",
        "Close the other program that uses it.",
    )


def control_lost() -> ScannerUnavailableError:
    """Return the error for a camera that was unplugged, restarted or taken while it was held."""
    return ScannerUnavailableError("The connection to the camera broke off.", _CONNECT)


def silent() -> ScannerUnavailableError:
    """Return the error for a camera that sent nothing in the time that a frame may take."""
    return ScannerUnavailableError(
        "The camera sends no pictures.",
        "Check its cable. If its exposure is long, have a technician give its profile more time.",
    )


def only_broken() -> ScannerUnavailableError:
    """Return the error for a camera whose pictures all arrive with parts missing."""
    return ScannerUnavailableError(
        "The camera's pictures arrive incomplete, so none is shown.",
        "Check its cable. If it stays so, have a technician lower the camera's frame rate.",
    )


def unsupported(pixel_format: str) -> ScannerUnavailableError:
    """Return the error for pixels that nothing here reads."""
    return ScannerUnavailableError(
        f"The camera sends its pictures as {pixel_format}, which cannot be read here.",
        "Have a technician set the camera to RGB8, a Bayer format of 8 bits, or Mono8.",
    )


def no_such_choice(name: str) -> ScannerUnavailableError:
    """Return the error for a choice that the camera does not have."""
    return ScannerUnavailableError(
        f"The camera has no choice {name!r}, which its profile makes.",
        "Correct the profile, or attach the device that it was written for.",
    )


def no_such_word(name: str, word: str, words: tuple[str, ...]) -> ScannerUnavailableError:
    """Return the error for a choice that the camera has, but not with this word."""
    return ScannerUnavailableError(
        f"The camera cannot set {name!r} to {word!r}, which its profile asks for.",
        f"Choose one of: {', '.join(words)}.",
    )

"""What can go wrong with a camera, in words for whoever stands before it."""

import errno
from collections.abc import Iterable

from edge_app.domain.error import ScannerUnavailableError

_CONNECT = "Check its cable, then try again."
_PROFILE = "Correct the profile, or attach the device that it was written for."
_GONE = {errno.ENODEV, errno.ENXIO, errno.ENOENT}
_BUSY = {errno.EBUSY, errno.EUSERS}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


def refusal(error: OSError) -> ScannerUnavailableError:
    """Return the sentence and the remedy for what the kernel answered."""
    if is_gone(error):
        return absent()
    if error.errno in _BUSY:
        return busy()
    if is_forbidden(error):
        return ScannerUnavailableError(
            "This user may not use the cameras of this computer.",
            'Have a technician add the user to the group "video".',
        )
    if error.errno == errno.ENOSPC:
        return ScannerUnavailableError(
            "The USB connection has no room left for this camera's pictures.",
            "Plug it into another socket of the computer itself, or have a technician choose a"
            " smaller picture or MJPEG.",
        )
    return ScannerUnavailableError("The camera does not answer.", _CONNECT)


def is_gone(error: OSError) -> bool:
    """Return whether the camera is not there any more."""
    return error.errno in _GONE


def is_forbidden(error: OSError) -> bool:
    """Return whether this user lacks the right to open a node."""
    return error.errno in _FORBIDDEN


def away_or_busy() -> ScannerUnavailableError:
    """Return the error for a camera of which the system does not say why it cannot be taken."""
    return ScannerUnavailableError(
        "The camera is not there, or another program uses it.",
        "Check its cable and close other programs that use it. If the system asks whether this"
        " program may use the camera, allow it.",
    )


def absent() -> ScannerUnavailableError:
    """Return the error for a camera that is not there."""
    return ScannerUnavailableError("The camera is not there.", _CONNECT)


def busy() -> ScannerUnavailableError:
    """Return the error for a camera that somebody else holds."""
    return ScannerUnavailableError(
        "The camera is in use by another program.", "Close the other program that uses it."
    )


def twins() -> ScannerUnavailableError:
    """Return the error for a serial number that two cameras have."""
    return ScannerUnavailableError(
        "Two attached cameras have the same serial number, so this name fits both.",
        "Name the camera by its socket, as `edge-app devices list` shows it now.",
    )


def unplugged() -> ScannerUnavailableError:
    """Return the error for a camera that went away while it was held."""
    return ScannerUnavailableError("The camera was unplugged.", _CONNECT)


def silent() -> ScannerUnavailableError:
    """Return the error for a camera that sent nothing in the time that a frame may take."""
    return ScannerUnavailableError(
        "The camera sends no pictures.",
        "Unplug it and plug it in again. If its exposure is long, have a technician give its"
        " profile more time.",
    )


def only_broken() -> ScannerUnavailableError:
    """Return the error for a camera whose pictures all arrive damaged."""
    return ScannerUnavailableError(
        "The camera's pictures arrive damaged or incomplete, so none is shown.",
        "Check its cable, and plug it into another socket. If it stays so, have a technician"
        " choose a smaller picture.",
    )


def not_accepted() -> ScannerUnavailableError:
    """Return the error for a setting that the camera itself refused."""
    return ScannerUnavailableError(
        "The camera does not accept how it was set.",
        "Have a technician correct the device's profile.",
    )


def unsupported(offered: Iterable[str]) -> ScannerUnavailableError:
    """Return the error for a camera without a pixel format that is read here."""
    formats = ", ".join(offered) or "no format at all"
    return ScannerUnavailableError(
        f"The camera sends its pictures as {formats}, which cannot be read here.",
        "Use a camera that sends MJPEG, YUYV, NV12, RGB24, BGR24 or GREY.",
    )


def not_taken(name: str, word: str) -> ScannerUnavailableError:
    """Return the error for a choice that the camera, or the system, did not take."""
    return ScannerUnavailableError(
        f"The camera did not take {word!r} for {name!r}, which its profile asks for.", _PROFILE
    )


def no_such_choice(name: str, names: Iterable[str]) -> ScannerUnavailableError:
    """Return the error for a choice that the camera does not have."""
    return ScannerUnavailableError(
        f"The camera has no choice {name!r}, which its profile makes.",
        f"{_PROFILE} It has: {', '.join(names)}.",
    )


def no_such_word(name: str, word: str, words: Iterable[str]) -> ScannerUnavailableError:
    """Return the error for a choice that the camera has, but not with this word."""
    return ScannerUnavailableError(
        f"The camera cannot set {name!r} to {word!r}, which its profile asks for.",
        f"Choose one of: {', '.join(words) or 'no words at all'}.",
    )

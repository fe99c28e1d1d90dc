"""What a pipeline says of a fault, in words for whoever stands before the picture."""

from edge_app.domain.error import ScannerUnavailableError
from hardware.gstreamer.library import END, HTTP, NO_DECODER, Said

CONNECT = "Check the camera's power and cable, then try again."
_RESOURCE, _STREAM, _CORE = (
    "gst-resource-error-quark",
    "gst-stream-error-quark",
    "gst-core-error-quark",
)
_LACKS = (
    "This computer lacks the part of GStreamer that reads this camera's kind of video.",
    "Set the camera to MJPEG, or have a technician install the package gstreamer1.0-libav.",
)
_UNREADABLE = (
    "What comes from this address is no video that can be read.",
    "Have a technician check the address in the device's name, and the camera's settings.",
)
_NOT_REACHED = ("The camera cannot be reached, or has no stream at this address.", CONNECT)
_NOT_GIVEN = (
    "The camera answers, and does not give its stream now.",
    "Close other programs that show its picture, or start the camera anew.",
)
_WRONG_LOGIN = (
    "The camera refused the name or the password.",
    "Have a technician check both, in the camera's address or in the file with its login.",
)
_BROKE_OFF = ("The connection to the camera broke off.", CONNECT)
_WORDS = {
    END: ("The camera ended its stream.", "Try again; if it ends again, start the camera anew."),
    NO_DECODER: _LACKS,
    Said(_RESOURCE, 3): _NOT_REACHED,
    Said(_RESOURCE, 4): (
        "The device is in use by another program.",
        "Close the other program, then try again.",
    ),
    Said(_RESOURCE, 5): _NOT_REACHED,
    Said(_RESOURCE, 7): _NOT_REACHED,
    Said(_RESOURCE, 9): _BROKE_OFF,
    Said(_RESOURCE, 10): _BROKE_OFF,
    Said(_RESOURCE, 13): (
        "The device cannot be set as its profile asks for.",
        "Have a technician correct the size and rate in the device's profile.",
    ),
    Said(_RESOURCE, 15): _WRONG_LOGIN,
    Said(_STREAM, 1): _BROKE_OFF,
    Said(_STREAM, 4): _UNREADABLE,
    Said(_STREAM, 5): _UNREADABLE,
    Said(_STREAM, 6): _LACKS,
    Said(_STREAM, 7): (
        "The camera's video is damaged.",
        "Check its cable; if it stays so, start the camera anew.",
    ),
    Said(_STREAM, 9): _UNREADABLE,
    Said(_CORE, 12): _LACKS,
    Said(HTTP, 401): _WRONG_LOGIN,
    Said(HTTP, 403): _WRONG_LOGIN,
    Said(HTTP, 404): _NOT_REACHED,
}
_BEFORE_A_FRAME = {Said(_RESOURCE, 9): _NOT_GIVEN}


def refusal(told: Said, *, had_frames: bool) -> ScannerUnavailableError:
    """Return the sentence and the remedy; the pipeline's own words hold addresses, so none pass."""
    if not had_frames and told in _BEFORE_A_FRAME:
        return ScannerUnavailableError(*_BEFORE_A_FRAME[told])
    other = _NOT_GIVEN if told.domain == HTTP else _BROKE_OFF
    return ScannerUnavailableError(*_WORDS.get(told, other))


def no_picture() -> ScannerUnavailableError:
    """Return the error for a device that sends nothing, or nothing that can be used."""
    return ScannerUnavailableError("No new picture came from the camera in time.", CONNECT)


def not_started() -> ScannerUnavailableError:
    """Return the error for a device that did not start, without a word why."""
    return ScannerUnavailableError("The camera did not start.", CONNECT)


def no_sense() -> ScannerUnavailableError:
    """Return the error for a pipeline whose parts do not fit each other."""
    return ScannerUnavailableError(
        "The parts of the device's pipeline do not fit each other.",
        "Have a technician correct the device's profile.",
    )


def let_go() -> ScannerUnavailableError:
    """Return the error for every use after the block."""
    return ScannerUnavailableError("The camera was let go.", "Open it again.")


def in_use() -> ScannerUnavailableError:
    """Return the error for a device that this program holds already."""
    return ScannerUnavailableError(
        "The camera is busy.", "Close whatever else in this program uses it."
    )

"""What a calibration says: what to do at each step, and what was measured."""

import math

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.image import CapturedImage
from edge_app.ports import MeasuredLight
from edge_app.ui.calibration_run import Stage
from edge_app.ui.in_words import number_words as plain_number

_DIGITS = 4


def title_words(stage: Stage) -> str:
    """Return what the page is about."""
    translate = QCoreApplication.translate
    if stage is Stage.CHOOSE:
        return translate("Calibration", "Calibrate")
    if stage in (Stage.LIGHT, Stage.LIGHT_FOUND):
        return translate("Calibration", "Even out the light")
    return translate("Calibration", "Size of a pixel")


def step_words(stage: Stage) -> str:
    """Return what to do at a step; where something was measured, what Keep does."""
    translate = QCoreApplication.translate
    return {
        Stage.CHOOSE: translate(
            "Calibration",
            "Measured once, kept in the device's profile, carried by every later picture. No"
            " picture is saved here, and nothing changes until you touch Keep.",
        ),
        Stage.LIGHT: translate(
            "Calibration",
            "1. Put in an empty, clean slide, or move to an empty place.\n"
            "2. Focus as for a sample.\n"
            "3. Set the lamp: bright, but nowhere white.\n"
            "4. Touch Measure, and move nothing until it is done.",
        ),
        Stage.LIGHT_FOUND: translate(
            "Calibration", "Keep evens out every picture of this device from now on."
        ),
        Stage.SCALE: translate(
            "Calibration",
            "1. Put in a stage micrometer or a ruler, its lines upright.\n"
            "2. Bring it into focus, across the whole picture.\n"
            "3. Touch the picture: it stands still.",
        ),
        Stage.FROZEN: "",
        Stage.SPACING_FOUND: translate(
            "Calibration", "Keep gives this scale to every picture of this device from now on."
        ),
    }[stage]


def marks_words(n_marks: int) -> str:
    """Return what to do with the marks."""
    translate = QCoreApplication.translate
    if n_marks < 2:
        return translate(
            "Calibration", "Touch two places of known distance, as far apart as you can. Marks: {0}"
        ).format(f"{n_marks}/2")
    return translate(
        "Calibration", "Drag a mark or move it with the arrow keys. Then type the distance."
    )


def lines_words() -> str:
    """Return what is asked of a scale with lines."""
    return QCoreApplication.translate(
        "Calibration",
        "Type how far one line is from the next, and about how many spaces between lines go"
        " across the whole picture.",
    )


def light_words(light: MeasuredLight) -> str:
    """Return how even the field was, and is."""
    said = QCoreApplication.translate(
        "Calibration",
        "Light and colour differed by {0} % across the field. Evened out, they differ by {1} %.",
    )
    return said.format(plain_number(light.before * 100), plain_number(light.after * 100))


def spacing_words(spacing_mm: float, image: CapturedImage, before_mm: float | None) -> str:
    """Return the size of a pixel, of the whole picture then, and what it was taken for so far."""
    translate = QCoreApplication.translate
    pixel = translate("Calibration", "One pixel is {0}\u00a0mm ({1}\u00a0\u00b5m).")
    whole = translate(
        "Calibration", "The whole picture is then {0}\u00a0mm wide and {1}\u00a0mm high."
    )
    lines = [
        pixel.format(number_words(spacing_mm), number_words(spacing_mm * 1000)),
        whole.format(*(number_words(n * spacing_mm) for n in (image.width, image.height))),
    ]
    if before_mm:
        until_now = translate("Calibration", "Until now: {0}\u00a0mm a pixel.")
        lines.append(until_now.format(number_words(before_mm)))
    return "\n\n".join(lines)


def number_words(value: float) -> str:
    """Return a number with four digits that count, never with an exponent."""
    digits = max(0, _DIGITS - 1 - math.floor(math.log10(value)))
    plain = f"{value:.{digits}f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    decimals = len(plain.partition(".")[2])
    return plain_number(value, decimals)

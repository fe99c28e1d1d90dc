"""What was measured in a picture, and at which levels it is shown, in words and numbers."""

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.image import CapturedImage
from edge_app.domain.levels import Levels, range_of, scale_of
from edge_app.ui.in_words import day_words, number_words

_MICRON_MM = 0.001


def length_words(length_mm: float | None, length_px: float) -> str:
    """Return a length in millimetres or microns; in pixels, and that it is so, without a scale."""
    translate = QCoreApplication.translate
    if length_mm is None:
        pixels = translate("Measured", "{0} pixels. No scale is known, so no millimetres.")
        return pixels.format(number_words(length_px))
    if length_mm < 1:
        return translate("Measured", "{0}\u00a0\u00b5m").format(
            number_words(length_mm / _MICRON_MM, 1)
        )
    return translate("Measured", "{0}\u00a0mm").format(number_words(length_mm, 1))


def scale_words(image: CapturedImage) -> str:
    """Return where the scale of a picture comes from; nothing where it has none."""
    translate = QCoreApplication.translate
    if image.spacing_mm is None:
        return ""
    if image.calibration.spacing:
        words = translate("Measured", "The scale was measured here on {0}.")
        return words.format(day_words(image.calibration.spacing))
    return translate("Measured", "The scale is what the device says.")


def levels_words(image: CapturedImage, levels: Levels | None) -> str:
    """Return which levels are shown, as two ends and as level and window, and how many there are.

    Without levels the picture is as it was taken.
    """
    translate = QCoreApplication.translate
    there = range_of(image)
    if levels is None:
        words = translate("Measured", "As it was taken. It has levels from {0} to {1}{2}.")
        return words.format(*_whole(there.low, there.high), _unit(image))
    words = translate(
        "Measured",
        "Levels {0} to {1}{6} are shown (level {2}, window {3}). It has levels from {4} to {5}.",
    )
    ends = (levels.low, levels.high, levels.centre, levels.width, there.low, there.high)
    return words.format(*_whole(*ends), _unit(image))


def _whole(*numbers: float) -> list[str]:
    return [number_words(round(number)) for number in numbers]


def _unit(image: CapturedImage) -> str:
    unit = scale_of(image).unit
    return f"\u00a0{unit}" if unit else ""

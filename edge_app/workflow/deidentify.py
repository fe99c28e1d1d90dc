"""A study that leaves without whoever it is of: what becomes of text in its pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from edge_app.domain.confidentiality import BurnedText, TextInPictureError, blacked_out
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.domain.outbox import Job
from edge_app.domain.study import Study

Places = Sequence[Sequence[Box]]
"""For each picture of a study, in order, where text stands in it."""


class TextFinder(Protocol):
    """Finds text that stands in pixels."""

    def text_in(self, image: CapturedImage) -> tuple[Box, ...]:
        """Return boxes that cover all text it finds, and sooner one too many than one too few.

        Raises:
            TextNotSearchedError: It could not look.
        """


class LeavesWithoutNames(Protocol):
    """What the window needs to let a study leave."""

    def search(self, images: Sequence[CapturedImage]) -> list[tuple[Box, ...]]:
        """Return where text stands in each picture.

        Raises:
            TextNotSearchedError: One could not be searched.
        """

    def write(self, study: Study, places: Places) -> Job:
        """Send the files of a study whose pictures a person looked at, with `places` black.

        Return how far it came; what is not sent yet stays in the outbox and is tried again.

        Raises:
            NotAllowedError: The account may not export.
            ExportFailedError: The folder cannot be made.
            NotSavedError: It could not be written down that it leaves, so it does not.
        """


def searched(finder: TextFinder, images: Iterable[CapturedImage]) -> list[tuple[Box, ...]]:
    """Return where text stands in each picture.

    Raises:
        TextNotSearchedError: One could not be searched; so nothing may leave unseen.
    """
    return [finder.text_in(image) for image in images]


def settled(found: Places, *, is_left: bool, is_confirmed: bool) -> BurnedText:
    """Return what becomes of the text; `is_confirmed` where a person looked at the pictures.

    Raises:
        TextInPictureError: It was found and would be left, and nobody said that it may.
    """
    with_text = [str(n) for n, places in enumerate(found, start=1) if places]
    if is_left and with_text:
        if not is_confirmed:
            raise TextInPictureError(
                f"Text was found in picture {', '.join(with_text)}, and it would stay.",
                "Have it blacked out, or look at each picture and say that it may stay.",
            )
        return BurnedText.LEFT
    return BurnedText.GONE if is_confirmed else BurnedText.BLACKED_OUT


def without_text(images: Sequence[CapturedImage], places: Places) -> list[CapturedImage]:
    """Return the pictures with those places black; their own depth, which shows them, is gone."""
    return [
        replace(image, pixels=blacked_out(image.pixels, boxes), hash="", deep=None)
        if boxes
        else image
        for image, boxes in zip(images, places, strict=True)
    ]

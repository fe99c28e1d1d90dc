"""A study that leaves without whoever it is of: text in its pictures, the right, the files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from edge_app.domain.confidentiality import (
    BurnedText,
    Confidentiality,
    TextInPictureError,
    blacked_out,
)
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Study
from edge_app.ports import StudyStore

Places = Sequence[Sequence[Box]]
"""For each picture of a study, in order, where text stands in it."""


class TextFinder(Protocol):
    """Finds text that stands in pixels."""

    def text_in(self, image: CapturedImage) -> tuple[Box, ...]:
        """Return boxes that cover all text it finds, and sooner one too many than one too few.

        Raises:
            TextNotSearchedError: It could not look.
        """


class DeidentifiedExporter(Protocol):
    """Puts a study into files that name nobody."""

    def export(
        self,
        study: Study,
        images: Sequence[CapturedImage],
        wishes: Confidentiality,
        folder: Path,
    ) -> tuple[Path, ...]:
        """Write DICOM, PNG and a record durably into `folder`; text in `images` is gone already.

        Raises:
            ExportFailedError: A file could not be written, or has a name that is taken.
        """


class LeavesWithoutNames(Protocol):
    """What the window needs to let a study leave."""

    def search(self, images: Sequence[CapturedImage]) -> list[tuple[Box, ...]]:
        """Return where text stands in each picture.

        Raises:
            TextNotSearchedError: One could not be searched.
        """

    def write(
        self, study: Study, images: Sequence[CapturedImage], places: Places
    ) -> tuple[Path, ...]:
        """Write the files of a study whose pictures a person looked at, with `places` black.

        Raises:
            EdgeAppError: As `export` does.
        """


def searched(finder: TextFinder, images: Sequence[CapturedImage]) -> list[tuple[Box, ...]]:
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
    """Return the pictures with those places black."""
    return [
        replace(image, pixels=blacked_out(image.pixels, boxes), hash="") if boxes else image
        for image, boxes in zip(images, places, strict=True)
    ]


def export(
    store: StudyStore,
    exporter: DeidentifiedExporter,
    study: Study,
    images: Sequence[CapturedImage],
    wishes: Confidentiality,
    folder: Path,
) -> tuple[Path, ...]:
    """Write the study's files, as a person who may asked for, and return them.

    Raises:
        NotAllowedError: The account may not export.
        NotSavedError: It could not be written down that it leaves, so it does not.
        ExportFailedError: A file could not be written.
    """
    store.exported(study, f"de-identified, {wishes.words}")
    return exporter.export(study, images, wishes, folder)

"""What a de-identified export keeps besides the picture, and what became of text in its pixels."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from edge_app.domain.error import EdgeAppError
from edge_app.domain.geometry import Box
from edge_app.domain.image import Pixels


class Option(Enum):
    """An option of the profile (DICOM PS3.15, E.3); without any, everything it names goes."""

    UIDS = "uids"
    DATES = "dates"
    SHIFTED_DATES = "shifted_dates"
    PATIENT = "patient"
    DEVICE = "device"
    INSTITUTION = "institution"
    DESCRIPTORS = "descriptors"


class BurnedText(Enum):
    """What became of text that stands in the pixels of a picture."""

    GONE = "a person looked, and none is left that can be read"
    BLACKED_OUT = "what was found is black; nobody looked"
    LEFT = "some was found and left, as a person asked"


class OptionsRefusedError(EdgeAppError):
    """What was asked of a de-identified export contradicts itself."""

    code = "EXP-002"
    safe = "Nothing was written."


class TextInPictureError(EdgeAppError):
    """Text was found in a picture, and nobody said that it may leave."""

    code = "EXP-003"
    safe = "Nothing was written."


class TextNotSearchedError(EdgeAppError):
    """Nobody knows whether there is text in a picture: the search for it failed."""

    code = "EXP-004"
    safe = "Nothing was written."


@dataclass(frozen=True, slots=True)
class Confidentiality:
    """How a study is de-identified.

    Attributes:
        project: What the export is for; exports of one store for one project give a patient and
            a study the same new numbers, others give other ones.
        text: What became of text in the pixels.
    """

    project: str = field(repr=False)
    options: frozenset[Option] = frozenset()
    text: BurnedText = BurnedText.BLACKED_OUT

    def __post_init__(self) -> None:
        """Refuse options of which one undoes the other."""
        if {Option.DATES, Option.SHIFTED_DATES} <= self.options:
            raise OptionsRefusedError(
                "Dates cannot both stay as they are and be shifted.", "Choose one of them."
            )

    @property
    def words(self) -> str:
        """What is kept, in words for the audit."""
        kept = ", ".join(sorted(o.value for o in self.options)) or "nothing"
        return f"keeping {kept}; text: {self.text.name.lower()}"


@dataclass(frozen=True, slots=True)
class LeavingPlan:
    """All that decides how a study leaves, so that every try makes the same files.

    Attributes:
        places: For each picture, in order, what of it is black.
    """

    wishes: Confidentiality
    places: tuple[tuple[Box, ...], ...]

    @property
    def digest(self) -> str:
        """The same for the same plan, and for no other."""
        wishes = self.wishes
        kept = sorted(option.value for option in wishes.options)
        black = [(n, b.x0, b.y0, b.x1, b.y1) for n, each in enumerate(self.places) for b in each]
        said = repr((wishes.project, kept, wishes.text.name, len(self.places), black))
        return hashlib.sha256(said.encode()).hexdigest()


def blacked_out(pixels: Pixels, boxes: Iterable[Box]) -> Pixels:
    """Return a copy with every pixel black that any of `boxes` touches."""
    made: Pixels = pixels.copy()
    for box in boxes:
        top, left = max(0, int(box.y0)), max(0, int(box.x0))
        made[top : max(0, -int(-box.y1 // 1)), left : max(0, -int(-box.x1 // 1))] = 0
    return made

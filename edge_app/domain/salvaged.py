"""What could be saved of a damaged list of studies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What there is of each study.

    Attributes:
        whole: Studies that are as they were.
        older: Ids of those of which an earlier version was found; later changes are lost.
        unnamed: Ids of those of which pictures were found, and no record: whose they are is not
            known, and they count as not analysed.
        lost: Ids of those of which nothing was found but that they were there.
        unreadable: Study's and image's id of each picture that cannot be read anywhere.
        mended: How many pictures come from the copy.
        pages: How many pages the damaged list had.
        damaged_pages: How many of them cannot be read.
        has_copy: Whether a copy was looked at as well.
        accounts: How many people's accounts were found; the others get in by the recovery key.
    """

    whole: tuple[str, ...]
    older: tuple[str, ...]
    unnamed: tuple[str, ...]
    lost: tuple[str, ...]
    unreadable: tuple[tuple[str, str], ...]
    mended: int
    pages: int
    damaged_pages: int
    has_copy: bool
    accounts: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not (self.older or self.unnamed or self.lost or self.unreadable)

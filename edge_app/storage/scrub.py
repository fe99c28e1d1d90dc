"""Every saved picture is read again in small portions, and what belongs to nothing is collected."""

from dataclasses import dataclass, field
from pathlib import Path

from edge_app.domain.error import StudyDamagedError
from edge_app.storage.saved_studies import SavedStudies

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Portion:
    """What a look at some studies found.

    Attributes:
        last: Place in the order of the last study that was looked at; 0 where there was none left.
        images: How many pictures were read.
        looked_at: Ids of the studies.
        damaged: Study's and image's id of each picture that cannot be read; the image's is empty
            where the study's record cannot be.
    """

    last: int = 0
    images: int = 0
    looked_at: frozenset[str] = frozenset()
    damaged: tuple[tuple[str, str], ...] = field(default=())


def scrubbed(store: SavedStudies, after: int, most_images: int) -> Portion:
    """Read the pictures of the studies that come after place `after`, about so many."""
    images, last, looked_at = 0, after, set()
    damaged: list[tuple[str, str]] = []
    while images < most_images:
        following = store.study_after(last)
        if following is None:
            last = 0
            break
        last, study_id = following
        looked_at.add(study_id)
        images += 1
        try:
            study = store.study(study_id)
        except StudyDamagedError:
            damaged.append((study_id, ""))
            continue
        for image in study.images:
            images += 1
            try:
                store.pixels(study, image.image_id)
            except StudyDamagedError:
                damaged.append((study_id, image.image_id))
    return Portion(last, images, frozenset(looked_at), tuple(damaged))


def strays(folder: Path, store: SavedStudies) -> frozenset[str]:
    """Return the names of sealed pictures below `folder` that belong to no study.

    One of them may be of a capture that is going on now: only what is a stray a day later as well
    is one.
    """
    images = folder / "images"
    there = {file.name for file in images.iterdir() if not file.name.endswith(".draft")}
    there -= {file.name for file in (folder / "spool").iterdir()}
    return frozenset(there - store.file_names())


def collected(folder: Path, names: frozenset[str]) -> int:
    """Remove strays and return how many; none where a damaged list might still name them."""
    quarantine = folder / QUARANTINE
    if quarantine.is_dir() and any(quarantine.iterdir()):
        return 0
    for name in names:
        (folder / "images" / name).unlink(missing_ok=True)
    return len(names)

"""Whether it is sure whose the pictures of the open study are; a person answers where it is not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum

from edge_app.domain.belonging import Belonging, mismatch
from edge_app.domain.error import StepRefusedError
from edge_app.domain.field_change import Glance, glance, is_same_picture
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.presence import Doubt, Presence
from edge_app.domain.study import Study
from edge_app.ports import Clock


class Unsure(Enum):
    """Why a person must say whose a kept picture is."""

    LOOKS_LIKE_BEFORE = "it looks like the last picture of the patient before"
    CONTRADICTED = "another picture of its examination names another patient"


def wanted(study: Study, images: Mapping[str, CapturedImage]) -> PatientRef:
    """Return whose pictures a study takes: its patient, under the issuer that its pictures name."""
    said = [images[i.image_id].belongs for i in study.images if i.image_id in images]
    issuers = [each.patient.issuer for each in said if each and each.patient.issuer]
    known = (study.patient.issuer, *issuers)
    return replace(study.patient, issuer=next((issuer for issuer in known if issuer), ""))


def refusal_of(
    study: Study | None, images: Mapping[str, CapturedImage], patient: PatientRef
) -> StepRefusedError | None:
    """Return why the study cannot be said to be of `patient`: a picture names another one."""
    kept = [images[i.image_id] for i in study.images if i.image_id in images] if study else []
    if not any(mismatch(image.belongs, patient) for image in kept):
        return None
    what = "The pictures in this study name another patient than you entered."
    return StepRefusedError(what, "Put this study aside, and start another for that patient.")


class Whose:
    """Remembers when somebody was there, and a coarse look at the last picture before this patient.

    Attributes:
        doubtful: Ids of pictures that may be somebody else's, until a person says whose they are.
    """

    def __init__(self, clock: Clock, on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._presence = Presence()
        self._former: Glance | None = None
        self.doubtful: dict[str, Unsure] = {}

    @property
    def doubt(self) -> Doubt | None:
        """Why nobody can be sure whose the next picture is."""
        return self._presence.doubt(self._clock.monotonic_ns())

    def confirmed(self) -> None:
        """Take it that a person has just said who the patient is."""
        self._presence.confirmed(self._clock.monotonic_ns())

    def same_patient(self) -> None:
        """Take it that a person answered: it is still this patient."""
        self.confirmed()
        self._on_change()

    def claim(self, image_id: str) -> None:
        """Take it that a person said: this picture is of this patient, however it looks."""
        self.doubtful.pop(image_id, None)
        self._on_change()

    def touched(self) -> None:
        """Take it that somebody is at the window."""
        self._presence.touched(self._clock.monotonic_ns())

    def device_changed(self) -> None:
        """Take it that another device delivers from now on."""
        self._presence.device_changed()

    def left(self, images: Mapping[str, CapturedImage]) -> None:
        """Take it that the patient of `images` has gone; the look shows nothing to know them by."""
        if images:
            self._former = glance(images[list(images)[-1]].pixels)
        self.doubtful = {}

    def kept(self, image_id: str, image: CapturedImage) -> None:
        """Hold a new picture against the patient before."""
        if self._former is not None and is_same_picture(glance(image.pixels), self._former):
            self.doubtful[image_id] = Unsure.LOOKS_LIKE_BEFORE

    def heed(self, frame: CapturedImage, images: Mapping[str, CapturedImage]) -> None:
        """Take note where a new picture's examination names another patient than it did."""
        if frame.belongs and frame.belongs.is_contested:
            self.contradicted(frame.belongs, images)

    def contradicted(self, said: Belonging, images: Mapping[str, CapturedImage]) -> None:
        """Doubt those of `images` whose examination `said` gives to another patient."""
        for image_id, image in images.items():
            if image.belongs and image.belongs.study_uid == said.study_uid:
                self.doubtful.setdefault(image_id, Unsure.CONTRADICTED)

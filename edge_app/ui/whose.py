"""Whether it is sure whose the pictures of the open study are; a person answers where it is not."""

from collections.abc import Callable, Mapping

from edge_app.domain.field_change import Glance, glance, is_same_picture
from edge_app.domain.image import CapturedImage
from edge_app.domain.presence import Doubt, Presence
from edge_app.ports import Clock


class Whose:
    """Remembers when somebody was there, and a coarse look at the last picture before this patient.

    Attributes:
        doubtful: Ids of pictures that look like that last one, until a person says whose they are.
    """

    def __init__(self, clock: Clock, on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._presence = Presence()
        self._former: Glance | None = None
        self.doubtful: set[str] = set()

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
        self.doubtful.discard(image_id)
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
        self.doubtful = set()

    def kept(self, image_id: str, image: CapturedImage) -> None:
        """Hold a new picture against the patient before."""
        if self._former is not None and is_same_picture(glance(image.pixels), self._former):
            self.doubtful.add(image_id)

"""A study that leaves the window without names."""

import secrets
from collections.abc import Sequence

from edge_app.compose.open_store import OpenStore
from edge_app.compose.outbox import sent_now
from edge_app.compose.text_finding import text_finder
from edge_app.domain.confidentiality import BurnedText, Confidentiality, LeavingPlan
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.domain.outbox import Job
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.workflow import deidentify


class KioskLeaving:
    """Answers `LeavesWithoutNames`: the basic profile and no option, into the data folder.

    Each export is a project of its own.
    """

    def __init__(self, settings: Settings, store: OpenStore) -> None:
        self._settings, self._store = settings, store

    def search(self, images: Sequence[CapturedImage]) -> list[tuple[Box, ...]]:
        """Return where text stands in each picture, found in a process of its own."""
        with text_finder(self._settings) as finder:
            return deidentify.searched(finder, images)

    def write(self, study: Study, places: deidentify.Places) -> Job:
        """Put the files into the outbox, and return once they were tried."""
        wishes = Confidentiality(secrets.token_hex(16), text=BurnedText.GONE)
        plan = LeavingPlan(wishes, tuple(map(tuple, places)))
        folder = self._settings.data_dir / "without-names"
        outbox = self._store.outbox
        return sent_now(outbox, outbox.ask_without_names(study, folder, plan))

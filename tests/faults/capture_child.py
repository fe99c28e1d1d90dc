"""Opens a store, captures two images and says what was acknowledged and what was refused."""

import sys
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from edge_app.domain.error import EdgeAppError
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.study_store import SqliteStudyStore
from tests.keys import KEYS

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


def an_image(seed: int, height: int = 48, width: int = 64) -> CapturedImage:
    """Return an image that cannot be compressed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return CapturedImage(pixels, "fake-1", seed, _NOON, seed)


def say(*words: str) -> None:
    """Say one line at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Do it; whatever a person could not act on ends the program with a trace."""
    folder, study_id = Path(sys.argv[1]), sys.argv[2]
    try:
        with SqliteStudyStore(folder, KEYS) as store:
            study = store.start(Study(study_id, PatientRef("P-1", "Amina Test"), _NOON))
            say("started", study_id)
            for seed in (1, 2):
                image = an_image(seed)
                try:
                    study = store.capture(study, image)
                    say("acknowledged", image.hash)
                except EdgeAppError as error:
                    say("refused", error.code)
                    if store.study(study_id) != study:
                        say("changed", study_id)
    except EdgeAppError as error:
        say("refused", error.code)


if __name__ == "__main__":
    main()

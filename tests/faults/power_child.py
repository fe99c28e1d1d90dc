"""Works on a store for a while, and writes down what it was promised and when, as the disk counts.

Run as `python -m tests.faults.power_child FOLDER STORE COUNT PROMISES SEED`.
"""

import os
import random
import struct
import sys
from pathlib import Path

import numpy as np

from edge_app.domain.account import Account, Role
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, Verdict
from edge_app.storage.key_slots import KeySlots
from edge_app.storage.salvage import Salvage
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_detection, a_reading, an_image
from tests.faults.broken_stores import NoBlobSyncStore, NoFolderSyncStore, NormalStore
from tests.faults.kill_harness import pixel_hash
from tests.keys import KEYS
from tests.old_stores.old_store import copied_to

STORES = {
    "sound": SqliteStudyStore,
    "normal": NormalStore,
    "no-blob-sync": NoBlobSyncStore,
    "no-folder-sync": NoFolderSyncStore,
}
MIGRATING, SALVAGING = "migrating", "salvaging"
OLD_ONES = (MIGRATING, SALVAGING)
"""Work on a store that was there before: what is cut before it is there is no matter of ours."""
SITTINGS, STUDIES_A_SITTING, MOST_IMAGES = 2, 30, 4
IMAGE, VERSION, SLOTS, ACCOUNT = "image", "version", "slots", "account"
OLD, KEPT = "old", "kept"
OLDEST, FIRST_PAGE = 1, 4096
_COUNT = struct.Struct("<Q")


class _Work:
    """What one clinic does in a hurry."""

    def __init__(self, count: Path, promises: Path, seed: int) -> None:
        self._count = count.open("rb", buffering=0)
        self._promises = promises.open("w", buffering=1)
        self._draw = random.Random(seed)  # noqa: S311
        self._noise = np.random.default_rng(seed)

    def promised(self, kind: str, *words: str) -> None:
        """Write down what was promised by now, and how much the disk had done before."""
        self._count.seek(0)
        (done,) = _COUNT.unpack(self._count.read(_COUNT.size))
        self._promises.write(" ".join((str(done), kind, *words)) + "\n")

    def set_up(self, folder: Path) -> None:
        KeySlots(folder, bytes(32)).set_up("amina.n", "four words that differ")
        self.promised(SLOTS, "amina.n")

    def migrate(self, folder: Path) -> None:
        """Open a store of the oldest schema, which migrates it."""
        copied_to(folder, OLDEST)
        os.sync()
        self.promised(OLD)
        SqliteStudyStore(folder, KEYS).close()
        self.promised(KEPT)

    def salvage(self, folder: Path) -> None:
        """Lose the first page of a list, and have it salvaged."""
        copied_to(folder, OLDEST)
        SqliteStudyStore(folder, KEYS).close()
        with (folder / "studies.db").open("r+b") as database:
            database.write(bytes(FIRST_PAGE))
        os.sync()
        self.promised(OLD)
        Salvage(folder, KEYS).carry_out("admin.n", NOON)
        self.promised(OLD)

    def sit(self, store: SqliteStudyStore, sitting: int) -> None:
        store.put_account(Account(f"nurse-{sitting}", frozenset({Role.OPERATOR})))
        self.promised(ACCOUNT, f"nurse-{sitting}")
        for number in range(STUDIES_A_SITTING):
            self._study(store, f"study-{sitting}-{number}")

    def _study(self, store: SqliteStudyStore, study_id: str) -> None:
        study = self._kept(store.start(Study(study_id, PatientRef("P-1", "Amina Test"), NOON)))
        for sequence in range(self._draw.randrange(1, MOST_IMAGES + 1)):
            height = self._draw.choice((16, 48, 96))
            pixels = self._noise.integers(0, 256, (height, 64, 3), np.uint8)
            image = an_image(pixels, sequence=sequence)
            study = self._kept(examine.keep(store, study, image))
            image_id = study.images[-1].image_id
            self.promised(IMAGE, study_id, image_id, pixel_hash(pixels))
            reading = a_reading(image, (a_detection(),))
            study = self._kept(examine.keep_reading(store, study, image_id, reading))
        if self._draw.random() < 0.5:
            for index in range(len(study.findings)):
                study = self._kept(examine.judge(store, study, index, Verdict.ACCEPTED))
            self._kept(examine.sign(store, FakeClock(), study, "Dr Test"))

    def _kept(self, study: Study) -> Study:
        self.promised(VERSION, study.study_id, str(study.version))
        return study


def main() -> None:
    """Set a store up and work in it, opened and closed a few times."""
    folder, kind, count, promises, seed = sys.argv[1:]
    work = _Work(Path(count), Path(promises), int(seed))
    if kind in OLD_ONES:
        {MIGRATING: work.migrate, SALVAGING: work.salvage}[kind](Path(folder))
        return
    work.set_up(Path(folder))
    for sitting in range(SITTINGS):
        with STORES[kind](Path(folder), KEYS) as store:
            work.sit(store, sitting)


if __name__ == "__main__":
    main()

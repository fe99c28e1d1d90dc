"""How much a program grows that captures and captures: memory, open files, threads.

The real store with its upkeep, one study after the other. Run as
`python -m tests.faults.growth_harness --folder F --captures N --warm W`; `--leak` makes it grow on
purpose, for a harness that does not notice is worthless.
"""

import argparse
import gc
import json
import os
import threading
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from edge_app.compose.upkeep import Upkeep
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, Verdict
from edge_app.settings import Settings
from edge_app.storage.study_store import SqliteStudyStore, _record
from edge_app.workflow import examine
from tests.fakes import FakeClock, a_detection, a_reading, a_study, an_image
from tests.keys import KEYS

CAPTURES_A_STUDY = 5
STUDIES_BEFORE, FINDINGS = 2_000, 100
SAMPLES = 40


@dataclass
class Growth:
    """What became of the process after it was warm.

    Attributes:
        rss_kb: Memory more per 10,000 captures, by a line through the samples.
        files: Open files more at the end.
        threads: Threads more at the end.
    """

    captures: int
    rss_kb: float
    files: int
    threads: int
    last_rss_kb: int
    seconds: float


def _rss_kb() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def _files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _in_use_for_a_while(store: SqliteStudyStore) -> None:
    """Fill the list of studies and SQLite's cache of it, which has a limit, as some weeks do."""
    image, before = an_image(), FakeClock()
    findings = a_study(image, [a_detection()] * FINDINGS).findings
    with store._transaction():
        for number in range(STUDIES_BEFORE):
            study = Study(f"before-{number}", PatientRef("P-0", "Before"), before.now())
            kept = replace(study, findings=findings, version=1)
            store._write(kept, _record(kept), "started", None)
    for number in range(STUDIES_BEFORE):
        store.study(f"before-{number}")


class _Clinic:
    """Takes one study after the other."""

    def __init__(self, folder: Path, *, is_leaking: bool) -> None:
        self._store = SqliteStudyStore(folder, KEYS)
        _in_use_for_a_while(self._store)
        self._upkeep = Upkeep(Settings(folder, folder), self._store, KEYS)
        self._clock, self._is_leaking = FakeClock(), is_leaking
        self._noise = np.random.default_rng(7)
        self._leaked: list[object] = []
        self.captures = 0

    def close(self) -> None:
        self._upkeep.close()
        self._store.close()

    def one_study(self) -> None:
        """Take one patient's pictures, read, judge and sign them; then a little upkeep."""
        study = examine.begin(self._store, self._clock, PatientRef("P-1", "Test^Amina"))
        for number in range(CAPTURES_A_STUDY):
            pixels = self._noise.integers(0, 256, (48, 64, 3), np.uint8)
            image = an_image(pixels, sequence=number)
            study = examine.keep(self._store, study, image)
            kept = study.images[-1].image_id
            study = examine.keep_reading(
                self._store, study, kept, a_reading(image, (a_detection(),))
            )
            self._store.pixels(study, kept)
            self._grow(pixels)
            self.captures += 1
        for index in range(len(study.findings)):
            study = examine.judge(self._store, study, index, Verdict.ACCEPTED)
        examine.sign(self._store, self._clock, study, "Dr Test")
        list(self._store.studies("amina", 20))
        self._upkeep.look()

    def _grow(self, pixels: object) -> None:
        if not self._is_leaking:
            return
        self._leaked.append(np.array(pixels))
        if self.captures % 50 == 0:
            self._leaked.append(os.open("/proc/self/stat", os.O_RDONLY))
            waiting = threading.Event()
            self._leaked.append(waiting)
            threading.Thread(target=waiting.wait, daemon=True).start()


def measured(folder: Path, captures: int, warm: int, *, is_leaking: bool) -> Growth:
    """Return how much a process grows in `captures` after `warm` of them."""
    begin = time.monotonic()
    clinic = _Clinic(folder, is_leaking=is_leaking)
    while clinic.captures < warm:
        clinic.one_study()
    files, threads = _files(), threading.active_count()
    done, rss = [clinic.captures], [_rss_kb()]
    for sample in range(1, SAMPLES + 1):
        while clinic.captures < warm + captures * sample // SAMPLES:
            clinic.one_study()
        done.append(clinic.captures)
        rss.append(_rss_kb())
    slope, _ = np.polyfit(done, rss, 1)
    growth = Growth(
        done[-1] - done[0],
        round(float(slope) * 10_000, 1),
        _files() - files,
        threading.active_count() - threads,
        rss[-1],
        round(time.monotonic() - begin, 1),
    )
    clinic.close()
    return growth


def main() -> None:
    """Measure, and print it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--captures", type=int, required=True)
    parser.add_argument("--warm", type=int, required=True)
    parser.add_argument("--leak", action="store_true")
    asked = parser.parse_args()
    growth = measured(asked.folder, asked.captures, asked.warm, is_leaking=asked.leak)
    print(json.dumps(asdict(growth)))  # noqa: T201


if __name__ == "__main__":
    main()

"""`python -m tests.bench.bench_store [STUDIES]`: how a store of many studies starts and answers."""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, StudyImage
from edge_app.storage.cipher import connected
from edge_app.storage.saved_studies import summary_of, words_of
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, a_detection, a_reading, an_image
from tests.keys import KEYS

IMAGES = 10
ASKED = 200
FIRST = ("Amina", "Baraka", "Cheptoo", "Daudi", "Esther", "Faraji", "Grace", "Hassan", "Imani")
LAST = ("Abdi", "Barasa", "Chebet", "Otieno", "Kamau", "Mwangi", "Njeri", "Wanjiru", "Zuberi")


def a_study(number: int, draw: random.Random) -> Study:
    """Return a generated study of ten images, each read."""
    name = f"{draw.choice(LAST)}^{draw.choice(FIRST)}"
    patient = PatientRef(f"MRN-{draw.randrange(10**7):07d}", name)
    image = an_image()
    at = NOON + timedelta(minutes=17 * number)
    records = [StudyImage.of(image, f"{number:08x}{i:08x}") for i in range(IMAGES)]
    reading = a_reading(image, (a_detection(), a_detection("platelet", 0.4)))
    return Study(
        f"{number:016x}", patient, at, tuple(records), {r.image_id: reading for r in records},
        version=1,
    )  # fmt: skip


def fill(folder: Path, studies: int) -> list[Study]:
    """Write so many studies in one transaction; return a hundredth of them."""
    SqliteStudyStore(folder, KEYS).close()
    draw = random.Random(7)  # noqa: S311
    database = connected(folder / "studies.db", "mode=rw", KEYS.database)
    database.execute("BEGIN")
    some = []
    for number in range(studies):
        study = a_study(number, draw)
        database.execute(
            "INSERT INTO study VALUES (?, 1, ?, ?, ?, ?, ?)",
            (
                study.study_id,
                number + 1,
                words_of(study),
                msgspec.json.encode(summary_of(study)),
                study.state.value,
                msgspec.json.encode(study),
            ),
        )
        for image in study.images:
            database.execute(
                "INSERT INTO image VALUES (?, ?, ?)", (image.image_id, study.study_id, image.hash)
            )
        if number % 100 == 0:
            some.append(study)
    database.execute("COMMIT")
    database.close()
    return some


def timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1e3


def told(name: str, figures: list[float]) -> None:
    p95 = statistics.quantiles(figures, n=20)[18]
    print(f"{name}: median {statistics.median(figures):.1f} ms, p95 {p95:.1f} ms")  # noqa: T201


def main() -> None:
    """Fill a store and print its figures."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        some = fill(folder, studies)
        size = (folder / "studies.db").stat().st_size / 1e6
        print(f"{studies} studies, {IMAGES * studies} images, database {size:.0f} MB")  # noqa: T201
        started = time.perf_counter()
        store = SqliteStudyStore(folder, KEYS)
        print(f"start: {(time.perf_counter() - started):.2f} s")  # noqa: T201
        draw = random.Random(3)  # noqa: S311
        asked = [draw.choice(some) for _ in range(ASKED)]
        searches = {
            "search by name": [s.patient.name for s in asked],
            "search by part of a name": [s.patient.name[2:7] for s in asked],
            "search by identifier": [s.patient.identifier for s in asked],
            "search by day": [s.started_at.date().isoformat() for s in asked],
            "search for nobody": [f"nobody {n}" for n in range(ASKED)],
        }
        for name, texts in searches.items():
            told(name, [timed(lambda t=t: list(store.studies(t, 50))) for t in texts])
        told("open a study", [timed(lambda s=s: store.study(s.study_id)) for s in asked])
        told("first page of the list", [timed(lambda: list(store.studies("", 50))) for _ in asked])
        store.close()


if __name__ == "__main__":
    main()

"""A small store as one version of the program wrote it, kept so that later ones must open it.

`python -m tests.old_stores.old_store` writes the present schema's, once: run it before a migration
is added. What is in it is made up, and its key is the tests'.
"""

import json
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

from edge_app.domain.account import Account, Role
from edge_app.domain.audit import EventKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Verdict
from edge_app.ports import Clock
from edge_app.storage.saved_studies import SavedStudies
from edge_app.storage.schema import MIGRATIONS
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import FakeClock, a_detection, a_reading, an_image, some_pixels
from tests.keys import KEYS

HERE = Path(__file__).parent
SAID = "said.json"
_PEOPLE = (
    PatientRef("MRN-7731", "Test^Amina", date(1990, 5, 17), "F"),
    PatientRef("MRN-7732", "\u738b\u5c0f", None, "M"),
    PatientRef("", "O'Brien^Jos\u00e9", date(1951, 1, 1), ""),
    PatientRef("MRN-7734", "\u0623\u0645\u064a\u0646\u0629", None, "O"),
)


def stored() -> dict[int, Path]:
    """Return the folder of each schema's store."""
    return {int(p.name.removeprefix("schema_")): p for p in HERE.glob("schema_*")}


def contents_of(store: SavedStudies) -> dict:
    """Return all that a person could miss, in words that no later version changes."""
    return {
        "studies": [_study(store, line.study_id) for line in store.studies()],
        "accounts": [[a.name, sorted(r.value for r in a.roles)] for a in store.accounts()],
        "pin": store.pin_of("amina.n"),
        "audit": [
            [e.sequence, e.at.isoformat(), e.by, e.kind.value, e.act, e.study_id, e.version]
            for e in store.audit_events()
        ],
    }


def _study(store: SavedStudies, study_id: str) -> dict:
    study = store.study(study_id)
    return {
        "id": study.study_id,
        "version": study.version,
        "identifier": study.patient.identifier,
        "name": study.patient.name,
        "birth_date": str(study.patient.birth_date),
        "started_at": study.started_at.isoformat(),
        "state": study.state.value,
        "outcome": study.outcome.value,
        "images": [[i.image_id, store.pixels(study, i.image_id).hash] for i in study.images],
        "reasons": sorted(r.reason for r in study.readings.values()),
        "findings": [[f.detection.label, f.verdict.value] for f in study.findings],
        "signed_by": study.signature.signed_by if study.signature else "",
    }


def _examined(store: SqliteStudyStore, clock: Clock, number: int) -> None:
    """Keep one study: the first is signed, the second read, the third captured, the last begun."""
    study = examine.begin(store, clock, _PEOPLE[number])
    images = [
        an_image(some_pixels(shift=7 * number + n), sequence=n, spacing_mm=(0.25, 0.3))
        for n in range(1, 4 - number)
    ]
    for image in images:
        study = examine.keep(store, study, image)
    if number > 1:
        return
    for kept, image in zip(study.images, images, strict=True):
        reading = a_reading(image, (a_detection(), a_detection("platelet", 0.4)))
        study = examine.keep_reading(store, study, kept.image_id, reading)
    if number == 1:
        examine.read_by_eye(store, study, study.images[0].image_id)
        return
    for index in range(len(study.findings)):
        verdict = Verdict.REJECTED if index % 2 else Verdict.ACCEPTED
        study = examine.judge(store, study, index, verdict)
    study = examine.retake(store, study, study.images[-1].image_id)
    examine.sign(store, clock, study, "Dr Test")


def write(folder: Path) -> None:
    """Keep four studies, two accounts and a PIN in a store in `folder`."""
    clock = FakeClock()
    with SqliteStudyStore(folder, KEYS) as store:
        store.put_account(Account("amina.n", frozenset({Role.OPERATOR, Role.CLINICIAN})))
        store.put_account(Account("left.n", frozenset({Role.AUDITOR})))
        store.retire_account("left.n")
        store.put_pin("amina.n", "kept of a PIN")
        store.actor = "amina.n"
        store.note(EventKind.LOGGED_IN_OR_OUT, "logged in")
        for number in range(len(_PEOPLE)):
            _examined(store, clock, number)
            clock.pass_s(timedelta(hours=1).total_seconds())
        said = json.dumps(contents_of(store), indent=1)
    (folder / SAID).write_text(said + "\n")
    (folder / "lock").unlink()
    (folder / "spool").rmdir()


def copied_to(folder: Path, schema: int) -> dict:
    """Put a schema's store into `folder`; return what it said when it was written."""
    shutil.copytree(stored()[schema], folder, ignore=shutil.ignore_patterns(SAID))
    return said_by(schema)


def said_by(schema: int) -> dict:
    """Return what a schema's store said when it was written."""
    return json.loads((stored()[schema] / SAID).read_text())


def main() -> None:
    """Write the present schema's store; one that is there stays."""
    folder = HERE / f"schema_{len(MIGRATIONS)}"
    if folder.exists():
        sys.exit(f"{folder.name} was written before: a later version must open it as it is.")
    write(folder)


if __name__ == "__main__":
    main()

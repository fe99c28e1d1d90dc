"""Works while the clock on the wall jumps: studies, waits after wrong tries, a worker, upkeep.

Run under libfaketime as `python -m tests.faults.clock_child FOLDER TIMES SECOND`, where TIMES is
the file that libfaketime reads and SECOND what stands in it after the jump.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from edge_app.compose.upkeep import ClockDoubtedError, Upkeep
from edge_app.domain.patient import PatientRef
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child
from edge_app.isolation.supervisor import Supervisor, Terms
from edge_app.settings import Settings
from edge_app.storage.attempts import Attempts, TooManyTriesError
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import FakeClock, a_reading, an_image
from tests.keys import KEYS, SECRET

WORKER = "tests.unit.isolation.echo_worker"
FREE = 5


class _Now(FakeClock):
    """The machine's clock, as libfaketime shows it."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)


def _whole_study(store: SqliteStudyStore, number: int) -> str:
    """Take a study from its patient to its signature."""
    clock = _Now()
    study = examine.begin(store, clock, PatientRef(f"P-{number}"))
    image = an_image()
    study = examine.keep(store, study, image)
    kept = study.images[0].image_id
    study = examine.keep_reading(store, study, kept, a_reading(image))
    return examine.sign(store, clock, study, "Dr Test").study_id


def _is_let_try(attempts: Attempts) -> bool:
    try:
        attempts.begin("amina.n")
    except TooManyTriesError:
        return False
    return True


def _doubts(upkeep: Upkeep) -> int:
    try:
        upkeep.look()
    except ClockDoubtedError:
        return 1
    return 0


def main() -> None:
    """Do each before the jump and after it, and say what came of it."""
    folder, times, second = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    attempts, children = Attempts(folder, lambda: SECRET), []
    attempts.start()

    def started(on_end):
        children.append(Child(WORKER, ["plain"], on_end=on_end))
        return children[-1]

    supervisor = Supervisor(started, Terms(Message(b"first"), first_s=60.0, most_s=30.0))
    with SqliteStudyStore(folder, KEYS) as store:
        upkeep = Upkeep(Settings(folder, folder), store, KEYS)
        order, doubts = [_whole_study(store, 1)], _doubts(upkeep)
        tries = [_is_let_try(attempts) for _ in range(FREE + 2)]
        supervisor.ask(Message(b"one"), "", lambda answer: answer.head)
        before = datetime.now(timezone.utc)

        times.write_text(second)
        after = datetime.now(timezone.utc)
        order.append(_whole_study(store, 2))
        tries.append(_is_let_try(attempts))
        supervisor.ask(Message(b"two"), "", lambda answer: answer.head)
        doubts += sum(_doubts(upkeep) for _ in range(3))
        order.append(_whole_study(store, 3))
        listed = [line.study_id for line in store.studies()]
        faults = [*store.faults(), store.audit_verified().wrong]
    supervisor.close()
    said = {
        "jumped_s": (after - before).total_seconds(),
        "ordered": listed == order[::-1],
        "tries": tries,
        "children": len(children),
        "doubts": doubts,
        "faults": [fault for fault in faults if fault],
    }
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()

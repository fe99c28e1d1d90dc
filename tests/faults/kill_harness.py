"""Kills a capturing program again and again, and counts what it had promised and lost.

A lean process: no threads and no Qt, so that it may fork. Run as
`python -m tests.faults.kill_harness --folder F --kills N --seed S --store sound`.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from edge_app.domain.error import EdgeAppError, StudyUnknownError
from edge_app.domain.image import Pixels
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.cipher import connected
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, an_image
from tests.faults.broken_stores import EarlyStore, LateBlobStore
from tests.keys import KEYS

STORES = {"sound": SqliteStudyStore, "early": EarlyStore, "late-blob": LateBlobStore}
KILLS_A_FOLDER = 25
KILLS_A_STUDY = 3
CAPTURES_A_CHILD = 200
OPENING, CAPTURING, SAVED = "opening", "capturing", "saved"

Acknowledged = tuple[str, str, str]


@dataclass
class Tally:
    """What happened in a row of kills.

    Attributes:
        cut: Kills between the start of a capture and its acknowledgement.
        in_opening: Kills while the store was being opened.
        recovered: Captures that the harness's own openings finished from the spool.
        lost: Acknowledged images that were not there, or not bit for bit.
        unsound: Whatever else is wrong in the folder.
    """

    kills: int = 0
    acknowledged: int = 0
    cut: int = 0
    in_opening: int = 0
    recovered: int = 0
    lost: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    seconds: float = 0.0


def pixel_hash(pixels: Pixels) -> str:
    """Return a hash that owes nothing to the program's own."""
    return hashlib.blake2b(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def _resumed(store: SqliteStudyStore, study_id: str) -> Study:
    try:
        return store.study(study_id)
    except StudyUnknownError:
        return store.start(Study(study_id, PatientRef("P-1"), NOON))


def _capture_for_ever(
    kind: type[SqliteStudyStore], folder: Path, study_id: str, seed: int, pipe: int
) -> None:
    def say(*words: str) -> None:
        os.write(pipe, (" ".join(words) + "\n").encode("ascii"))

    noise = np.random.default_rng(seed)
    say(OPENING)
    store = kind(folder, KEYS)
    study = _resumed(store, study_id)
    for sequence in range(CAPTURES_A_CHILD):
        pixels = noise.integers(0, 256, (48, 64, 3), np.uint8)
        promised = pixel_hash(pixels)
        say(CAPTURING)
        study = store.capture(study, an_image(pixels, sequence=sequence))
        say(SAVED, study.study_id, study.images[-1].image_id, promised)
    signal.pause()


def forked(child: Callable[[int], None]) -> tuple[int, int]:
    """Return the process that runs `child` with the end of a pipe, and the other end."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process:
        os.close(theirs)
        return process, ours
    try:
        os.close(ours)
        child(theirs)
    except BaseException as error:  # noqa: BLE001  nothing may get out of a forked child
        os.write(theirs, f"failed {error!r}\n".encode())
    finally:
        os._exit(1)


def _killed(child: Callable[[int], None], after_lines: int, delay_s: float) -> list[list[str]]:
    """Return what the child had said when it was killed, `delay_s` after so many lines."""
    process, pipe = forked(child)
    said = b""
    while said.count(b"\n") < after_lines and (more := os.read(pipe, 65_536)):
        said += more
    until = time.perf_counter() + delay_s
    while time.perf_counter() < until:
        pass  # a sleep would be coarser than a capture is long
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    while more := os.read(pipe, 65_536):
        said += more
    os.close(pipe)
    lines = [line.split(" ") for line in said.decode().splitlines()]
    failed = [line for line in lines if line[0] == "failed"]
    if failed or len(lines) < after_lines:
        raise RuntimeError(f"the child ended by itself: {failed}")
    return lines


def _database_faults(folder: Path) -> Iterator[str]:
    database = connected(folder / "studies.db", "mode=ro", KEYS.database)
    try:
        if (verdict := database.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            yield f"integrity_check: {verdict}"
        if wrong := AuditChain(database, KEYS.audit).verified().wrong:
            yield f"audit: {wrong}"
        if orphans := database.execute("PRAGMA foreign_key_check").fetchall():
            yield f"foreign_key_check: {orphans}"
        saved = "SELECT COUNT(*) FROM audit WHERE act IN ('captured', 'recovered')"
        events = database.execute(saved).fetchone()
        images = database.execute("SELECT COUNT(*) FROM image").fetchone()
        if events != images:
            yield f"{images[0]} images, but {events[0]} audit events of captures"
    finally:
        database.close()


def is_kept(store: SqliteStudyStore, promise: Acknowledged) -> bool:
    """Return whether an acknowledged image is in its study, and readable bit for bit."""
    study_id, image_id, promised = promise
    try:
        image = store.pixels(store.study(study_id), image_id)
    except EdgeAppError:
        return False
    return pixel_hash(image.pixels) == promised


def faults_of(store: SqliteStudyStore, folder: Path) -> Iterator[str]:
    yield from _database_faults(folder)
    for summary in store.studies():
        study = store.study(summary.study_id)
        for image in study.images:
            try:
                store.pixels(study, image.image_id)
            except EdgeAppError as error:
                yield f"{study.study_id}/{image.image_id}: {error}"
    yield from (f"left in the spool: {file.name}" for file in (folder / "spool").iterdir())
    yield from (f"draft left: {file.name}" for file in folder.rglob("*.draft"))


class _Campaign:
    """A row of kills in one folder after the other."""

    def __init__(self, kind: type[SqliteStudyStore], root: Path, seed: int) -> None:
        self._kind, self._root, self._draw = kind, root, random.Random(seed)  # noqa: S311
        self._promised: list[Acknowledged] = []
        self._capture_s = 0.005
        self.tally = Tally()

    def run(self, kills: int) -> None:
        for number in range(kills):
            folder = self._root / f"store-{number // KILLS_A_FOLDER}"
            if number % KILLS_A_FOLDER == 0:
                self._promised.clear()
                self._measure()
            self._kill(number, folder)
            # Every fifth folder is left as it is: the next child meets it and dies in opening it.
            if number % 5 != 3 or number == kills - 1:
                self._check(folder)
            if number % KILLS_A_FOLDER == KILLS_A_FOLDER - 1:
                shutil.rmtree(folder)

    def _measure(self) -> None:
        """Find out how long a capture takes now, on this disk and under this load."""
        folder = self._root / "measured"
        with self._kind(folder, KEYS) as store:
            study = _resumed(store, "study-m")
            begin = time.perf_counter()
            for _ in range(5):
                study = store.capture(study, an_image())
            self._capture_s = (time.perf_counter() - begin) / 5
        shutil.rmtree(folder)

    def _kill(self, number: int, folder: Path) -> None:
        in_opening = number % 5 == 4
        after = 1 if in_opening else 2 + 2 * self._draw.randrange(4)
        delay = self._draw.random() * self._capture_s * (3 if in_opening else 1)
        study_id = f"study-{number // KILLS_A_STUDY}"
        seed = self._draw.randrange(2**32)

        def child(pipe: int) -> None:
            _capture_for_ever(self._kind, folder, study_id, seed, pipe)

        said = _killed(child, after, delay)
        promised = [(s, i, h) for _, s, i, h in (line for line in said if line[0] == SAVED)]
        self._promised += promised
        self.tally.kills += 1
        self.tally.acknowledged += len(promised)
        self.tally.cut += said[-1][0] == CAPTURING
        self.tally.in_opening += said[-1][0] == OPENING

    def _check(self, folder: Path) -> None:
        with SqliteStudyStore(folder, KEYS) as store:
            lost = [promise for promise in self._promised if not is_kept(store, promise)]
            self.tally.lost += [f"{study}/{image}" for study, image, _ in lost]
            self.tally.unsound += faults_of(store, folder)
            self.tally.recovered += len(store.recovered)
        self._promised = [promise for promise in self._promised if promise not in lost]


def main() -> None:
    """Run a row of kills and print its tally as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--store", choices=STORES, required=True)
    asked = parser.parse_args()
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
        raise SystemExit("this process has threads and may not fork")
    begin = time.monotonic()
    campaign = _Campaign(STORES[asked.store], asked.folder, asked.seed)
    campaign.run(asked.kills)
    campaign.tally.seconds = round(time.monotonic() - begin, 1)
    print(json.dumps(asdict(campaign.tally)))  # noqa: T201


if __name__ == "__main__":
    main()

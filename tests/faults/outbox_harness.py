"""Kills what works through the outbox again and again, and counts what came to the folder.

A lean process: no threads and no Qt, so that it may fork. Run as
`python -m tests.faults.outbox_harness --folder F --kills N --seed S --build sound`.
"""

import argparse
import hashlib
import json
import os
import random
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from edge_app.compose.delivery import files_of
from edge_app.compose.outbox import FolderSender, senders
from edge_app.compose.sealed_report import pdf_in, report_name
from edge_app.domain.confidentiality import BurnedText, Confidentiality, LeavingPlan
from edge_app.domain.geometry import Box
from edge_app.domain.outbox import REPORT, Job, JobState, Send, SendKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Signature, Study, Verdict
from edge_app.exchange.deidentified import DeidentifiedFiles, File
from edge_app.exchange.folder_delivery import FolderDelivery, mount_of
from edge_app.storage.boot_clock import Running
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.saved_studies import SavedStudies, saved_studies
from edge_app.storage.sealing import SealBrokenError
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow.outbox import Intents, work
from tests.fakes import NOON, a_detection, a_reading, an_image
from tests.faults.kill_harness import forked
from tests.keys import KEYS

STUDIES_AT_ONCE = 4
JOBS_A_STUDY = 3
PLAN = LeavingPlan(Confidentiality("trial", text=BurnedText.GONE), ((Box(8, 8, 40, 24),),))
WRITING_S = 0.02
_FILES = DeidentifiedFiles.files


@dataclass
class Tally:
    """What happened in a row of kills.

    Attributes:
        cut: Kills while a job was being sent.
        jobs: Jobs in all.
        delivered: Files that are at their places, whole.
        lost: Files that are not, or not whole, though their jobs were sent; and jobs never sent.
        doubled: Files that nobody asked for, that were written over, or left half.
    """

    kills: int = 0
    cut: int = 0
    jobs: int = 0
    delivered: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Hurried:
    """A machine on which every wait is over when somebody looks again."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def __call__(self) -> Running:
        self._seconds += 4000.0
        return Running("now", self._seconds)


class TellingRecords(OutboxRecords):
    """Tells when a file is about to be written, so that a kill can meet the writing."""

    said: Callable[[str], None]

    def intend(self, job: Job, name: str, sha256: str) -> None:
        super().intend(job, name, sha256)
        self.said("i")


class EarlySender(FolderSender):
    """Says that it was sent before it is; broken on purpose."""

    records: OutboxRecords

    def send(self, job: Job, intents: Intents) -> None:
        self.records.sent(job)
        super().send(job, intents)


def _written_at_its_place(self: FolderDelivery, name: str, content: bytes) -> None:
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=self._folder)
    for start in range(0, len(content), 512):
        os.write(handle, content[start : start + 512])
        os.fsync(handle)
    os.close(handle)


def _written_over(self: FolderDelivery, name: str, made: Callable[[], bytes]) -> None:
    content = made()
    self._intend(name, hashlib.sha256(content).hexdigest())
    part = f"{name}.{self._mark}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=self._folder)
    os.write(handle, content)
    os.close(handle)
    os.rename(part, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)


def _not_forgotten(_: FolderDelivery) -> None:
    """Leave what was left half."""


def _drawn_anew(self: DeidentifiedFiles, *what) -> Iterator[File]:
    plan = LeavingPlan(Confidentiality(secrets.token_hex(16)), what[-1].places)
    yield from _FILES(self, *what[:-1], plan)


def broken(build: str) -> None:
    """Break the build in one way."""
    if build == "drawn anew":
        DeidentifiedFiles.files = _drawn_anew
    if build == "at its place":
        FolderDelivery._write = _written_at_its_place
    if build == "over":
        FolderDelivery.put = _written_over
    if build == "half left":
        FolderDelivery.forget = _not_forgotten
        make = FolderDelivery.__init__

        def marked(self, folder, mark, *rest):
            make(self, folder, f"{mark}{os.getpid()}", *rest)

        FolderDelivery.__init__ = marked


class Campaign:
    """A row of kills over one store and one folder."""

    def __init__(self, root: Path, seed: int, build: str) -> None:
        self._store, self._target = root / "store", root / "target"
        self._target.mkdir()
        self._draw, self._build = random.Random(seed), build  # noqa: S311
        self._clock, self._studies = Hurried(), 0
        self._seen: dict[str, tuple[int, int, str]] = {}
        self._job_s = 0.0
        self.tally = Tally()

    def run(self, kills: int) -> None:
        self._ask()
        begin = time.perf_counter()
        self._finish()  # how long a job takes now, on this disk and under this load
        self._job_s = (time.perf_counter() - begin) / (STUDIES_AT_ONCE * JOBS_A_STUDY)
        while self.tally.kills < kills:
            if not self._open_jobs():
                self._ask()
            self._kill()
            self._look()
        self._finish()
        self._look()
        self._count()

    def _open_jobs(self) -> bool:
        with closing(OutboxRecords(self._store, KEYS, "", self._clock)) as records:
            return any(j.is_open for j in records.unsent())

    def _ask(self) -> None:
        """Sign some studies, each with its report and its files with and without names."""
        place = (str(self._target), str(mount_of(self._target)))
        wanted = (REPORT, Send(SendKind.FILES, *place), Send(SendKind.DEIDENTIFIED, *place, PLAN))
        with SqliteStudyStore(self._store, KEYS) as store:
            for _ in range(STUDIES_AT_ONCE):
                self._studies += 1
                noise = np.random.default_rng(self._studies)
                image = an_image(noise.integers(0, 256, (96, 128, 3), np.uint8))
                study = store.start(Study(f"study-{self._studies}", PatientRef("P-1", "N"), NOON))
                study = store.capture(study, image)
                read = study.with_reading(
                    study.images[0].image_id, a_reading(image, (a_detection(),))
                )
                signed = read.judged(0, Verdict.ACCEPTED).signed(Signature("S", NOON))
                store.save(signed, "signed", wanted)

    def _work(self, said: Callable[[str], None]) -> None:
        """Work through the outbox until nothing waits."""
        with (
            saved_studies(self._store, KEYS) as store,
            closing(TellingRecords(self._store, KEYS, "", self._clock)) as records,
        ):
            records.said = said
            sending = dict(senders(self._store, KEYS, store))
            if self._build == "early":
                early = EarlySender(store, lambda s, _: files_of(store, s), lambda send: send)
                early.records = records
                sending[SendKind.FILES] = early
            said("w")
            while work(records, sending) is not None:
                pass
            said("d")

    def _kill(self) -> None:
        def child(pipe: int) -> None:
            broken(self._build)
            self._work(lambda words: os.write(pipe, words.encode()) and None)
            signal.pause()

        process, pipe = forked(child)
        files = self._draw.randrange(8)
        said = b""
        while said.count(b"i") < files and b"d" not in said and (more := os.read(pipe, 4096)):
            said += more
        longest_s = WRITING_S if files else 3 * self._job_s
        until = time.perf_counter() + self._draw.random() * longest_s
        while time.perf_counter() < until:
            pass
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        said += os.read(pipe, 65_536)
        os.close(pipe)
        if b"failed" in said:
            raise RuntimeError(f"the child ended by itself: {said.decode()}")
        self.tally.kills += 1
        with closing(OutboxRecords(self._store, KEYS, "", self._clock)) as records:
            self.tally.cut += any(j.state is JobState.SENDING for j in records.unsent())

    def _look(self) -> None:
        """Note every file that is at its place; from then on it must not change."""
        for folder in (self._target, self._store / "reports"):
            for path in folder.glob("*") if folder.exists() else ():
                if path.suffix == ".part":
                    continue
                found = (path.stat().st_ino, path.stat().st_mtime_ns, digest(path))
                before = self._seen.setdefault(path.name, found)
                if before != found and f"written again: {path.name}" not in self.tally.doubled:
                    self.tally.doubled.append(f"written again: {path.name}")

    def _finish(self) -> None:
        process, pipe = forked(self._finished)
        said = b""
        while more := os.read(pipe, 65_536):
            said += more
        os.waitpid(process, 0)
        os.close(pipe)
        if b"failed" in said:
            raise RuntimeError(said.decode())

    def _finished(self, pipe: int) -> None:
        broken(self._build)
        self._work(lambda words: os.write(pipe, words.encode()) and None)
        os._exit(0)

    def _count(self) -> None:
        wanted: dict[str, str] = {}
        with closing(OutboxRecords(self._store, KEYS, "", self._clock)) as records:
            for job in records.jobs():
                self.tally.jobs += 1
                if job.state is not JobState.SENT:
                    self.tally.lost.append(f"{job.study_id} {job.send.kind.value}: {job.state}")
                wanted |= records.intended(job)
        for number in range(1, self._studies + 1):
            self._count_files(f"study-{number}", wanted)
        left = {p.name for f in (self._target, self._store / "reports") for p in f.iterdir()}
        self.tally.doubled += sorted(left - wanted.keys())

    def _count_files(self, study_id: str, wanted: dict[str, str]) -> None:
        with saved_studies(self._store, KEYS) as store:
            study = store.study(study_id)
            names = [name for name, _ in files_of(store, study)]
            nameless = self._nameless(store, study)
        for path in (
            *(self._target / name for name in names),
            self._store / "reports" / report_name(study_id),
        ):
            if self._is_whole(path, study_id) and digest(path) == wanted.get(path.name):
                self.tally.delivered += 1
            else:
                self.tally.lost.append(path.name)
        for name, content in nameless.items():
            path = self._target / name
            if path.exists() and path.read_bytes() == content:
                self.tally.delivered += 1
            else:
                self.tally.lost.append(name)

    def _nameless(self, store: SavedStudies, study: Study) -> dict[str, bytes]:
        """Return what every try must make of a study: new numbers are the same each time."""
        making = DeidentifiedFiles(KEYS.pseudonyms)
        files = making.files(study, lambda i: store.pixels(study, i.image_id), PLAN)
        return {name: made() for name, made in files}

    def _is_whole(self, path: Path, study_id: str) -> bool:
        """Return whether a file can be read to its end; nothing of ours says so."""
        if not path.exists():
            return False
        content = path.read_bytes()
        try:
            if path.suffix == ".sealed":
                content = pdf_in(content, study_id, KEYS)
        except SealBrokenError:
            return False
        ends = {".png": b"IEND\xaeB`\x82", ".json": b"}"}
        return content.rstrip().endswith(ends.get(path.suffix, b"%%EOF"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Run a row of kills and print its tally as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--build", default="sound")
    asked = parser.parse_args()
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208
        raise SystemExit("this process has threads and may not fork")
    begin = time.monotonic()
    campaign = Campaign(asked.folder, asked.seed, asked.build)
    campaign.run(asked.kills)
    campaign.tally.seconds = round(time.monotonic() - begin, 1)
    print(json.dumps(asdict(campaign.tally)))  # noqa: T201


if __name__ == "__main__":
    main()

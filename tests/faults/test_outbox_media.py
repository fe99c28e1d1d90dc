"""Sticks and folders that are pulled, full, read-only or of another kind while files go to them."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from edge_app.compose.outbox import StoreOutbox, senders
from edge_app.domain.account import Account, Role
from edge_app.domain.outbox import REPORT, CancelReason, Job, JobState, Problem
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Signature, Study
from edge_app.storage.boot_clock import Running
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, an_image
from tests.keys import KEYS

MAKERS = {"vfat": ["mkfs.vfat"], "ext4": ["mkfs.ext4", "-q", "-O", "^has_journal"]}
LASTING = pytest.mark.parametrize("kind", ["ext4", "vfat"])
DR_NJERI = Account("Dr Njeri", frozenset({Role.CLINICIAN}))


def a_command(*words: object) -> bool:
    """Return whether a command of the system did what it was told."""
    return subprocess.run([str(w) for w in words], capture_output=True, check=False).returncode == 0


class Stick:
    """A medium that can be plugged in and pulled out; what is written to it stays on it."""

    def __init__(self, place: Path, plug: Callable[[], bool]) -> None:
        self.place, self._plug = place, plug
        self.folder = place / "studies"

    def plug_in(self) -> bool:
        return self._plug()

    def pull(self) -> None:
        assert a_command("umount", "-l", self.place)

    def remount(self, how: str) -> None:
        assert a_command("mount", "-o", f"remount,{how}", self.place)

    def names(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir())


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Callable[[str, int], Stick]]:
    """Return what makes a stick of so many kilobytes; the test is skipped where none can be."""
    place = tmp_path / "media"
    place.mkdir()
    image = tmp_path / "stick.img"

    def made(kind: str, kilobytes: int) -> Stick:
        if kind == "tmpfs":
            how = ("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place)
        else:
            with image.open("wb") as file:
                file.truncate(kilobytes * 1024)
            if shutil.which(MAKERS[kind][0]) is None or not a_command(*MAKERS[kind], image):
                pytest.skip(f"NOT TESTED HERE: no program that makes a {kind} stick")
            how = ("mount", "-o", "loop", image, place)
        if os.geteuid() != 0 or not a_command(*how):
            pytest.skip(f"NOT TESTED HERE: a {kind} stick cannot be mounted on this machine")
        made_stick = Stick(place, lambda: a_command(*how))
        made_stick.folder.mkdir()
        return made_stick

    yield made
    while a_command("umount", "-l", place):
        pass


class Desk:
    """A store with one study, and its outbox on a machine whose waits pass when it is told."""

    def __init__(self, folder: Path) -> None:
        self.seconds = 0.0
        self.store = SqliteStudyStore(folder, KEYS)
        study = self.store.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
        self.study = self.store.capture(study, an_image(noise))
        self.records = OutboxRecords(folder, KEYS, "", lambda: Running("now", self.seconds))
        sending = senders(folder, KEYS, self.store)
        self.outbox = StoreOutbox(self.records, self.store, sending, DR_NJERI, lambda _: None)

    def ask(self, folder: Path) -> str:
        return self.outbox.ask_for_files("study-1", folder).key

    def tried(self, key: str) -> Job:
        self.seconds += 4000
        self.outbox.work()
        return self.records.job(key)

    def close(self) -> None:
        self.records.close()
        self.store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Desk(tmp_path / "store")) as opened:
        yield opened


FILES = 3


def test_a_stick_that_is_out_is_waited_for_and_nothing_is_written_where_it_was(stick, desk):
    medium = stick("tmpfs", 4096)
    key = desk.ask(medium.folder)
    medium.pull()

    job = desk.tried(key)

    assert (job.state, job.problem) == (JobState.WAITING, Problem.NOT_THERE)
    assert list(medium.place.iterdir()) == []


def test_the_bare_place_of_a_stick_is_not_taken_for_it(stick, desk):
    medium = stick("tmpfs", 4096)
    key = desk.ask(medium.place)  # the stick itself, no folder on it
    medium.pull()

    assert desk.tried(key).problem is Problem.NOT_THERE
    assert list(medium.place.iterdir()) == []


@LASTING
def test_a_stick_that_comes_back_gets_its_files(stick, desk, kind):
    medium = stick(kind, 4096)
    key = desk.ask(medium.folder)
    medium.pull()
    assert desk.tried(key).state is JobState.WAITING

    assert medium.plug_in()

    assert desk.tried(key).state is JobState.SENT
    assert len(medium.names()) == FILES


def test_a_stick_that_is_full_is_said_and_holds_no_part(stick, desk):
    medium = stick("tmpfs", 200)
    key = desk.ask(medium.folder)

    job = desk.tried(key)

    assert (job.state, job.problem) == (JobState.WAITING, Problem.FULL)
    assert not any(name.endswith(".part") for name in medium.names())
    medium.remount("size=4096k")
    assert desk.tried(key).state is JobState.SENT
    assert len(medium.names()) == FILES


@LASTING
def test_a_full_stick_with_a_file_system_is_said_and_holds_no_part(stick, desk, kind):
    medium = stick(kind, 200)
    key = desk.ask(medium.folder)

    job = desk.tried(key)

    assert (job.state, job.problem) == (JobState.WAITING, Problem.FULL)
    assert not any(name.endswith(".part") for name in medium.names())


def test_a_stick_that_is_read_only_is_said_and_untouched(stick, desk):
    medium = stick("tmpfs", 4096)
    key = desk.ask(medium.folder)
    medium.remount("ro")

    job = desk.tried(key)

    assert (job.state, job.problem) == (JobState.WAITING, Problem.READ_ONLY)
    assert medium.names() == []


@LASTING
@pytest.mark.parametrize("after", range(FILES))
def test_a_stick_pulled_in_the_middle_has_its_files_once_after_it_came_back(
    stick, desk, kind, after, monkeypatch
):
    """Pulled when the file number `after` is about to be written, plugged in again later."""
    medium = stick(kind, 4096)
    key = desk.ask(medium.folder)
    intend, begun = desk.records.intend, []

    def pulled(job: Job, name: str, sha256: str) -> None:
        intend(job, name, sha256)
        begun.append(name)
        if len(begun) == after + 1:
            medium.pull()

    monkeypatch.setattr(desk.records, "intend", pulled)
    desk.tried(key)
    assert list(medium.place.iterdir()) == []  # nothing of the patient in the bare place
    assert medium.plug_in()
    while desk.tried(key).state is not JobState.SENT:
        assert desk.records.job(key).tries < 5
    assert len(medium.names()) == FILES
    assert not any(name.endswith(".part") for name in medium.names())


@LASTING
def test_what_a_killed_try_left_half_is_marked_as_a_part_and_taken_away_by_a_cancel(
    stick, desk, kind
):
    medium = stick(kind, 4096)
    key = desk.ask(medium.folder)
    half = medium.folder / f"study-1-draft2.pdf.{key[:12]}.part"
    half.write_bytes(b"%PDF-1.4 hal")
    medium.pull()
    desk.tried(key)
    assert medium.plug_in()

    desk.outbox.cancel(key, CancelReason.MISTAKE)

    assert medium.names() == []


def test_a_study_that_changed_meanwhile_is_not_sent_as_something_that_nobody_asked_for(
    tmp_path, desk
):
    key = desk.ask(tmp_path / "out")
    desk.store.save(desk.study, "looked at")

    job = desk.tried(key)

    assert (job.state, job.problem) == (JobState.GIVEN_UP, Problem.STUDY_CHANGED)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_image_gives_up_and_the_next_job_is_sent(tmp_path, desk):
    (image,) = (tmp_path / "store" / "images").iterdir()
    key = desk.ask(tmp_path / "out")
    other = desk.store.start(Study("study-2", PatientRef("P-2"), NOON))
    after = desk.records.ask(other.study_id, other.version, desk.records.job(key).send)
    image.write_bytes(image.read_bytes()[:-1])

    given_up = desk.tried(key)
    sent = desk.tried(after.key)

    assert (given_up.state, given_up.problem) == (JobState.GIVEN_UP, Problem.STUDY_DAMAGED)
    assert sent.state is JobState.SENT


def test_nothing_in_the_outbox_names_the_patient(tmp_path, desk):
    key = desk.ask(tmp_path / "missing")
    shutil.rmtree(tmp_path / "missing")

    said = f"{desk.tried(key)!r} {desk.records.jobs()!r}"
    acts = " ".join(e.act for e in desk.store.audit_events())

    for part in ("Amina", "Test", "P-1"):
        assert part not in said
        assert part not in acts


def a_signed(store: SqliteStudyStore, study: Study, who: str) -> Study:
    ready = study.with_read_by_eye(study.images[0].image_id)
    return store.save(ready.signed(Signature(who, NOON)), "signed", (REPORT,))


def test_a_version_that_was_signed_is_sent_as_it_was_signed_though_it_is_being_amended(
    tmp_path, desk
):
    first = a_signed(desk.store, desk.study, "Dr Njeri")
    key = desk.ask(tmp_path / "out")
    desk.store.save(first.amended("a wrong verdict", "Dr Njeri", NOON), "amended")

    while desk.tried(key).state is not JobState.SENT:
        assert desk.records.job(key).tries < 5

    record = json.loads((tmp_path / "out" / "study-1.json").read_text())["study"]
    assert (record["version"], record["signature"]["signed_by"]) == (first.version, "Dr Njeri")
    assert [j.state for j in desk.records.jobs()] == [JobState.SENT, JobState.SENT]


def test_an_amended_study_has_files_and_a_report_of_its_own_beside_the_former(tmp_path, desk):
    first = a_signed(desk.store, desk.study, "Dr Njeri")
    former = desk.ask(tmp_path / "out")
    while desk.tried(former).state is not JobState.SENT:
        assert desk.records.job(former).tries < 5
    amended = desk.store.save(first.amended("a wrong verdict", "Dr Njeri", NOON), "amended")
    again = a_signed(desk.store, amended, "Dr Otieno")
    newer = desk.ask(tmp_path / "out")

    while desk.tried(newer).state is not JobState.SENT:
        assert desk.records.job(newer).tries < 5

    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"study-1.json", f"study-1-version{again.version}.json"} <= names
    reports = {p.name for p in (tmp_path / "store" / "reports").iterdir()}
    assert reports == {"study-1.sealed", f"study-1-version{again.version}.sealed"}

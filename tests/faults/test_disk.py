"""The disk is full, read-only or broken; what was acknowledged must be there all the same."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from edge_app.domain.error import EdgeAppError, NotSavedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.room import NoRoomError, Room
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, an_image
from tests.keys import KEYS

ROOT = Path(__file__).parents[2]
# Calls of which a failure may not go unnoticed at any place: each belongs to a promise.
NEVER_IGNORED = {"fsync", "write", "rename"}
MOST_IN_CLOSING = 3
SWEEPS = [
    ("fsync", "EIO"),
    ("pwrite64", "ENOSPC"),
    ("write", "ENOSPC"),
    ("rename", "EIO"),
    ("unlink", "EIO"),
    ("ftruncate", "EIO"),
]


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED, no disk of our own: mount says {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("NOT TESTED, no disk of our own: mounting needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk))
    with ExitStack() as after:
        after.callback(subprocess.run, ["umount", "-l", str(disk)], check=True)
        yield disk


def _noise(seed: int):
    return np.random.default_rng(seed).integers(0, 256, (192, 256, 3), np.uint8)


def _filled(store: SqliteStudyStore) -> tuple[Study, NotSavedError]:
    """Return the study as it was acknowledged last, and what was said when the disk was full."""
    study = store.start(Study("study-1", PatientRef("P-1"), NOON))
    for seed in range(100):
        try:
            study = store.capture(study, an_image(_noise(seed)))
        except NotSavedError as error:
            return study, error
    raise AssertionError("the disk did not become full")


def _assert_all_there(store, study: Study) -> None:
    assert len(study.images) > 2
    assert store.study("study-1") == study
    for seed, image in enumerate(study.images):
        assert np.array_equal(store.pixels(study, image.image_id).pixels, _noise(seed))


def test_a_full_disk_is_one_clear_error_and_everything_acknowledged_is_there(small_disk):
    with SqliteStudyStore(small_disk / "store", KEYS) as store:
        study, error = _filled(store)
        assert error.code == "STO-001"
        assert "no space left" in str(error) or "disk is full" in str(error)
        _assert_all_there(store, study)

    with SqliteStudyStore(small_disk / "store", KEYS) as store:
        _assert_all_there(store, study)


SMALL = {"reserve_bytes": 600_000, "ballast_bytes": 400_000}


def _kept_at_the_second_touch(store: SqliteStudyStore) -> Study:
    """Return the study with one more image; where the database cannot tell, a person asks again."""
    image = an_image(_noise(1))
    try:
        return store.capture(store.study("study-1"), image)
    except NotSavedError:
        return store.capture(store.study("study-1"), image)


def test_no_study_begins_on_a_disk_that_is_nearly_full_and_one_that_has_begun_is_finished(
    small_disk,
):
    folder = small_disk / "store"
    room = Room(folder, **SMALL)
    with SqliteStudyStore(folder, KEYS, room) as store:
        assert room.is_held
        study = store.start(Study("study-1", PatientRef("P-1"), NOON))
        (folder / "others").write_bytes(bytes(shutil.disk_usage(folder).free - 500_000))

        with pytest.raises(NoRoomError) as refused:
            store.start(Study("study-2", PatientRef("P-2"), NOON))
        while room.is_held:
            study = _kept_at_the_second_touch(store)
        assert store.study("study-1") == study

    assert refused.value.code == "STO-010"
    with saved_studies(folder, KEYS) as saved:
        assert [line.study_id for line in saved.studies()] == ["study-1"]
        assert list(saved.faults()) == []


def test_room_is_held_back_again_once_there_is_enough(small_disk):
    folder = small_disk / "store"
    room = Room(folder, **SMALL)
    with SqliteStudyStore(folder, KEYS, room):
        assert room.let_go()
        assert not room.is_held

    with SqliteStudyStore(folder, KEYS, room):
        assert room.is_held


def test_on_a_disk_without_much_room_none_is_held_back(small_disk):
    folder = small_disk / "store"
    with SqliteStudyStore(folder, KEYS, Room(folder, reserve_bytes=0, ballast_bytes=1_500_000)):
        assert not (folder / "ballast").exists()


def test_a_capture_succeeds_once_there_is_room_again(small_disk):
    with SqliteStudyStore(small_disk / "store", KEYS) as store:
        study, _ = _filled(store)
        _mount("-o", "remount,size=8m", str(small_disk))

        study = store.capture(study, an_image(_noise(len(study.images))))

        _assert_all_there(store, study)


def test_with_not_a_byte_free_what_was_saved_can_still_be_looked_at(small_disk):
    with SqliteStudyStore(small_disk / "store", KEYS) as store:
        study, _ = _filled(store)
    with pytest.raises(OSError, match="No space"):
        (small_disk / "ballast").write_bytes(bytes(2**21))

    with saved_studies(small_disk / "store", KEYS) as store:
        _assert_all_there(store, study)


def test_a_read_only_disk_is_one_clear_error_and_can_still_be_looked_at(small_disk):
    with SqliteStudyStore(small_disk / "store", KEYS) as store:
        study, _ = _filled(store)
    _mount("-o", "remount,ro", str(small_disk))

    with pytest.raises(EdgeAppError) as refused:
        SqliteStudyStore(small_disk / "store", KEYS)

    assert refused.value.code == "STO-001"
    assert "\n" not in str(refused.value)
    with saved_studies(small_disk / "store", KEYS) as store:
        _assert_all_there(store, study)


@pytest.fixture(scope="module")
def strace():
    if not shutil.which("strace"):
        pytest.skip("NOT TESTED, no failing calls: strace is not installed")
    tried = subprocess.run(["strace", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"NOT TESTED, no failing calls: {tried.stderr.strip()[-200:]}")


@pytest.mark.parametrize("when", ["once", "from-then-on"])
@pytest.mark.parametrize(("call", "error"), SWEEPS)
def test_wherever_a_call_fails_nothing_acknowledged_is_lost(strace, tmp_path, call, error, when):
    asked = ["--folder", str(tmp_path), "--call", call, "--error", error, "--when", when]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.inject_harness", *asked],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    tally = json.loads(done.stdout)
    print(f"\n{call} fails with {error} {when}: {tally}")  # noqa: T201

    assert tally["wrong"] == []
    assert tally["places"] >= 3
    if call in NEVER_IGNORED:
        # Only what comes after the last acknowledgement: the database tidies up when it is closed,
        # and what it was told to keep is in its log.
        in_closing = range(tally["places"] - len(tally["ignored"]) + 1, tally["places"] + 1)
        assert tally["ignored"] == list(in_closing)
        assert len(tally["ignored"]) <= MOST_IN_CLOSING

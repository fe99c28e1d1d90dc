"""What stands in the store's folder: locks, spools, damaged files, and nobody's name."""

import logging
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge_app.domain.error import (
    EdgeAppError,
    NotSavedError,
    StepRefusedError,
    StudyChangedError,
    StudyDamagedError,
    StudyUnknownError,
)
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Signature, Study
from edge_app.storage import schema
from edge_app.storage.blobs import packed
from edge_app.storage.cipher import connected
from edge_app.storage.in_use import StoreInUseError
from edge_app.storage.saved_studies import StoreUnreadableError, saved_studies
from edge_app.storage.schema import StoreDamagedError
from edge_app.storage.sealing import sealed
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, a_reading, an_image, some_pixels
from tests.keys import KEYS

AMINA = PatientRef("MRN-7734", "Amina Zebrowska")
HOLDER = """
import sys, time
from pathlib import Path
from edge_app.storage.study_store import SqliteStudyStore
from tests.keys import KEYS
with SqliteStudyStore(Path(sys.argv[1]), KEYS):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the store in `tmp_path`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def a_saved_study(store: SqliteStudyStore, study_id: str = "study-1", shift: int = 0) -> Study:
    study = store.start(Study(study_id, AMINA, NOON))
    return store.capture(study, an_image(some_pixels(shift=shift)))


def signed(store: SqliteStudyStore, study: Study) -> Study:
    image_id = study.images[0].image_id
    image = store.pixels(study, image_id)
    study = store.save(study.with_reading(image_id, a_reading(image)), "read")
    return store.save(study.signed(Signature("Dr Test", NOON)), "signed")


def spool(folder: Path, study_id: str, image_id: str, shift: int = 9) -> Path:
    """Leave what a capture leaves that was cut short before its commit."""
    blob = packed(an_image(some_pixels(shift=shift)))
    content = {"study_id": study_id, "image_id": image_id, "blob": blob}
    name = KEYS.file_name(image_id)
    file = folder / "spool" / name
    place = b"spool\0" + name.encode()
    file.write_bytes(sealed(msgspec.msgpack.encode(content), KEYS.blobs, place))
    return file


def test_a_second_opening_is_refused_while_the_first_goes_on(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        with pytest.raises(StoreInUseError) as refused:
            SqliteStudyStore(tmp_path, KEYS)

        assert refused.value.code == "STO-007"
        assert len(a_saved_study(store).images) == 1


def test_another_process_is_refused_too(tmp_path, holder):
    with pytest.raises(StoreInUseError):
        SqliteStudyStore(tmp_path, KEYS)


def test_a_lock_left_by_a_killed_process_is_taken_over(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert len(a_saved_study(store).images) == 1


def test_a_refused_opening_leaves_the_folder_to_the_next(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        a_saved_study(store)
    database = (tmp_path / "studies.db").read_bytes()
    (tmp_path / "studies.db").write_bytes(b"no database")
    with pytest.raises(EdgeAppError):
        SqliteStudyStore(tmp_path, KEYS)
    (tmp_path / "studies.db").write_bytes(database)

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.study("study-1").version == 2


def test_studies_are_listed_and_shown_while_another_process_holds_the_store(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
        with saved_studies(tmp_path, KEYS) as saved:
            assert saved.study("study-1") == study
            newer = store.capture(study, an_image())

            assert saved.study("study-1") == newer
            assert [line.n_images for line in saved.studies()] == [2]
            assert saved.pixels(newer, newer.images[1].image_id).hash == an_image().hash


def test_looking_takes_no_lock_and_finishes_no_capture(tmp_path, holder):
    file = spool(tmp_path, "study-1", "image-9")

    with saved_studies(tmp_path, KEYS) as saved:
        assert list(saved.studies()) == []

    assert file.exists()
    assert holder.poll() is None


def test_looking_where_nothing_was_kept_finds_nothing_and_makes_nothing(tmp_path):
    with saved_studies(tmp_path / "none", KEYS) as saved:
        assert list(saved.studies()) == []
        with pytest.raises(StudyUnknownError):
            saved.study("study-1")

    assert list(tmp_path.iterdir()) == []


def test_looking_at_something_that_is_no_folder_is_one_clear_error(tmp_path):
    (tmp_path / "images").touch()
    (tmp_path / "studies.db").mkdir()

    with pytest.raises(StoreUnreadableError), saved_studies(tmp_path, KEYS):
        pass


def test_a_signed_study_refuses_every_change_through_the_workflow(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = signed(store, a_saved_study(store))

        with pytest.raises(StepRefusedError):
            examine.keep(store, study, an_image())
        with pytest.raises(StepRefusedError):
            examine.retake(store, study, study.images[0].image_id)

        assert store.study("study-1") == study
        assert list((tmp_path / "spool").iterdir()) == []


def test_an_interrupted_capture_is_finished_at_the_next_opening(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        before = a_saved_study(store)
    file = spool(tmp_path, "study-1", "image-9")

    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.study("study-1")
        pixels = store.pixels(study, "image-9").pixels

        assert store.recovered == ("study-1",)
        assert study.images[:-1] == before.images
        assert np.array_equal(pixels, some_pixels(shift=9))
        assert not file.exists()
    with closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as connection:
        (last,) = connection.execute("SELECT act FROM audit ORDER BY sequence DESC").fetchone()
    assert last == "recovered"


def test_a_finished_capture_is_not_finished_twice(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
    spool(tmp_path, "study-1", study.images[0].image_id, shift=0)

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.recovered == ()
        assert store.study("study-1") == study


def test_a_retaken_image_does_not_come_back_from_the_spool(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
        image_id = study.images[0].image_id
        retaken = examine.retake(store, study, image_id)
    file = spool(tmp_path, "study-1", image_id, shift=0)

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.study("study-1") == retaken
    assert not file.exists()


def test_an_image_that_was_captured_again_after_a_failure_is_not_there_twice(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
    file = spool(tmp_path, "study-1", "image-9", shift=0)

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.study("study-1") == study
    assert not file.exists()


@pytest.mark.parametrize("study_id", ["study-1", "nobody-s"])
def test_a_spooled_image_of_a_signed_or_unknown_study_stays_where_it_is(tmp_path, study_id):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = signed(store, a_saved_study(store))
    file = spool(tmp_path, study_id, "image-9")
    content = file.read_bytes()

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.recovered == ()
        assert store.study("study-1") == study

    assert file.read_bytes() == content
    assert not (tmp_path / "images" / KEYS.file_name("image-9")).exists()


def test_a_spooled_file_that_cannot_be_read_keeps_nobody_from_working(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        a_saved_study(store)
    cut = spool(tmp_path, "study-1", "image-8")
    cut.write_bytes(cut.read_bytes()[:-5])
    (tmp_path / "spool" / "folder").mkdir()
    spool(tmp_path, "study-1", "image-9")

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.recovered == ("study-1",)

    assert cut.exists()


def test_drafts_of_a_killed_process_are_swept_away(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
    for place in ("spool", "images"):
        (tmp_path / place / "image-9.draft").write_bytes(b"half")

    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.study("study-1") == study

    assert list(tmp_path.rglob("*.draft")) == []


def test_a_refused_capture_leaves_no_file_behind(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        old = store.start(Study("study-1", AMINA, NOON))
        newer = store.save(old, "looked at")
        with pytest.raises(StudyChangedError):
            store.capture(old, an_image())
    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.study("study-1") == newer

    assert list((tmp_path / "spool").iterdir()) == []
    assert list((tmp_path / "images").iterdir()) == []


def test_a_failure_to_tidy_up_after_the_commit_is_no_failure_to_save(tmp_path):
    class StuckStore(SqliteStudyStore):
        def _commit(self, study, act, image_id=None):
            saved = super()._commit(study, act, image_id)
            if image_id:
                spooled = self._spool / KEYS.file_name(image_id)
                spooled.unlink()
                spooled.mkdir()  # a name that cannot be unlinked
            return saved

    with StuckStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)

        assert store.study("study-1") == study
    with SqliteStudyStore(tmp_path, KEYS) as store:
        assert store.study("study-1") == study


@pytest.mark.parametrize("harm", [lambda f: f.unlink(), lambda f: f.write_bytes(b"EDGESEAL1")])
def test_one_damaged_image_does_not_touch_the_others(tmp_path, harm):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        harmed = store.capture(a_saved_study(store), an_image(some_pixels(shift=3)))
        other = a_saved_study(store, "study-2", shift=5)
        harm(tmp_path / "images" / KEYS.file_name(harmed.images[0].image_id))

        with pytest.raises(StudyDamagedError):
            store.pixels(harmed, harmed.images[0].image_id)

        assert store.pixels(harmed, harmed.images[1].image_id).hash == harmed.images[1].hash
        assert store.pixels(other, other.images[0].image_id).hash == other.images[0].hash
        assert len(list(store.studies())) == 2


def test_an_image_s_file_in_another_one_s_place_is_refused(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.capture(a_saved_study(store), an_image(some_pixels(shift=3)))
        first, second = (
            tmp_path / "images" / KEYS.file_name(image.image_id) for image in study.images
        )
        first.write_bytes(second.read_bytes())

        with pytest.raises(StudyDamagedError):
            store.pixels(study, study.images[0].image_id)


def test_one_damaged_record_is_refused_and_named_and_the_others_are_there(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        for number in range(3):
            a_saved_study(store, f"study-{number}")
    with closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as connection:
        connection.execute("UPDATE study SET body=x'7b7b' WHERE study_id='study-1'")

    with SqliteStudyStore(tmp_path, KEYS) as store:
        with pytest.raises(StudyDamagedError):
            store.study("study-1")

        assert [line.study_id for line in store.studies()] == ["study-2", "study-1", "study-0"]
        assert list(store.faults()) == ["study study-1: A study's record cannot be read."]


def test_a_check_of_everything_names_what_is_damaged_and_nothing_else(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        first, second = (a_saved_study(store, f"study-{n}", shift=n) for n in range(2))
        assert list(store.faults()) == []
        image_id = second.images[0].image_id
        file = tmp_path / "images" / KEYS.file_name(image_id)
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

        assert list(store.faults()) == [
            f"study study-1, image {image_id}: A saved image is damaged."
        ]
        assert store.pixels(first, first.images[0].image_id)


def has_faults(folder: Path) -> bool:
    """Return whether the store is refused when it is opened, or when it is read."""
    try:
        with saved_studies(folder, KEYS) as store:
            return bool(list(store.faults()))
    except StoreDamagedError:
        return True


def test_a_spoilt_page_of_a_large_database_is_refused_when_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "_MOST_PAGES", 3)
    with SqliteStudyStore(tmp_path, KEYS) as store:
        for number in range(40):
            a_saved_study(store, f"study-{number}")
    database = tmp_path / "studies.db"
    whole = database.read_bytes()
    spoilt = 0
    for page in range(4096, len(whole), 4096):
        database.write_bytes(whole[:page] + bytes(4096) + whole[page + 4096 :])
        spoilt += has_faults(tmp_path)

    assert spoilt == len(range(4096, len(whole), 4096))


def test_half_a_character_is_refused_and_the_store_goes_on_working(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        with pytest.raises(NotSavedError) as refused:
            store.start(Study("study-9", PatientRef("P-2", "Amina \ud800"), NOON))

        assert "Amina" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert len(a_saved_study(store).images) == 1


def test_an_image_that_would_spoil_its_study_is_refused(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
        with pytest.raises(NotSavedError):
            store.capture(study, an_image(spacing_mm=(float("nan"), 0.1)))

        assert store.study("study-1") == study
        assert len(list((tmp_path / "images").iterdir())) == 1


def look_until(store: SqliteStudyStore, is_over: threading.Event) -> None:
    while not is_over.is_set():
        for line in store.studies():
            study = store.study(line.study_id)
            for image in study.images:
                store.pixels(study, image.image_id)


def capture_eight(store: SqliteStudyStore, study_id: str) -> Study:
    study = store.start(Study(study_id, AMINA, NOON))
    for shift in range(8):
        study = store.capture(study, an_image(some_pixels(shift=shift)))
    return study


def test_threads_that_write_and_look_at_the_same_time_do_not_disturb_each_other(tmp_path):
    is_over = threading.Event()
    with SqliteStudyStore(tmp_path, KEYS) as store, ThreadPoolExecutor(6) as threads:
        lookers = [threads.submit(look_until, store, is_over) for _ in range(2)]
        writers = [threads.submit(capture_eight, store, f"study-{n}") for n in range(4)]
        wait(writers, timeout=60)
        is_over.set()
        kept = {study.study_id: study for study in (writer.result() for writer in writers)}
        for looker in lookers:
            looker.result()

        assert {line.study_id: store.study(line.study_id) for line in store.studies()} == kept
        assert [len(study.images) for study in kept.values()] == [8, 8, 8, 8]


def test_no_file_name_and_no_log_line_names_the_patient(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = a_saved_study(store)
        with pytest.raises(StudyChangedError):
            store.save(Study("study-1", AMINA, NOON), "looked at")
        signed(store, study)
        logging.getLogger("test").warning("%r %s", study, study)
    spool(tmp_path, "study-1", "image-9")
    (tmp_path / "spool" / "image-8").write_bytes(b"no image")
    with SqliteStudyStore(tmp_path, KEYS):
        names = " ".join(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))

    assert "image-8" in caplog.text
    for said in (AMINA.identifier, "Amina", "Zebrowska"):
        assert said not in names
        assert said not in caplog.text

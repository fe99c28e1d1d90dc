"""A copy is whole or not there; what is restored is what was copied, or it says what is missing."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from edge_app.compose.outbox import senders
from edge_app.compose.sealed_report import pdf_in
from edge_app.domain.outbox import REPORT
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage import backup
from edge_app.storage.backup import (
    BackupFailedError,
    RestoreRefusedError,
    back_up,
    copies_on,
    place_on,
    restore,
    said_of,
)
from edge_app.storage.device_secret import AUTH, PLAIN, SEALED
from edge_app.storage.key_slots import SLOTS_FILES
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.store_keys import StoreKeys
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow.outbox import work
from tests.fakes import NOON, an_image, some_pixels
from tests.keys import KEYS

IMAGES = 6
STRANGER = StoreKeys.of(bytes(32))


def quiet(_done: int, _of: int) -> None:
    """Nobody looks at the progress."""


def fill(folder: Path, studies: int = 2, first: int = 0) -> None:
    with SqliteStudyStore(folder, KEYS) as store:
        for number in range(first, first + studies):
            study = store.start(Study(f"study-{number}", PatientRef("MRN-7734", "Zebrowska"), NOON))
            for shift in range(IMAGES // 2):
                study = store.capture(study, an_image(some_pixels(shift=number * 9 + shift)))
    for name in SLOTS_FILES:
        (folder / name).write_bytes(b"slots")


def hashes(folder: Path) -> dict[str, list[str]]:
    with saved_studies(folder, KEYS) as store:
        studies = [store.study(line.study_id) for line in store.studies()]
        return {s.study_id: [store.pixels(s, i.image_id).hash for i in s.images] for s in studies}


@pytest.fixture
def kept(tmp_path):
    fill(tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def medium(tmp_path):
    (tmp_path / "medium").mkdir()
    return tmp_path / "medium"


def test_what_is_restored_elsewhere_is_what_was_copied(kept, medium, tmp_path):
    made = back_up(kept, KEYS, medium, quiet)
    shutil.rmtree(kept / "images")

    said = restore(made.place, tmp_path / "new", KEYS, quiet)

    fill(tmp_path / "again")
    assert hashes(tmp_path / "new") == hashes(tmp_path / "again")
    assert (said.studies, said.images) == (2, IMAGES)
    with SqliteStudyStore(tmp_path / "new", KEYS) as store:
        assert store.audit_verified().wrong == ""
        assert store.audit_head == said.audit_head


def test_a_store_in_use_is_copied_as_it_was_at_one_moment(kept, medium, tmp_path):
    with SqliteStudyStore(kept, KEYS) as store:
        store.start(Study("study-9", PatientRef("P-9"), NOON))
        made = back_up(kept, KEYS, medium, quiet)
        store.start(Study("study-10", PatientRef("P-10"), NOON))

    restore(made.place, tmp_path / "new", KEYS, quiet)
    assert set(hashes(tmp_path / "new")) == {"study-0", "study-1", "study-9"}


def test_the_next_copy_takes_only_what_is_new(kept, medium):
    assert back_up(kept, KEYS, medium, quiet).copied == IMAGES
    fill(kept, 1, first=5)

    again = back_up(kept, KEYS, medium, quiet)

    assert again.copied == IMAGES // 2
    assert again.said.images == IMAGES + IMAGES // 2


def test_nothing_on_the_medium_can_be_read_or_opened_without_the_key(kept, medium):
    for name in (PLAIN, SEALED, AUTH):
        (kept / name).write_bytes(b"of this device alone")
    back_up(kept, KEYS, medium, quiet)
    content = b"".join(p.read_bytes() for p in medium.rglob("*") if p.is_file())

    for hidden in (
        b"MRN-7734",
        b"Zebrowska",
        b"study-0",
        b"SQLite format",
        b"of this device",
        KEYS.database,
    ):
        assert hidden not in content
    assert not list(medium.rglob("device.*"))
    (place,) = copies_on(medium)
    with pytest.raises(RestoreRefusedError):
        said_of(place, STRANGER)


def with_reports(folder: Path) -> dict[str, bytes]:
    """Write the report of each study; return them by their files' names."""
    with SqliteStudyStore(folder, KEYS) as store:
        for line in list(store.studies()):
            study = store.study(line.study_id)
            store.save(study, "looked at", (REPORT,))
        with closing(OutboxRecords(folder, KEYS)) as records:
            while work(records, senders(folder, KEYS, store)) is not None:
                pass
    return {path.name: path.read_bytes() for path in (folder / "reports").iterdir()}


def test_the_kept_reports_are_in_the_copy_and_come_back_as_they_were(kept, medium, tmp_path):
    reports = with_reports(kept)

    made = back_up(kept, KEYS, medium, quiet)
    said = restore(made.place, tmp_path / "new", KEYS, quiet)

    assert len(reports) == said.reports == 2
    assert {p.name: p.read_bytes() for p in (tmp_path / "new" / "reports").iterdir()} == reports
    for name, content in reports.items():
        study_id = name.partition("-draft")[0]
        assert pdf_in(content, study_id, KEYS).startswith(b"%PDF")
        assert (made.place / "reports" / name).read_bytes() == content
        assert b"%PDF" not in content


def test_a_report_that_is_gone_here_is_told_and_one_that_the_copy_spoilt_is_named(
    kept, medium, tmp_path
):
    gone, spoilt = sorted(with_reports(kept))
    (kept / "reports" / gone).unlink()

    made = back_up(kept, KEYS, medium, quiet)
    assert (made.missing, made.missing_reports, made.said.reports) == ((), (gone,), 1)

    file = made.place / "reports" / spoilt
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(RestoreRefusedError, match="its report is damaged"):
        restore(made.place, tmp_path / "new", KEYS, quiet)


def test_two_stores_share_a_medium_and_stay_apart(kept, medium):
    assert place_on(medium, KEYS) != place_on(medium, STRANGER)


@pytest.mark.parametrize("harm", ["flip", "cut", "gone"])
def test_a_damaged_image_of_a_copy_is_named_and_the_others_are_there(kept, medium, tmp_path, harm):
    made = back_up(kept, KEYS, medium, quiet)
    file = next((made.place / "images").iterdir())
    whole = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(whole[:-9] if harm == "cut" else whole[:-1] + bytes([whole[-1] ^ 1]))

    with pytest.raises(RestoreRefusedError, match="not whole: study study-"):
        restore(made.place, tmp_path / "new", KEYS, quiet)

    with saved_studies(tmp_path / "new", KEYS) as store:
        assert len(list(store.faults())) == 1


@pytest.mark.parametrize("file", ["studies.db", "backup.sealed"])
def test_a_changed_list_or_statement_of_a_copy_is_refused_and_makes_nothing(
    kept, medium, tmp_path, file
):
    made = back_up(kept, KEYS, medium, quiet)
    whole = (made.place / file).read_bytes()
    (made.place / file).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    with pytest.raises(RestoreRefusedError):
        restore(made.place, tmp_path / "new", KEYS, quiet)
    assert not (tmp_path / "new").exists()


def test_a_store_that_is_there_is_never_written_over(kept, medium):
    made = back_up(kept, KEYS, medium, quiet)
    before = hashes(kept)

    with pytest.raises(RestoreRefusedError):
        restore(made.place, kept, KEYS, quiet)
    assert hashes(kept) == before


def test_an_image_that_is_gone_here_is_told_and_the_rest_is_copied(kept, medium):
    next((kept / "images").iterdir()).unlink()

    made = back_up(kept, KEYS, medium, quiet)

    assert len(made.missing) == 1
    assert made.copied == IMAGES - 1


def test_a_medium_that_gives_back_something_else_is_refused(kept, medium, monkeypatch):
    honest = backup._digest
    monkeypatch.setattr(
        backup, "_digest", lambda path: honest(path) + "x" * path.name.endswith(".draft")
    )

    with pytest.raises(BackupFailedError, match="something else"):
        back_up(kept, KEYS, medium, quiet)
    assert copies_on(medium) == []


def test_a_medium_that_is_full_leaves_the_copy_before_it_as_it_was(kept, medium, monkeypatch):
    back_up(kept, KEYS, medium, quiet)
    before = said_of(copies_on(medium)[0], KEYS)
    fill(kept, 1, first=5)

    def full(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(BackupFailedError, match="no space left"):
        back_up(kept, KEYS, medium, quiet)
    assert said_of(copies_on(medium)[0], KEYS) == before


COPYING = """
import sys, time
from pathlib import Path
from edge_app.storage.backup import back_up, restore
from tests.keys import KEYS
def slowly(done, of):
    print(done, flush=True)
    time.sleep(0.02)
if sys.argv[1] == "back up":
    back_up(Path(sys.argv[2]), KEYS, Path(sys.argv[3]), slowly)
else:
    restore(Path(sys.argv[2]), Path(sys.argv[3]), KEYS, slowly)
"""


def killed(what: str, source: Path, target: Path, after: int) -> None:
    """Run a copy and kill it after so many images."""
    process = subprocess.Popen(
        [sys.executable, "-c", COPYING, what, str(source), str(target)],
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(after):
        process.stdout.readline()
    time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_copy_and_a_restore_that_were_killed_are_gone_on_with(kept, medium, tmp_path):
    for after in (1, 3, 5):
        killed("back up", kept, medium, after)
        assert copies_on(medium) == []
    made = back_up(kept, KEYS, medium, quiet)
    assert made.copied < IMAGES

    for after in (2, 4):
        killed("restore", made.place, tmp_path / "new", after)
        assert not (tmp_path / "new" / "studies.db").exists()
    restore(made.place, tmp_path / "new", KEYS, quiet)

    assert hashes(tmp_path / "new") == hashes(kept)

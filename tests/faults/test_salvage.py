"""A damaged list of studies: nothing is made anew without a word, and what can be read is saved."""

import os
import random
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_app.domain.account import Account, Role
from edge_app.domain.confidentiality import BurnedText, Confidentiality, LeavingPlan, Option
from edge_app.domain.geometry import Box
from edge_app.domain.outbox import Send, SendKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, Verdict
from edge_app.storage.backup import back_up
from edge_app.storage.cipher import connected
from edge_app.storage.key_slots import SLOTS_FILES
from edge_app.storage.leaf_rows import rows_on
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.pages import PAGE, PageFile, log_is_damaged
from edge_app.storage.retention import Retention
from edge_app.storage.salvage import Salvage
from edge_app.storage.salvaged_rows import rows_in_copy
from edge_app.storage.saved_studies import SavedStudies, saved_studies
from edge_app.storage.schema import StoreDamagedError
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_detection, a_reading, an_image, some_pixels
from tests.keys import KEYS

DAMAGES = int(os.environ.get("EDGE_APP_DAMAGES", "24"))
SEED = int(os.environ.get("EDGE_APP_SEED", "20260302"))
STUDIES = 16
FRAME_HEAD, SPLIT = 24, 41
"""Of that frame, the size lies at the end of a sector and the salts in the next one."""


def _one(store: SqliteStudyStore, number: int) -> None:
    person = PatientRef(f"MRN-{number}", f"Test^Amina {number}" + " long" * 40 * (number % 3))
    study = store.start(Study(f"study-{number:02}", person, NOON))
    for shift in range(1 + number % 2):
        image = an_image(some_pixels(shift=2 * number + shift))
        study = examine.keep(store, study, image)
        kept = study.images[-1].image_id
        study = examine.keep_reading(store, study, kept, a_reading(image, (a_detection(),)))
    if number % 2:
        for index in range(len(study.findings)):
            study = examine.judge(store, study, index, Verdict.ACCEPTED)
        examine.sign(store, FakeClock(), study, "Dr Test")


@dataclass(frozen=True)
class Template:
    """A store as it was, closed and as a crash leaves it, and what was in it."""

    closed: Path
    crashed: Path
    copy: Path
    bodies: dict[str, Study]
    pictures: dict[str, str]
    events: int


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Template:
    root = tmp_path_factory.mktemp("template")
    closed, crashed = root / "closed", root / "crashed"
    with SqliteStudyStore(closed, KEYS) as store:
        for number in range(STUDIES // 2):
            _one(store, number)
    for name in SLOTS_FILES:
        (closed / name).write_bytes(b"slots")
    copy = back_up(closed, KEYS, root / "medium", lambda _done, _of: None).place
    with SqliteStudyStore(closed, KEYS) as store:
        for number in range(STUDIES // 2, STUDIES):
            _one(store, number)
        shutil.copytree(closed, crashed)
        bodies = {line.study_id: store.study(line.study_id) for line in store.studies()}
        pictures = {
            i.image_id: store.pixels(s, i.image_id).hash for s in bodies.values() for i in s.images
        }
        events = len(store.audit_events())
    return Template(closed, crashed, copy, bodies, pictures, events)


def _assert_as_it_was(store: SavedStudies, template: Template, ids) -> None:
    for study_id in ids:
        study = store.study(study_id)
        assert study == template.bodies[study_id]
        for image in study.images:
            assert store.pixels(study, image.image_id).hash == template.pictures[image.image_id]


def _assert_hardly_changed(store, template: Template, *, may_lack_the_last: bool) -> None:
    """The last change of a log that a crash left may be one that nobody was told of: who knows."""
    newest = f"study-{STUDIES - 1:02}"
    assert {line.study_id for line in store.studies()} == set(template.bodies)
    _assert_as_it_was(store, template, set(template.bodies) - {newest})
    behind = template.bodies[newest].version - store.study(newest).version
    assert behind in ((0, 1) if may_lack_the_last else (0,))


def _salvaged(folder: Path, template: Template, copy: Path | None = None):
    """Salvage what is in `folder`, and look at whether what was said of it is true."""
    before = (folder / "studies.db").read_bytes()
    salvage = Salvage(folder, KEYS, copy)
    told = salvage.outcome
    assert (folder / "studies.db").read_bytes() == before

    quarantine = salvage.carry_out("admin.n", NOON)

    assert (quarantine / "studies.db").read_bytes() == before
    with SqliteStudyStore(folder, KEYS) as store:
        assert store.audit_verified().wrong == ""
        assert store.database_faults() == []
        assert {line.study_id for line in store.studies()} == {
            *told.whole, *told.older, *told.unnamed
        }  # fmt: skip
        _assert_as_it_was(store, template, told.whole)
        for study_id in told.unnamed:
            assert store.study(study_id).patient == PatientRef("")
            assert store.study(study_id).outcome.value == "not analysed"
        by_study = {e.study_id for e in store.audit_events() if e.act.startswith("salvaged")}
        assert {*told.older, *told.unnamed, *told.lost} <= by_study
        assert any(e.act.startswith("salvaged") for e in store.audit_events())
    return told


def _flipped(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 0x10
    file.write_bytes(content)


@pytest.mark.parametrize("state", ["closed", "crashed"])
def test_wherever_a_byte_is_flipped_it_is_noticed_and_every_study_is_accounted_for(
    tmp_path, template, state
):
    draw, worst, silent = random.Random(SEED), 0, 0  # noqa: S311
    source: Path = getattr(template, state)
    files = [name for name in ("studies.db", "studies.db-wal") if (source / name).exists()]
    for number in range(DAMAGES):
        folder = tmp_path / str(number)
        shutil.copytree(source, folder)
        name = draw.choice(files)
        place = draw.randrange((folder / name).stat().st_size)
        _flipped(folder / name, place)
        try:
            with SqliteStudyStore(folder, KEYS) as store:
                _assert_hardly_changed(store, template, may_lack_the_last=name.endswith("-wal"))
            silent += 1
        except StoreDamagedError:
            told = _salvaged(folder, template)
            accounted = {*told.whole, *told.older, *told.unnamed, *told.lost}
            assert accounted <= set(template.bodies)
            worst = max(worst, len(template.bodies) - len(told.whole))
        shutil.rmtree(folder)
    print(f"\n{DAMAGES} flips in {state}: not noticed {silent}, most not whole {worst}")  # noqa: T201

    assert worst < STUDIES / 2
    # Pages of the database that the log replaces are read by nobody; half of the flips hit it.
    assert silent < DAMAGES / (2 if state == "crashed" else 4)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: bytes(100) + whole[100:],
        lambda whole: bytes(4096) + whole[4096:],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:4096] + b"\xff" * 4096 + whole[8192:],
        lambda whole: whole[: len(whole) // 3] + bytes(9000) + whole[len(whole) // 3 + 9000 :],
    ],
    ids=["no header", "no first page", "half", "one page", "a hole"],
)
def test_what_lies_on_whole_pages_is_saved_and_the_copy_gives_the_rest(tmp_path, template, damage):
    folder, alone = tmp_path / "store", tmp_path / "alone"
    shutil.copytree(template.closed, folder)
    (folder / "studies.db").write_bytes(damage((folder / "studies.db").read_bytes()))
    shutil.copytree(folder, alone)
    for opening in (SqliteStudyStore, saved_studies):
        with pytest.raises(StoreDamagedError), opening(folder, KEYS):
            pass

    without = _salvaged(alone, template)
    told = _salvaged(folder, template, template.copy)

    assert len({*without.whole, *without.older, *without.unnamed}) == STUDIES
    in_copy = {f"study-{number:02}" for number in range(STUDIES // 2)}
    assert in_copy <= {*told.whole, *told.older}
    assert {*told.whole} >= {*without.whole}


def test_without_its_first_page_all_other_studies_are_whole(tmp_path, template):
    shutil.copytree(template.closed, tmp_path / "store")
    database = tmp_path / "store" / "studies.db"
    database.write_bytes(bytes(4096) + database.read_bytes()[4096:])

    told = _salvaged(tmp_path / "store", template)

    assert told.is_complete
    assert len(told.whole) == STUDIES
    before = rows_in_copy(template.closed / "studies.db", KEYS.database).rows
    after = rows_in_copy(database, KEYS.database).rows
    assert len(before["outbox"]) > 0
    for table in before:
        assert set(before[table].values()) <= set(after[table].values()), table


def test_a_job_that_leaves_without_names_keeps_its_plan(tmp_path, template):
    shutil.copytree(template.closed, tmp_path / "store")
    database = tmp_path / "store" / "studies.db"
    wishes = Confidentiality("trial", frozenset({Option.DATES}), BurnedText.GONE)
    plan = LeavingPlan(wishes, ((Box(1, 2, 3, 4),), ()))
    send = Send(SendKind.DEIDENTIFIED, "/media/stick", "/media", plan)
    with closing(OutboxRecords(tmp_path / "store", KEYS)) as records:
        asked = records.ask("study-01", template.bodies["study-01"].version, send)
    database.write_bytes(bytes(4096) + database.read_bytes()[4096:])

    Salvage(tmp_path / "store", KEYS).carry_out("admin.n", NOON)

    with closing(OutboxRecords(tmp_path / "store", KEYS)) as records:
        assert records.job(asked.key) == asked
        assert records.job(asked.key).send == send


def test_a_log_that_is_damaged_in_its_middle_is_not_passed_over(tmp_path, template):
    shutil.copytree(template.crashed, tmp_path / "store")
    log = tmp_path / "store" / "studies.db-wal"
    _flipped(log, log.stat().st_size // 2)

    with pytest.raises(StoreDamagedError), saved_studies(tmp_path / "store", KEYS):
        pass

    assert len(_salvaged(tmp_path / "store", template).whole) >= STUDIES - 1


@pytest.mark.parametrize("part", range(0, 24, 4), ids=lambda at: f"byte {at}")
def test_a_damaged_head_of_a_frame_in_the_log_is_not_passed_over(tmp_path, template, part):
    """Page, size, both salts, both sums: with any of them wrong SQLite drops all that follows."""
    shutil.copytree(template.crashed, tmp_path / "store")
    log = tmp_path / "store" / "studies.db-wal"
    n_frames = (log.stat().st_size - 32) // (24 + 4096)
    _flipped(log, 32 + n_frames // 3 * (24 + 4096) + part)

    with pytest.raises(StoreDamagedError), saved_studies(tmp_path / "store", KEYS):
        pass

    assert len(_salvaged(tmp_path / "store", template).whole) >= STUDIES - 1


@dataclass(frozen=True)
class BegunAnew:
    """A store whose log was begun anew: its files before that and after, as they lay on the disk.

    The first `fresh` frames of the newer log are new: one transaction.
    """

    before: Path
    after: Path
    fresh: int


@pytest.fixture(scope="module")
def begun_anew(template, tmp_path_factory) -> BegunAnew:
    root = tmp_path_factory.mktemp("anew")
    shutil.copytree(template.crashed, root / "work")
    (root / "work" / "studies.db-shm").unlink()
    (root / "before").mkdir()
    (root / "after").mkdir()
    path = root / "work" / "studies.db"
    with closing(connected(path, "mode=rw", KEYS.database)) as database:
        for number in range(200):
            database.execute("INSERT INTO doomed_file VALUES (?, ?)", ("x" * 900, f"{number}"))
        database.execute("PRAGMA wal_checkpoint(PASSIVE)")
        _files_copied(path, root / "before")
        database.execute("UPDATE doomed_file SET folder = folder || 'y'")
        _files_copied(path, root / "after")
    before, after = (_heads(root / name / "studies.db-wal") for name in ("before", "after"))
    fresh = sum(old != new for old, new in zip(before, after, strict=True))
    assert SPLIT < fresh < len(before)
    return BegunAnew(root / "before", root / "after", fresh)


def _files_copied(database: Path, folder: Path) -> None:
    for name in ("studies.db", "studies.db-wal"):
        shutil.copy2(database.with_name(name), folder)


def _heads(log: Path) -> list[bytes]:
    content = log.read_bytes()
    return [content[at : at + FRAME_HEAD] for at in range(32, len(content), FRAME_HEAD + PAGE)]


def _with_sectors_of(other: Path, into: Path, sectors) -> None:
    lost, log = other.read_bytes(), bytearray(into.read_bytes())
    for sector in sectors:
        log[sector * 512 : sector * 512 + 512] = lost[sector * 512 : sector * 512 + 512]
    into.write_bytes(log)


def test_a_log_that_was_begun_anew_as_the_power_went_is_not_damaged(tmp_path, begun_anew):
    """Some of its new sectors are on the disk, the one with its head is not."""
    for kept in ([3], [2, 9], range(1, 8 * begun_anew.fresh)):
        folder = shutil.copytree(begun_anew.before, tmp_path / f"{kept}")
        _with_sectors_of(begun_anew.after / "studies.db-wal", folder / "studies.db-wal", kept)

        assert not log_is_damaged(folder / "studies.db")


def test_a_transaction_that_the_power_cut_short_over_an_older_log_is_not_damage(
    tmp_path, begun_anew
):
    """Between its frames those of the older log are seen, whatever they say they are."""
    draw, last = random.Random(SEED), 8 * begun_anew.fresh  # noqa: S311  no secret
    for number in range(20):
        folder = shutil.copytree(begun_anew.after, tmp_path / f"{number}")
        lost = draw.sample(range(1, last), draw.randrange(1, last - 1))
        _with_sectors_of(begun_anew.before / "studies.db-wal", folder / "studies.db-wal", lost)

        assert not log_is_damaged(folder / "studies.db"), sorted(lost)


def test_a_size_of_an_older_log_before_salts_of_the_newer_one_ends_no_transaction(
    tmp_path, begun_anew
):
    log = shutil.copytree(begun_anew.after, tmp_path / "store") / "studies.db-wal"
    content, at = bytearray(log.read_bytes()), 32 + SPLIT * (FRAME_HEAD + PAGE)
    assert (at + 8) % 512 == 0
    content[at + 4 : at + 8] = (1).to_bytes(4, "big")
    log.write_bytes(content)

    assert not log_is_damaged(log.with_name("studies.db"))


def test_frames_of_an_older_log_are_not_the_newest_of_their_pages(tmp_path, begun_anew):
    """A salvage would go back to what they say."""
    lost = range(8, 8 * (begun_anew.fresh - 1))
    torn, empty = (shutil.copytree(begun_anew.after, tmp_path / name) for name in ("torn", "empty"))
    _with_sectors_of(begun_anew.before / "studies.db-wal", torn / "studies.db-wal", lost)
    zeros = tmp_path / "zeros"
    zeros.write_bytes(bytes((begun_anew.before / "studies.db-wal").stat().st_size))
    _with_sectors_of(zeros, empty / "studies.db-wal", lost)

    assert _pages(torn) == _pages(empty)


def _pages(folder: Path) -> list[bytes | None]:
    with closing(PageFile(folder / "studies.db", KEYS.database)) as pages:
        return [pages.page(number + 1) for number in range(pages.count)]


def test_a_lost_index_of_the_log_costs_nothing(tmp_path, template):
    shutil.copytree(template.crashed, tmp_path / "store")
    (tmp_path / "store" / "studies.db-shm").unlink()

    with SqliteStudyStore(tmp_path / "store", KEYS) as store:
        _assert_as_it_was(store, template, template.bodies)
        assert len(list(store.studies())) == STUDIES


def test_a_picture_that_is_damaged_here_comes_from_the_copy(tmp_path, template):
    shutil.copytree(template.closed, tmp_path / "store")
    study = template.bodies["study-03"]
    file = tmp_path / "store" / "images" / KEYS.file_name(study.images[0].image_id)
    file.write_bytes(b"nothing")
    _flipped(tmp_path / "store" / "studies.db", 5000)

    told = _salvaged(tmp_path / "store", template, template.copy)

    assert told.mended == 1
    assert told.unreadable == ()
    with saved_studies(tmp_path / "store", KEYS) as store:
        _assert_as_it_was(store, template, ["study-03"])


def test_a_salvage_that_was_cut_short_is_gone_on_with_from_what_was_put_away(tmp_path, template):
    folder = tmp_path / "store"
    shutil.copytree(template.crashed, folder)
    log = folder / "studies.db-wal"
    _flipped(log, log.stat().st_size // 2)
    quarantine = Salvage(folder, KEYS).carry_out("admin.n", NOON)
    (quarantine / "salvaged").unlink()
    (folder / "studies.db").unlink()
    for opening in (SqliteStudyStore, saved_studies):
        with pytest.raises(StoreDamagedError), opening(folder, KEYS):
            pass

    again = Salvage(folder, KEYS)
    second = again.carry_out("admin.n", NOON)

    assert len(again.outcome.whole) >= STUDIES - 1
    assert second != quarantine
    with SqliteStudyStore(folder, KEYS) as store:
        _assert_as_it_was(store, template, again.outcome.whole)


def test_a_study_of_which_nothing_is_left_is_called_lost_and_that_is_written_down(
    tmp_path, template
):
    folder = tmp_path / "store"
    shutil.copytree(template.closed, folder)
    whole, spoilt = (folder / "studies.db").read_bytes(), []
    pages = PageFile(folder / "studies.db", KEYS.database)
    for number in range(1, pages.count + 1):
        rows = rows_on(pages.page(number), number, pages.page)
        if any(len(row) in {4, 8} and isinstance(row[-1], bytes) for row in rows):
            spoilt.append(number)  # records of studies, and of what was signed
    pages.close()
    for number in spoilt:
        whole = whole[: PAGE * (number - 1)] + bytes(PAGE) + whole[PAGE * number :]
    (folder / "studies.db").write_bytes(whole)
    gone = template.bodies["study-02"].images[0]
    (folder / "images" / KEYS.file_name(gone.image_id)).unlink()

    told = _salvaged(folder, template)

    assert told.lost == ("study-02",)
    assert len(told.unnamed) == STUDIES - 1
    with saved_studies(folder, KEYS) as store:
        said = [e.study_id for e in store.audit_events() if e.act == "salvaged: lost"]
    assert said == ["study-02"]


def test_an_erased_study_is_not_brought_back_from_the_copy(tmp_path, template):
    folder = tmp_path / "store"
    shutil.copytree(template.closed, folder)
    erased = "study-01"
    retention = Retention(folder, KEYS, "admin.n")
    (signed,) = [s for s in retention.signed_studies() if s.study_id == erased]
    assert retention.remove(signed, lambda _: True)
    retention.close()
    database = folder / "studies.db"
    database.write_bytes(bytes(4096) + database.read_bytes()[4096:])

    told = Salvage(folder, KEYS, template.copy)
    told.carry_out("admin.n", NOON)

    with saved_studies(folder, KEYS) as store:
        assert erased not in {line.study_id for line in store.studies()}
    assert erased not in told.outcome.lost


def test_no_badge_outlives_a_salvage_as_a_copy_may_hold_one_that_was_taken_back(tmp_path, template):
    folder = tmp_path / "store"
    shutil.copytree(template.closed, folder)
    with SqliteStudyStore(folder, KEYS) as store:
        store.put_account(Account("Baraka", frozenset({Role.OPERATOR})))
        store.put_badge("Baraka", "0004711815", is_drawn=False)
    database = folder / "studies.db"
    database.write_bytes(bytes(4096) + database.read_bytes()[4096:])

    _salvaged(folder, template)

    with saved_studies(folder, KEYS) as store:
        assert store.account("Baraka")
        assert store.badge_holder("0004711815") is None

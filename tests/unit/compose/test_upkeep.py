"""What was saved is read again, copied and tidied; no clock and no restart makes it forgotten."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge_app.compose.doctor_upkeep import trust_the_clock, upkeep_states
from edge_app.compose.upkeep import ClockDoubtedError, Upkeep, upkeep_wishes
from edge_app.domain.error import SettingsRefusedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.storage.backup import copies_on
from edge_app.storage.boot_clock import Running
from edge_app.storage.key_slots import SLOTS_FILES
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.storage.upkeep_record import upkeep_record
from tests.fakes import an_image, some_pixels
from tests.keys import KEYS

MORNING = datetime.fromisoformat("2026-12-01T08:00:00+00:00")
HOUR, DAY = 3600.0, 86_400.0


@dataclass
class Machine:
    """A machine whose clocks the test moves."""

    wall: datetime = MORNING
    boot: str = "boot-1"
    boot_s: float = 100.0

    def now(self) -> datetime:
        return self.wall

    def monotonic_ns(self) -> int:
        return int(self.boot_s * 1e9)

    def ran(self) -> Running:
        return Running(self.boot, self.boot_s)

    def pass_s(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.boot_s += seconds

    def restart(self) -> None:
        self.boot, self.boot_s = self.boot + "+", 20.0


@dataclass
class Clinic:
    """A store that is open in a kiosk."""

    settings: Settings
    store: SqliteStudyStore
    machine: Machine = field(default_factory=Machine)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.upkeep = Upkeep(self.settings, self.store, KEYS, self.machine, self.machine.ran)

    @property
    def record(self):
        return upkeep_record(self.settings.data_dir)

    def keep(self, study_id: str, images: int = 2) -> Study:
        study = self.store.start(Study(study_id, PatientRef("P-1"), self.machine.now()))
        for shift in range(images):
            study = self.store.capture(study, an_image(some_pixels(shift=shift)))
        return study

    def file(self, study: Study, index: int = 0) -> Path:
        name = KEYS.file_name(study.images[index].image_id)
        return self.settings.data_dir / "images" / name

    def look_for(self, seconds: float, every: float = HOUR) -> None:
        """Look again and again while that time passes."""
        until = self.machine.wall + timedelta(seconds=seconds)
        while self.machine.wall < until:
            with suppress(ClockDoubtedError):
                self.upkeep.look()
            self.machine.pass_s(every)

    def states(self) -> dict[str, tuple[str, bool]]:
        states = upkeep_states(self.settings, self.machine.wall)
        return {s.name: (s.found, s.is_fault) for s in states}

    def acts(self) -> list[str]:
        return [event.act for event in self.store.audit_events()]


@pytest.fixture
def clinic(tmp_path) -> Iterator[Clinic]:
    settings = Settings(tmp_path / "data", tmp_path / "packages")
    with SqliteStudyStore(settings.data_dir, KEYS) as store:
        for name in SLOTS_FILES:
            (settings.data_dir / name).write_bytes(b"slots")
        yield Clinic(settings, store)


@pytest.fixture
def second_disk(clinic, tmp_path) -> Path:
    disk = tmp_path / "second"
    disk.mkdir()
    (clinic.settings.data_dir / "upkeep.toml").write_text(
        f'backup_to = "{disk}"\nbackup_hour = 20\n'
    )
    return disk


def test_a_picture_that_is_damaged_is_found_within_a_week_of_clinic_hours_and_the_others_are_fine(
    clinic,
):
    studies = [clinic.keep(f"study-{number}") for number in range(8)]
    clinic.look_for(2 * HOUR)
    clinic.file(studies[3], 1).write_bytes(b"nothing")
    study, image = studies[3], studies[3].images[1]

    for _ in range(5):  # days of eight hours, then the machine is switched off
        clinic.look_for(8 * HOUR, every=600)
        clinic.machine.wall += timedelta(hours=16)
        clinic.machine.restart()
        clinic.start()

    assert clinic.record.damaged == ((study.study_id, image.image_id),)
    found = [e for e in clinic.store.audit_events() if e.act.startswith("found damaged")]
    assert [(e.study_id, image.image_id in e.act) for e in found] == [(study.study_id, True)]
    said, is_fault = clinic.states()["pictures read again"]
    assert is_fault
    assert study.study_id in said
    assert "study-2" not in said


def test_a_picture_that_was_mended_is_not_called_damaged_any_more(clinic):
    file = clinic.file(clinic.keep("study-1"))
    whole = file.read_bytes()
    file.write_bytes(b"nothing")
    clinic.look_for(HOUR)
    assert len(clinic.record.damaged) == 1
    file.write_bytes(whole)

    clinic.look_for(3 * DAY)

    assert clinic.record.damaged == ()
    assert not clinic.states()["pictures read again"][1]


def test_each_look_reads_only_a_portion_and_goes_on_there_after_a_restart(clinic):
    for number in range(12):
        clinic.keep(f"study-{number}")

    places = []
    for _ in range(4):
        clinic.upkeep.look()
        places.append(clinic.record.after)
        clinic.machine.pass_s(60)
        clinic.machine.restart()
        clinic.start()

    assert places == sorted(set(places))
    assert 0 < places[0] < 12
    assert clinic.record.ended.at is None


def test_a_round_that_ended_is_told_and_a_week_without_one_is_a_warning(clinic):
    clinic.keep("study-1")
    clinic.look_for(HOUR)
    assert "2026-12-01" in clinic.states()["pictures read again"][0]
    (before,) = [
        s for s in upkeep_states(clinic.settings, clinic.machine.wall) if "again" in s.name
    ]

    late = clinic.machine.wall + timedelta(days=8)
    (after,) = [s for s in upkeep_states(clinic.settings, late) if "again" in s.name]

    assert before.remedy == ""
    assert "study check" in after.remedy


def test_a_first_copy_is_made_at_once_and_then_one_every_night_and_it_is_written_down(
    clinic, second_disk
):
    def copies() -> int:
        return clinic.acts().count("backup: 1 studies")

    clinic.keep("study-1")
    clinic.look_for(HOUR)
    assert (len(copies_on(second_disk)), copies()) == (1, 1)
    clinic.look_for(31 * HOUR)
    assert copies() == 1

    clinic.look_for(8 * HOUR, every=600)
    assert copies() == 2
    clinic.look_for(3 * DAY)

    assert copies() == 5
    last = clinic.record.backup.at
    assert clinic.states()["backup"] == (f"last: {last:%Y-%m-%d %H:%M %Z}", False)


def test_a_machine_that_is_off_at_night_copies_when_it_is_on(clinic, second_disk):
    clinic.keep("study-1")
    for _ in range(3):
        clinic.look_for(8 * HOUR)
        clinic.machine.wall += timedelta(hours=16)
        clinic.machine.restart()
        clinic.start()

    assert len([act for act in clinic.acts() if act.startswith("backup")]) >= 2


@pytest.mark.parametrize("years", [-1, 1, -56])
def test_a_clock_that_jumps_makes_no_copy_and_no_reading_forgotten(clinic, second_disk, years):
    clinic.keep("study-1")
    clinic.look_for(DAY)
    copies, ended = clinic.acts().count("backup: 1 studies"), clinic.record.ended.ran_s
    clinic.machine.wall += timedelta(days=365 * years)

    clinic.look_for(5 * DAY)

    made = clinic.acts().count("backup: 1 studies") - copies
    assert 3 <= made <= 7
    assert clinic.record.ended.ran_s > ended


def test_a_second_disk_that_is_away_is_told_and_tried_again_each_hour(clinic, second_disk):
    clinic.keep("study-1")
    second_disk.rmdir()
    second_disk.write_text("no folder")
    clinic.look_for(14 * HOUR, every=600)
    assert clinic.record.backup_problem
    assert "Check the second disk." in [
        s.remedy for s in upkeep_states(clinic.settings, clinic.machine.wall)
    ]
    second_disk.unlink()
    second_disk.mkdir()

    clinic.look_for(2 * HOUR, every=600)

    assert len(copies_on(second_disk)) == 1
    assert clinic.record.backup_problem == ""


def test_a_file_that_belongs_to_nothing_goes_after_a_day_and_not_before(clinic):
    study = clinic.keep("study-1")
    stray = clinic.settings.data_dir / "images" / ("0" * 32)
    stray.write_bytes(b"of a capture that was cut short")
    clinic.look_for(2 * HOUR)
    clinic.machine.wall += timedelta(days=400)
    clinic.look_for(20 * HOUR)
    assert stray.exists()

    clinic.look_for(2 * DAY)

    assert not stray.exists()
    assert "1 files that belong to no study removed" in clinic.acts()
    assert clinic.file(study).exists()
    assert list(clinic.store.faults()) == []


def test_nothing_is_tidied_away_while_a_damaged_list_is_kept(clinic):
    clinic.keep("study-1")
    (clinic.settings.data_dir / "quarantine" / "2026-12-01").mkdir(parents=True)
    stray = clinic.settings.data_dir / "images" / ("0" * 32)
    stray.write_bytes(b"perhaps of a study on a damaged page")

    clinic.look_for(4 * DAY)

    assert stray.exists()


def test_a_clock_that_cannot_be_right_is_asked_about_once(clinic):
    clinic.upkeep.look()
    clinic.machine.pass_s(60)
    clinic.machine.wall = datetime.fromisoformat("1970-01-01T00:03:00+00:00")

    with pytest.raises(ClockDoubtedError) as doubted:
        clinic.upkeep.look()
    for _ in range(5):
        clinic.machine.pass_s(60)
        clinic.upkeep.look()
    clinic.machine.restart()
    clinic.start()
    clinic.upkeep.look()

    assert "1970-01-01" in str(doubted.value)
    assert clinic.acts().count("the date is not trusted from here on") == 1


def test_a_date_that_a_person_looked_at_is_believed_again(clinic):
    clinic.upkeep.look()
    clinic.machine.wall += timedelta(days=30)
    with pytest.raises(ClockDoubtedError):
        clinic.upkeep.look()

    trust_the_clock(clinic.settings, clinic.machine.wall)

    clinic.machine.pass_s(60)
    clinic.upkeep.look()
    assert clinic.record.doubt == ""


@pytest.mark.parametrize(
    "written", ["backup_hour = 24", "backup_to = 7", 'target = "/media"', "backup_to"]
)
def test_settings_of_the_upkeep_that_mean_nothing_are_refused_in_words(clinic, written):
    (clinic.settings.data_dir / "upkeep.toml").write_text(written)

    with pytest.raises(SettingsRefusedError, match=r"upkeep\.toml"):
        upkeep_wishes(clinic.settings)
    clinic.upkeep.look()
    assert clinic.states()["backup"][1]


def test_once_the_kiosk_is_closed_nothing_is_done_any_more(clinic):
    clinic.keep("study-1")
    clinic.upkeep.close()

    clinic.upkeep.look()

    assert clinic.record.ran_s == 0.0
    assert clinic.record.began.at is None


def test_the_list_from_before_a_new_version_goes_after_a_month_of_work_and_not_by_a_clock(clinic):
    clinic.keep("study-1")
    before = clinic.settings.data_dir / "studies.before-schema-2.db"
    before.write_bytes(b"as it was")
    clinic.look_for(HOUR)
    clinic.machine.wall += timedelta(days=400)
    clinic.look_for(9 * DAY, every=DAY / 4)
    assert before.exists()

    clinic.look_for(2 * DAY, every=DAY / 4)

    assert not before.exists()
    assert "the list from before the new version removed" in clinic.acts()


def test_a_damaged_list_that_is_kept_is_told_to_the_technician(clinic):
    clinic.keep("study-1")
    assert "damaged lists of studies" not in clinic.states()

    (clinic.settings.data_dir / "quarantine" / "2026-12-01-080000").mkdir(parents=True)

    assert "2026-12-01-080000" in clinic.states()["damaged lists of studies"][0]

"""Somebody looks for long: the log of what is written meanwhile does not grow without a limit."""

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage import cipher
from edge_app.storage.backup import BackupFailedError, back_up
from edge_app.storage.key_slots import SLOTS_FILES
from edge_app.storage.saved_studies import StoreUnreadableError, saved_studies
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON
from tests.keys import KEYS

MB = 1024 * 1024
MOST_LOG_MB = 64
WRITTEN_MB = 96
ENDLESS = (
    "SELECT count(*) FROM study a, study b, study c, study d, study e, study f, study g,"
    " study h, study i, study j, study k"
)
AMINA = PatientRef("P-1", "Amina Test")


def log_mb(folder: Path) -> float:
    log = folder / "studies.db-wal"
    return log.stat().st_size / MB if log.exists() else 0.0


class Clinic:
    """A store in which a lot is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.most_log_mb, self.n_studies = 0.0, 12
        self.store = SqliteStudyStore(folder, KEYS)
        self._studies = [
            self.store.start(Study(f"study-{number}", AMINA, NOON))
            for number in range(self.n_studies)
        ]

    def write(self, mb: int) -> None:
        """Save changes of so many megabytes, each by a transaction of its own."""
        for number in range(mb):
            study = self._studies[number % 4]
            patient = replace(AMINA, name=f"Amina {number} " + "T" * MB)
            self._studies[number % 4] = self.store.save(
                replace(study, patient=patient), "patient identified"
            )
            self.most_log_mb = max(self.most_log_mb, log_mb(self.folder))


@pytest.fixture
def clinic(tmp_path):
    made = Clinic(tmp_path / "store")
    yield made
    made.store.close()


def test_a_question_that_takes_for_ever_gives_way_to_what_is_written(clinic):
    refused = []

    def look() -> None:
        with saved_studies(clinic.folder, KEYS) as store:
            try:
                store._rows(ENDLESS)
            except StoreUnreadableError as error:
                refused.append(error)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    while looking.is_alive() and clinic.most_log_mb < MOST_LOG_MB:
        clinic.write(4)
    looking.join(30)
    clinic.write(8)

    print(f"\nthe log grew to {clinic.most_log_mb:.0f} MB")  # noqa: T201
    assert len(refused) == 1
    assert "Try again" in refused[0].remedy
    assert 0.9 * cipher.MOST_LOG / MB < clinic.most_log_mb <= MOST_LOG_MB
    assert log_mb(clinic.folder) <= 17


def test_an_open_cursor_gives_way_at_its_next_row_and_the_log_is_small_again(clinic):
    with closing(cipher.connected(clinic.folder / "studies.db", "mode=ro", KEYS.database)) as own:
        cursor = own.execute(f"{ENDLESS} LIMIT 300000".replace("count(*)", "a.study_id"))
        cursor.fetchone()
        clinic.write(WRITTEN_MB // 2)
        assert log_mb(clinic.folder) > cipher.MOST_LOG / MB

        with pytest.raises(cipher.DatabaseError, match=cipher.INTERRUPTED):
            cursor.fetchall()
        clinic.write(8)

    assert log_mb(clinic.folder) <= 17


def test_whoever_looks_through_the_store_holds_nothing_between_two_answers(clinic):
    with saved_studies(clinic.folder, KEYS) as store:
        begun = iter(store.studies())
        assert next(begun)

        clinic.write(WRITTEN_MB)

        assert sum(1 for _ in begun) == clinic.n_studies - 1
        assert list(store.faults()) == []
    print(f"\nthe log grew to {clinic.most_log_mb:.0f} MB")  # noqa: T201
    assert clinic.most_log_mb <= 17


def test_a_copy_to_a_slow_medium_gives_way_too_and_says_so(clinic, tmp_path, monkeypatch):
    for name in SLOTS_FILES:
        (clinic.folder / name).write_bytes(b"slots")
    clinic.write(16)
    monkeypatch.setattr(cipher, "_PAGES_AT_ONCE", 64)
    honest = cipher._has_grown

    def slowly(path: Path):
        has_grown = honest(path)

        def asked() -> bool:
            clinic.write(1)
            return has_grown()

        return asked if path == clinic.folder / "studies.db" else has_grown

    monkeypatch.setattr(cipher, "_has_grown", slowly)
    with pytest.raises(BackupFailedError, match="too much was written meanwhile"):
        back_up(clinic.folder, KEYS, tmp_path / "medium", lambda _done, _of: None)

    monkeypatch.undo()
    clinic.write(8)
    assert clinic.most_log_mb <= MOST_LOG_MB
    back_up(clinic.folder, KEYS, tmp_path / "medium", lambda _done, _of: None)

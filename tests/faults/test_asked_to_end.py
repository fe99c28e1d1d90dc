"""The machine is shut down with a study open; and twenty programs want one store at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.study import StudyState
from edge_app.settings import Settings
from edge_app.storage.saved_studies import saved_studies
from tests.keys import KEYS

ROOT = Path(__file__).parents[2]
AT_ONCE = 20
ONE = """
import sys, time
from pathlib import Path
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.in_use import StoreInUseError
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON
from tests.keys import KEYS
print("ready", flush=True)
sys.stdin.readline()
try:
    with SqliteStudyStore(Path(sys.argv[1]), KEYS) as store:
        store.start(Study(sys.argv[2], PatientRef("P-1"), NOON))
        print("in", flush=True)
        sys.stdin.readline()
except StoreInUseError as error:
    print(error.code, flush=True)
"""


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_a_study_that_is_open_at_a_shutdown_is_kept_as_it_is_and_the_program_ends_by_itself(
    tmp_path, asked
):
    kiosk = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kiosk_child", str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        word, study_id = kiosk.stdout.readline().split()
        assert word == "open"
        begin = time.monotonic()
        kiosk.send_signal(asked)
        assert kiosk.wait(120) == 0
        took_s = time.monotonic() - begin
    finally:
        kiosk.kill()
        kiosk.wait()
        kiosk.stdout.close()
    print(f"\nended {took_s:.1f} s after {asked.name}")  # noqa: T201

    entrance, who = demo_entrance(Settings(tmp_path, tmp_path))
    with entrance.saved(who, Right.SEE_STUDIES, EventKind.QUERIED) as store:
        study = store.study(study_id)
        acts = [event.act for event in store.audit_events()]
        assert study.state is not StudyState.SIGNED
        assert len(study.images) == 1
        assert list(store.faults()) == []
    assert "logged out" in acts


def test_of_twenty_programs_at_once_one_has_the_store_and_the_others_say_so(tmp_path):
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", ONE, str(tmp_path / "store"), f"study-{number}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(AT_ONCE)
    ]
    for program in programs:
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    said = [program.stdout.readline().strip() for program in programs]
    for program in programs:
        program.communicate("end\n", timeout=60)

    assert sorted(said) == ["STO-007"] * (AT_ONCE - 1) + ["in"]
    with saved_studies(tmp_path / "store", KEYS) as store:
        assert [line.study_id for line in store.studies()] == [f"study-{said.index('in')}"]

"""The commissioning report: who may make it, what its signature shows, and where it may go."""

import json
import logging
import threading
import time
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from edge_app.cli.program import run
from edge_app.compose.beside_window import BesideWindow
from edge_app.compose.commissioning import MachineCommissioning
from edge_app.compose.demo import demo_entrance
from edge_app.compose.doctor_tried import _tried
from edge_app.compose.log_lines import kept_log, last_lines
from edge_app.compose.media import media
from edge_app.domain.account import RIGHTS, Account, Right, Role
from edge_app.domain.commissioning import (
    DoctorCheck,
    Examination,
    Found,
    Level,
    Medium,
    Speed,
    Tried,
)
from edge_app.domain.error import ExportFailedError, NotAllowedError
from edge_app.inference.providers import Tuning
from edge_app.inference.selftest import Combination, SelftestRecord, Verdict
from edge_app.inference.session import Level as Optimisation
from edge_app.settings import Settings
from edge_app.storage.report_key import ReportKey
from edge_app.workflow.commission import AllowedCommissioning, Commissioning
from tests.fakes import NOON
from tests.keys import KEYS

EXAMINED = Examination(
    (DoctorCheck("disk", ok=True, level=Level.OK, found="12.0 GB free for studies"),),
    (Tried("blood-smear", "int8", "CPU, optimisation all", Found.USED, "", 11.5),),
)
SPEEDS = (Speed("blood-smear", "int8", "cpu", 10.0, 11.5, 900.0, 210.0),)
ACTS = {
    "examine": lambda c: c.examine(),
    "measure": lambda c: c.measure(lambda _: None),
    "lines": lambda c: c.lines(),
    "media": lambda c: c.media(),
    "write": lambda c: c.write(EXAMINED, (), Medium("/nowhere", "", 0)),
}
FREE = {"stop": "it only ends what somebody with the right began"}


class Recorded:
    """Answers `Commissioning`, and keeps which acts came through."""

    def __init__(self):
        self.done = []

    def examine(self):
        self.done.append("examine")
        return EXAMINED

    def measure(self, *_):
        self.done.append("measure")
        return SPEEDS

    def stop(self):
        self.done.append("stop")

    def lines(self):
        self.done.append("lines")
        return ()

    def media(self):
        self.done.append("media")
        return ()

    def write(self, *_):
        self.done.append("write")
        return ()


@pytest.mark.parametrize(("role", "act"), list(product(Role, ACTS)))
def test_only_who_manages_devices_does_a_technicians_work(role, act):
    inner, refused = Recorded(), []
    allowed = AllowedCommissioning(inner, Account("A", frozenset({role})), refused.append)

    if Right.MANAGE_DEVICES in RIGHTS[role]:
        ACTS[act](allowed)
        assert (inner.done, refused) == ([act], [])
    else:
        with pytest.raises(NotAllowedError):
            ACTS[act](allowed)
        assert (inner.done, refused) == ([], [Right.MANAGE_DEVICES])


def test_every_act_of_a_technician_is_in_the_matrix_or_free_for_a_reason():
    ways = {name for name in vars(Commissioning) if not name.startswith("_")}

    assert ways == ACTS.keys() | FREE.keys()


def a_report(folder, key=None):
    """Write a report and return its PDF and its JSON."""
    settings = Settings(folder / "data", folder)
    machine = MachineCommissioning(
        settings, "blood-smear", key or ReportKey(KEYS.reports), lambda: "7-AAAA-BBBB-CCCC", "T."
    )
    pdf, signed = machine.write(EXAMINED, SPEEDS, Medium(str(folder / "stick"), "", 0))
    return pdf, signed


def verified(path, *words):
    return run(["commission", "verify", str(path), "--json", *words])


def test_a_report_as_it_was_written_is_verified_by_the_devices_key(tmp_path, capsys):
    _, signed = a_report(tmp_path)
    key = ReportKey(KEYS.reports).public

    assert verified(signed) == 0
    assert verified(signed, "--key", key.upper()) == 0
    said = json.loads(Path(signed).read_text("utf-8"))
    assert said["report"]["audit_head"] == "7-AAAA-BBBB-CCCC"
    assert said["report"]["examination"]["tried"][0]["found"] == "used"


def test_a_report_with_one_figure_changed_is_not_verified(tmp_path, capsys):
    _, signed = a_report(tmp_path)
    text = Path(signed).read_text("utf-8")
    assert text.count("11.5") == 2

    Path(signed).write_text(text.replace("11.5", "9.5", 1), "utf-8")

    assert verified(signed) == 1


def test_a_report_beside_another_pdf_is_not_verified(tmp_path, capsys):
    pdf, signed = a_report(tmp_path)

    Path(pdf).write_bytes(Path(pdf).read_bytes() + b"\n")

    assert verified(signed) == 1


def test_a_report_that_another_devices_key_signed_is_not_this_ones(tmp_path, capsys):
    _, signed = a_report(tmp_path, ReportKey(bytes(32)))

    assert verified(signed) == 0
    assert verified(signed, "--key", ReportKey(KEYS.reports).public) == 1


def test_a_file_that_is_no_report_is_refused_in_words(tmp_path, capsys):
    other = tmp_path / "other.json"
    other.write_text("[]")

    assert verified(other) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "EXP-001"


def test_a_stick_that_was_pulled_out_is_told_in_words(tmp_path):
    settings = Settings(tmp_path / "data", tmp_path)
    machine = MachineCommissioning(settings, "blood-smear", ReportKey(bytes(32)), str, "T.")
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(ExportFailedError):
        machine.write(EXAMINED, (), Medium(str(tmp_path / "file" / "stick"), "", 0))


def test_making_a_report_at_the_window_stands_in_the_audit_and_its_head_in_the_report(tmp_path):
    settings = Settings(tmp_path / "data", tmp_path)
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store:
        work = store.commissioning(settings, "blood-smear")
        _, signed = work.write(EXAMINED, (), Medium(str(tmp_path / "out"), "", 0))
        head = json.loads(Path(signed).read_text("utf-8"))["report"]["audit_head"]
        assert head == store._store.audit_head
        last = store._store.audit_events()[-1]
    assert (last.by, last.act) == (who.account.name, "commissioning report")


def test_sticks_are_offered_before_the_machines_own_folder_and_other_mounts_never(tmp_path):
    stick = tmp_path / "media" / "user" / "MY STICK"
    stick.mkdir(parents=True)
    mounts = tmp_path / "mountinfo"
    written = str(stick).replace(" ", "\\040")
    mounts.write_text(
        f"36 35 8:17 / {written} rw,nosuid shared:1 - vfat /dev/sdb1 rw\n"
        "21 1 0:20 / /proc rw - proc proc rw\n"
    )

    found = media(tmp_path / "own", (tmp_path / "media",), mounts)

    assert [(m.folder, m.name) for m in found] == [
        (str(stick), "MY STICK"),
        (str(tmp_path / "own"), ""),
    ]
    assert all(m.free_bytes > 0 for m in found)


def test_the_log_keeps_where_something_broke_and_never_what_somebody_typed(tmp_path):
    with kept_log(tmp_path):
        try:
            int("Amina Test")
        except ValueError:
            logging.getLogger("edge_app.ui").exception("uncaught exception")
        logging.getLogger("somebody.else").warning("Amina Test")

    (line,) = last_lines(tmp_path, 10)
    assert "uncaught exception (ValueError at test_commissioning.py:" in line
    assert "Amina" not in line


def test_the_log_stays_short(tmp_path):
    with kept_log(tmp_path):
        for _ in range(8000):
            logging.getLogger("edge_app.ui").warning("told EDGE-999 " + "x" * 60)

    assert sum(p.stat().st_size for p in (tmp_path / "log").iterdir()) < 600_000


def test_a_stopped_examination_ends_with_the_process_that_made_it(tmp_path):
    beside = BesideWindow(Settings(tmp_path, tmp_path))
    said = []
    looking = threading.Thread(target=lambda: said.append(beside.answer("doctor")))
    looking.start()
    until = time.monotonic() + 10
    while beside._process is None and time.monotonic() < until:
        time.sleep(0.01)

    beside.stop()
    looking.join(timeout=10)

    assert said == [b""]
    assert beside._process.poll() is not None
    assert beside.answer("doctor") == b""


def test_each_way_that_was_tried_says_whether_it_is_used_and_why_not():
    fast, slow, wrong = (
        Combination("int8", "cpu", Optimisation.ALL),
        Combination("fp32", "cpu", Optimisation.ALL),
        Combination("int8", "cuda", Optimisation.ALL),
    )
    found = (
        Verdict(fast, ok=True, why="", median_ms=10.0),
        Verdict(slow, ok=True, why="", median_ms=20.0),
        Verdict(wrong, ok=False, why="scores differ by 0.3"),
    )
    record = SelftestRecord("d", "id", NOON - timedelta(days=1), found, fast, Tuning())

    said = [(t.variant, t.found, t.why) for t in _tried(record)]

    assert said == [
        ("int8", Found.USED, ""),
        ("fp32", Found.AGREES, ""),
        ("int8", Found.REFUSED, "scores differ by 0.3"),
    ]

"""The self-test refuses whoever lies, chooses the fastest that agrees, and says what it did."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference import golden
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector, quarantined
from edge_app.inference.machine import Machine
from edge_app.inference.package import load_package
from edge_app.inference.providers import Tuning
from edge_app.inference.selftest import Combination, Opener, SelftestRecord, Verdict, fastest
from edge_app.inference.selftest_records import MOST_AGE, SelftestRecords
from edge_app.inference.session import Level, open_session
from tests.fakes import FakeClock
from tests.smears import PACKAGE
from tests.unit.inference.lying_providers import LyingInner, lies

VARIANTS = ("int8", "fp32")


@pytest.fixture(scope="module")
def package():
    return load_package(PACKAGE)


class LyingOpener:
    """Opens true sessions, but for those that `lies_for` names; counts what was opened."""

    def __init__(self, lies_for=lambda _: None) -> None:
        self._lies_for = lies_for
        self.opened = []

    def __call__(self, package, combination, tuning):
        self.opened.append(combination)
        session = Opener()(package, combination, tuning)
        lie = self._lies_for(combination)
        return replace(session, inner=LyingInner(session.inner, lie)) if lie else session


@pytest.fixture(scope="module")
def honest(package, tmp_path_factory):
    """Return the record of one whole self-test of the true runtime."""
    return examined(a_machine(tmp_path_factory.mktemp("honest"), LyingOpener()), package)


def a_machine(tmp_path, opener):
    return Machine(SelftestRecords(tmp_path / "selftests"), FakeClock(), opener)


def examined(machine, package) -> SelftestRecord:
    *_, record = machine.test(package)
    return record


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", lies())
def test_a_provider_that_lies_is_refused_before_the_first_patient(package, variant, name):
    spec = package.variant(variant)
    true = open_session(package.model(spec), "cpu")
    liar = replace(true, inner=LyingInner(true.inner, lies()[name]))

    with pytest.raises(DetectorRefusedError, match=f"{variant} gives a wrong answer"):
        golden.passed(package, spec, liar)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_true_cpu_passes_at_every_level(package, variant, level):
    spec = package.variant(variant)

    assert golden.passed(package, spec, open_session(package.model(spec), "cpu", level))


def test_what_lies_is_quarantined_by_name_and_what_agrees_is_used(package, tmp_path):
    opener = LyingOpener(lambda c: lies()["classes swapped"] if c.variant == "int8" else None)
    machine = a_machine(tmp_path, opener)

    record = examined(machine, package)
    detector = load_detector(PACKAGE, Choice(), machine)

    assert {v.combination.variant for v in record.verdicts if not v.ok} == {"int8"}
    assert record.chosen is not None
    assert detector.certificate.variant == record.chosen.variant == "fp32"
    assert detector.certificate.optimisation == record.chosen.level.value
    assert any("int8 on cpu is not used" in said for said in detector.passed_over)
    assert len(quarantined(record)) < len(Level)


def test_where_everything_lies_there_is_no_detector_and_the_reason_is_said(package, tmp_path):
    machine = a_machine(tmp_path, LyingOpener(lambda _: lies()["scores all zero"]))

    record = examined(machine, package)

    assert record.chosen is None
    with pytest.raises(DetectorRefusedError, match="same answer"):
        load_detector(PACKAGE, Choice(), machine)
    with pytest.raises(DetectorRefusedError, match="same answer"):
        load_detector(PACKAGE, Choice("fp32", "cpu"), machine)


def test_the_fastest_that_agrees_is_chosen(honest):
    assert all(v.ok and v.median_ms > 0 for v in honest.verdicts)
    assert len(honest.verdicts) == len(VARIANTS) * len(Level)
    best = min(honest.verdicts, key=lambda v: v.median_ms)
    assert honest.chosen == best.combination


def test_what_disagrees_is_never_chosen_however_fast_it_is():
    good, bad = (Combination("int8", "cpu", level) for level in (Level.ALL, Level.NONE))

    chosen = fastest(
        [
            Verdict(bad, ok=False, why="wrong", median_ms=0.1),
            Verdict(good, ok=True, why="", median_ms=90),
        ]
    )

    assert chosen == good


def test_a_record_that_stands_saves_the_next_start_the_work(package, honest, tmp_path):
    opener = LyingOpener()
    machine = a_machine(tmp_path, opener)
    machine.records.keep(honest)

    load_detector(PACKAGE, Choice(), machine)

    assert machine.record(package) == honest
    assert opener.opened == [honest.chosen]


@pytest.mark.parametrize("later", [MOST_AGE, timedelta(days=-1)])
def test_a_record_is_void_when_it_is_due_or_the_clock_went_back(package, honest, tmp_path, later):
    machine = a_machine(tmp_path, LyingOpener())
    machine.records.keep(honest)
    assert machine.record(package) == honest

    machine.records.keep(replace(honest, tested_at=honest.tested_at - later))

    assert machine.record(package) is None


def test_a_record_of_another_machine_or_a_broken_one_is_void(package, honest, tmp_path):
    machine = a_machine(tmp_path, LyingOpener())
    machine.records.keep(honest)
    assert machine.record(package) == honest

    machine.records.keep(replace(honest, fingerprint="0" * 64))
    assert machine.record(package) is None
    (tmp_path / "selftests" / "blood-smear.json").write_bytes(b"{")
    assert machine.record(package) is None


def test_a_changed_package_is_tested_again(honest, tmp_path):
    machine = a_machine(tmp_path, LyingOpener())
    machine.records.keep(honest)
    copy = Path(shutil.copytree(PACKAGE, tmp_path / "packages" / PACKAGE.name))
    assert machine.record(load_package(copy)) == honest
    manifest = copy / "package.toml"
    manifest.write_text(
        manifest.read_text().replace("score_tolerance = 0.01", "score_tolerance = 0.02")
    )

    assert machine.record(load_package(copy)) is None


def test_a_combination_that_changed_its_answer_since_its_test_is_passed_over(
    package, honest, tmp_path
):
    a_machine(tmp_path, LyingOpener()).records.keep(honest)
    liar = LyingOpener(lambda c: lies()["scores scaled by 0.8"] if c == honest.chosen else None)

    detector = load_detector(PACKAGE, Choice(), a_machine(tmp_path, liar))

    assert liar.opened[0] == honest.chosen
    assert (detector.certificate.variant, detector.certificate.optimisation) != (
        honest.chosen.variant, honest.chosen.level.value,
    )  # fmt: skip
    assert any("wrong answer" in said for said in detector.passed_over)


@pytest.mark.parametrize("tuning", [Tuning(threads=1, spinning=False), Tuning(threads=2)])
def test_thread_settings_do_not_change_the_answer(package, tuning):
    spec = package.variant("int8")
    session = open_session(package.model(spec), "cpu", Level.ALL, tuning)

    assert golden.passed(package, spec, session)

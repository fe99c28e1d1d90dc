"""SANE's test back end, through a process of its own as in the program, fault by fault."""

import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import DeviceState
from hardware.sane import knobs
from hardware.sane.opened import OpenSane, patience
from hardware.sane.session import session
from hardware.sane.status import Status, refusal
from tests.contract.test_scanner import SteppedClock
from tests.sane_peer import (
    NAME,
    a_scanner,
    configured,
    configured_for_this_process,
    needed,
    scanned_by_scanimage,
)

pytestmark = needed
FAULTS = [status for status in Status if status is not Status.GOOD]
FEEDER = "Automatic Document Feeder"


@pytest.fixture(autouse=True)
def _configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("SANE_CONFIG_DIR", str(configured(tmp_path / "sane.d")))


def a_page(scanner):
    with scanner.open() as device:
        return device.frame()


@pytest.mark.parametrize("source", ["Flatbed", FEEDER])
@pytest.mark.parametrize("status", FAULTS, ids=lambda status: status.name)
def test_a_fault_is_told_in_its_own_words_and_the_scanner_lives_on(tmp_path, status, source):
    name = f"SANE_STATUS_{status.name}"
    choices = {"source": source, "read-return-value": name}
    scanner = a_scanner(tmp_path, choices=choices)

    with scanner.open() as device:
        for _ in range(3):
            with pytest.raises(ScannerUnavailableError) as told:
                device.frame()
            assert (told.value.what, told.value.remedy) == (
                refusal(status).what,
                refusal(status).remedy,
            )
    assert scanner.info().state is DeviceState.READY


@pytest.mark.parametrize(
    ("choices", "settings", "options"),
    [
        ({"mode": "Gray"}, {}, ["--mode=Gray"]),
        ({"mode": "Gray"}, {"depth": 1}, ["--mode=Gray", "--depth=1"]),
        ({"mode": "Color"}, {}, ["--mode=Color"]),
        ({"three-pass": "yes"}, {}, ["--mode=Color"]),
        ({"three-pass": "yes", "three-pass-order": "BGR"}, {}, ["--mode=Color"]),
        ({"fuzzy-parameters": "yes"}, {}, []),
        ({"hand-scanner": "yes"}, {}, ["--hand-scanner=yes"]),
        ({"read-limit": "yes"}, {"read-limit-size": 77}, []),
        ({"test-picture": "Grid"}, {"resolution": 75}, ["--test-picture=Grid", "--resolution=75"]),
        ({}, {"tl-x": 10, "br-x": 50, "tl-y": 5, "br-y": 40},
         ["-l", "10", "-x", "40", "-t", "5", "-y", "35"]),
    ],
)  # fmt: skip
def test_a_page_is_what_sanes_own_program_reads(tmp_path, choices, settings, options):
    page = a_page(a_scanner(tmp_path, choices=choices, settings=settings))

    theirs = scanned_by_scanimage(*options)
    assert page.pixels.shape == theirs.shape
    assert (page.pixels == theirs).all()
    assert not page.is_partial
    assert len(np.unique(page.pixels)) > 1


def test_what_is_wasted_at_the_end_of_each_line_is_no_part_of_the_page(tmp_path):
    whole, less = (a_page(a_scanner(tmp_path, settings={"ppl-loss": n})).pixels for n in (0, 3))

    assert (less == whole[:, :-3]).all()


@pytest.mark.parametrize("mode", ["Gray", "Color"])
def test_sixteen_bits_are_the_nearest_eight_of_what_sanes_own_program_reads(tmp_path, mode):
    page = a_page(a_scanner(tmp_path, choices={"mode": mode}, settings={"depth": 16}))

    theirs = scanned_by_scanimage(f"--mode={mode}", "--depth=16")
    assert theirs.dtype.itemsize == 2
    assert (page.pixels == np.rint(theirs / 257)).all()


def test_one_bit_a_colour_is_refused_and_not_guessed_at(tmp_path):
    with pytest.raises(ScannerUnavailableError, match="one bit a colour"):
        a_page(a_scanner(tmp_path, settings={"depth": 1}))


def test_the_feeder_gives_its_pages_and_then_none(tmp_path):
    with a_scanner(tmp_path, choices={"source": FEEDER}).open() as device:
        pages = []
        while (page := device.frame()) is not None:
            pages.append(page)

        assert [page.sequence for page in pages] == list(range(1, 11))
        assert not any(page.is_partial for page in pages)
        assert device.frame().sequence == 11  # somebody has filled it again


def test_on_glass_each_frame_is_a_new_scan(tmp_path):
    with a_scanner(tmp_path).open() as device:
        pages = [device.frame() for _ in range(12)]

    assert [page.sequence for page in pages] == list(range(1, 13))


def test_the_spacing_is_that_of_the_resolution_which_the_scanner_has_taken(tmp_path):
    with a_scanner(tmp_path).open() as device:
        for asked, taken in ((72.6, 73), (150, 150), (1e9, 1200)):
            device.adjust("br-x", 20)
            device.adjust("br-y", 10)
            device.adjust("resolution", asked)
            page = device.frame()
            assert page.spacing_mm == pytest.approx((25.4 / taken, 25.4 / taken))
            assert page.width == pytest.approx(20 * taken / 25.4, abs=1)


@pytest.mark.parametrize(
    ("choices", "settings", "why"),
    [
        ({"mode": "Sepia"}, {}, "Sepia"),
        ({"smell": "yes"}, {}, "smell"),
        ({"resolution": "300"}, {}, "resolution"),
        ({}, {"resolution": 4800}, "resolution"),
        ({}, {"warmth": 1}, "warmth"),
    ],
)
def test_a_profile_that_the_scanner_cannot_keep_refuses_it(tmp_path, choices, settings, why):
    with pytest.raises(ScannerUnavailableError, match=why):
        a_page(a_scanner(tmp_path, choices=choices, settings=settings))


def test_a_choice_that_is_refused_is_answered_with_those_that_there_are(tmp_path):
    with pytest.raises(ScannerUnavailableError) as told:
        a_page(a_scanner(tmp_path, choices={"mode": "Sepia"}))

    assert "Gray, Color" in told.value.remedy


def test_a_scanner_that_is_not_there_says_so_and_is_listed_as_absent(tmp_path):
    scanner = a_scanner(tmp_path, "test:7")

    assert scanner.info().state is DeviceState.ABSENT
    with pytest.raises(ScannerUnavailableError, match="not there"):
        a_page(scanner)


def test_the_scanner_is_closed_before_its_process_is_ended(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("SANE_DEBUG_TEST", "2")
    a_page(a_scanner(tmp_path, choices={"source": FEEDER}))

    told = capfd.readouterr().err
    assert told.index("sane_start") < told.rindex("sane_cancel") < told.rindex("sane_close")


def test_a_slow_page_that_keeps_coming_is_waited_for(tmp_path):
    settings = {"resolution": 300, "read-delay-duration": 200000}
    choices = {"mode": "Gray", "test-picture": "Solid white", "read-delay": "yes"}
    began = time.monotonic()
    page = a_page(a_scanner(tmp_path, frame_s=8, choices=choices, settings=settings))

    assert time.monotonic() - began > patience(8).stall_s
    assert not page.is_partial
    assert (page.pixels == 255).all()


def test_of_a_page_whose_time_is_up_the_rows_that_came_are_kept_and_marked(tmp_path):
    settings = {"resolution": 600, "read-delay-duration": 100000}
    choices = {"mode": "Gray", "test-picture": "Solid white", "read-delay": "yes"}
    with a_scanner(tmp_path, frame_s=2, choices=choices, settings=settings).open() as device:
        page = device.frame()
        assert page.is_partial
        assert 0 < page.height < 2362
        assert (page.pixels == 255).all()
        with pytest.raises(ScannerUnavailableError, match="longer than a page may take"):
            device.frame()

        device.adjust("resolution", 50)
        assert not device.frame().is_partial


def is_ignored(number):
    (line,) = [x for x in Path("/proc/self/status").read_text().splitlines() if "SigIgn" in x]
    return bool(int(line.split()[1], 16) >> number - 1 & 1)


def test_a_page_that_another_thread_cancels_is_marked_as_cut_short(monkeypatch):
    monkeypatch.setenv("SANE_CONFIG_DIR", str(configured_for_this_process()))
    with session() as (library, line):
        handle = line.ask(lambda: library.open(NAME), 5.0)
        device = OpenSane(line, handle, SteppedClock(), "d", patience(20))
        device.adjust("resolution", 300)
        choices = {"mode": "Gray", "test-picture": "Solid white", "read-delay": "yes"}
        line.ask(lambda: knobs.choose(handle, choices), 5.0)
        device.adjust("read-delay-duration", 50000)
        threading.Timer(0.5, handle.cancel).start()
        page = device.frame()

        assert is_ignored(signal.SIGPIPE)  # or a closed channel would end this process
        assert page.is_partial
        assert 0 < page.height < 1181
        assert (page.pixels == 255).all()
        with pytest.raises(ScannerUnavailableError):
            device.frame()
        device.let_go()

"""A scanner behind `saned` is pulled out and comes back; the program is never started again."""

import os
import signal
import threading
import time

import pytest

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import DeviceState
from tests.sane_peer import a_scanner, needed, served

pytestmark = needed
CYCLES = int(os.environ.get("EDGE_APP_UNPLUGS", "4"))
FRAME_S = 8.0
ROWS = 2362  # of 100 mm at 600 dpi
WIDTH = 1889
SLOW = {"test-picture": "Solid white", "read-delay": "yes"}
FINE = {"resolution": 600, "read-delay-duration": 100000}  # a page in about 7 s


@pytest.fixture
def server(tmp_path, monkeypatch):
    with served(tmp_path, monkeypatch) as started:
        yield started


def slow(tmp_path, server, frame_s=FRAME_S):
    return a_scanner(tmp_path, server.name, frame_s=frame_s, choices=SLOW, settings=FINE)


def ensure_honest_part(page):
    assert page.is_partial
    assert 0 < page.height < ROWS
    assert page.width == WIDTH
    assert (page.pixels == 255).all(), "a row was made up"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hangs"])
def test_of_a_page_whose_scanner_vanishes_the_rows_are_kept_and_marked(tmp_path, server, how):
    with slow(tmp_path, server).open() as device:
        threading.Timer(1.5, server.kill_serving, [how]).start()
        began = time.monotonic()
        page = device.frame()

        assert time.monotonic() - began < FRAME_S
        ensure_honest_part(page)
        for _ in range(2):
            with pytest.raises(ScannerUnavailableError, match="does not answer any more"):
                device.frame()


def test_a_scanner_that_was_pulled_out_is_absent_and_opens_again_once_it_is_back(tmp_path, server):
    scanner = slow(tmp_path, server)
    before = scanner.info()
    with scanner.open() as device:
        threading.Timer(1.5, server.pull).start()
        ensure_honest_part(device.frame())
        with pytest.raises(ScannerUnavailableError):
            device.frame()
    assert scanner.info().state is DeviceState.ABSENT
    assert scanner.info().device_id == before.device_id
    with pytest.raises(ScannerUnavailableError, match="not there"), scanner.open():
        pass

    server.start()
    assert scanner.info() == before
    with scanner.open() as device:
        device.adjust("resolution", 50)
        assert not device.frame().is_partial


def test_a_scanner_that_hangs_from_the_first_moment_is_given_up_in_time(tmp_path, server):
    with slow(tmp_path, server, frame_s=4).open() as device:
        server.kill_serving(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(ScannerUnavailableError, match="does not answer"):
            device.frame()

        assert time.monotonic() - began < 6


def test_a_page_from_the_network_is_the_page_from_here(tmp_path, server, monkeypatch):
    far = a_scanner(tmp_path, server.name, choices={"mode": "Color"})
    with far.open() as device:
        theirs = device.frame()
    monkeypatch.setenv("SANE_CONFIG_DIR", str(tmp_path / "server"))
    with a_scanner(tmp_path, choices={"mode": "Color"}).open() as device:
        ours = device.frame()

    assert theirs.hash == ours.hash


def test_it_is_unplugged_and_plugged_in_again_and_again(tmp_path, server):
    """Pulled out before, during and between pages in turn; each page is whole or says it is not."""
    scanner = slow(tmp_path, server, frame_s=4)
    tally = {"whole": 0, "part": 0, "refused": 0}
    for cycle in range(CYCLES):
        with scanner.open() as device:
            _pages(device, server, cycle, tally)
        assert scanner.info().state is DeviceState.ABSENT
        server.start()

    print(f"\n{CYCLES} times unplugged: {tally}")  # noqa: T201
    assert tally["refused"] == CYCLES
    assert tally["part"] >= CYCLES // 2
    assert scanner.info().state is DeviceState.READY


def _pages(device, server, cycle, tally):
    """Take a quick page whole, pull the scanner out at some moment, and go on until it is told."""
    device.adjust("resolution", 50)
    seen = {device.frame().hash}
    tally["whole"] += 1
    device.adjust("resolution", 600)
    if cycle % 4 == 0:
        server.pull()
    else:
        threading.Timer(0.3 + 0.4 * (cycle % 4), server.pull).start()
    began = time.monotonic()
    parts = []
    with pytest.raises(ScannerUnavailableError):
        _go_on(device, parts)
    assert not seen & {page.hash for page in parts}, "a page was given twice"
    tally["part"] += len(parts)
    tally["refused"] += 1
    assert time.monotonic() - began < 8


def _go_on(device, parts):
    while True:
        parts.append(device.frame())
        ensure_honest_part(parts[-1])

"""What goes wrong at a device, in its real process, as the person before the window meets it.

F1, F2, F4, F5 and F7 of the fault catalogue, played by the script of faults of a profile.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.domain.freshness import Freshness
from edge_app.domain.reading import Outcome
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.live_feed import FeedState
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_flow import Step
from tests.fakes import FakeDetector, FakeOutbox, a_detection
from tests.keys import KEYS
from tests.ui.window_bench import WindowBench

Attach = Callable[..., WindowBench]


def a_profile(folder: Path, kind: str, choices: dict[str, str]) -> Path:
    path = folder / f"{kind}.toml"
    lines = [f'kind = "{kind}"', "frame_s = 2.0", "[choices]"]
    path.write_text("\n".join([*lines, *[f'"{k}" = "{v}"' for k, v in choices.items()]]))
    return path


@pytest.fixture
def attach(qtbot: QtBot, tmp_path: Path) -> Iterator[Attach]:
    """Return what opens a window over a real device process and a real store."""
    open_windows = []

    def attached(kind: str, place: object, **choices: str) -> WindowBench:
        said = {name.replace("_", " "): frames for name, frames in choices.items()}
        profile = a_profile(tmp_path, kind, said)
        clock, detector, outbox = SystemClock(), FakeDetector([a_detection()]), FakeOutbox()
        store = SqliteStudyStore(tmp_path / "studies", KEYS)
        found = scanners([f"{profile}:{place}"])
        parts = KioskParts(found, detector, "CPU", store, outbox, clock)
        window = KioskWindow(parts)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        open_windows.append((window, store))
        return WindowBench(window, qtbot, clock, found[0], detector, store, outbox)

    yield attached
    for window, store in open_windows:
        window.close()
        store.close()


def until(bench: WindowBench, claim: Callable[[], object], timeout_s: float = 15) -> None:
    bench.qtbot.waitUntil(lambda: bool(claim()), timeout=round(timeout_s * 1000))


def to_capture(bench: WindowBench) -> None:
    bench.window.patient_page.identifier.setText("P-1")
    bench.window.footer.primary.click()
    until(bench, lambda: bench.window.flow.step is Step.CAPTURE)


def capture(bench: WindowBench) -> None:
    """Take the picture on the screen, and go back to the live one."""
    flow = bench.window.flow
    before = len(flow.images)
    until(bench, bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    until(bench, lambda: len(flow.images) == before + 1 and flow.step is Step.REVIEW)
    bench.window.findings_page.another.click()


def kept(bench: WindowBench) -> Sequence[np.ndarray]:
    """Return the pixels that are on the disk, in the order of the study."""
    study = bench.store.study(bench.window.flow.study.study_id)
    return [bench.store.pixels(study, image.image_id).pixels for image in study.images]


def tries_to_capture(bench: WindowBench) -> int:
    """Press everything that takes a picture; return how many more there are."""
    before = len(kept(bench))
    bench.window.footer.primary.click()
    bench.window.capture_page.act()
    bench.qtbot.wait(200)
    return len(kept(bench)) - before


def children() -> list[int]:
    asked = ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "capture_worker" in line]


def test_f1_an_unplugged_device_is_told_loses_nothing_and_comes_back_by_itself(
    attach: Attach,
) -> None:
    bench = attach("microscope", 7, unplug="240")
    to_capture(bench)
    capture(bench)
    until(bench, lambda: bench.window.feed.state is FeedState.LOST)
    until(bench, lambda: "The device was unplugged." in bench.said())

    assert "Put its cable back in." in bench.said()
    assert "Images captured before are saved." in bench.said()
    assert "Scanner lost" in bench.said()
    assert tries_to_capture(bench) == 0
    until(bench, bench.window.feed.picture)
    capture(bench)
    assert len(kept(bench)) == 2


def test_f1_a_scan_that_was_cut_off_is_kept_and_marked_and_never_answered(attach: Attach) -> None:
    bench = attach("flatbed", 3, short_frame="2")
    to_capture(bench)
    capture(bench)
    capture(bench)
    until(bench, lambda: "The device was unplugged." in bench.said())

    study = bench.store.study(bench.window.flow.study.study_id)
    assert [image.is_partial for image in study.images] == [False, True]
    answers = [study.readings[image.image_id].outcome for image in study.images]
    assert answers == [Outcome.FINDING, Outcome.CANNOT_SAY]
    assert (kept(bench)[1][-10:] == 0).all()


def test_f2_a_device_that_hangs_is_told_and_ended_and_the_window_never_waits(
    attach: Attach,
) -> None:
    bench = attach("microscope", 7, hang="40")
    to_capture(bench)
    capture(bench)
    (hung,) = children()
    feed, page = bench.window.feed, bench.window.capture_page
    until(bench, lambda: feed.picture() and feed.picture().sequence == 39)
    began = time.monotonic()
    before = page.n_ticks
    until(bench, lambda: "The device does not answer." in bench.said())
    took = time.monotonic() - began

    assert took < 4
    assert page.n_ticks - before >= took * 10
    assert hung not in children()
    assert tries_to_capture(bench) == 0
    assert len(kept(bench)) == 1
    until(bench, bench.window.feed.picture)


def test_f4_a_green_frame_is_kept_as_it_came(attach: Attach) -> None:
    bench = attach("microscope", 7, green_frame="1-")
    to_capture(bench)
    capture(bench)

    (pixels,) = kept(bench)
    assert (pixels == (0, 135, 0)).all()


@pytest.mark.parametrize(("kind", "place"), [("microscope", 7), ("ultrasound", "shipped")])
def test_f5_a_frozen_picture_is_told_in_words_within_two_seconds_and_cannot_be_used(
    attach: Attach, kind: str, place: object
) -> None:
    bench = attach(kind, place, frozen_picture="40-140")
    to_capture(bench)
    capture(bench)
    bench.window.capture_page.live_panel.switch.click()
    feed = bench.window.feed
    until(bench, lambda: "The picture stands still: the device repeats it." in bench.said())
    frozen_for = bench.clock.monotonic_ns() - feed._mailbox.monotonic_ns

    assert frozen_for < 2_000_000_000
    until(bench, lambda: bench.window.capture_page.view.cover == "The picture stands still")
    assert bench.window.header.scanner.text() == "The picture stands still"
    assert not bench.window.footer.primary.isEnabled()
    assert tries_to_capture(bench) == 0
    bench.qtbot.wait(100)
    n_read = bench.detector.n_read
    bench.qtbot.wait(400)
    assert feed.trouble is Freshness.REPEATED
    assert bench.detector.n_read == n_read
    until(bench, feed.picture)
    until(bench, lambda: "stands still" not in bench.said())
    capture(bench)
    assert len(kept(bench)) == 2


def test_f5_a_still_scene_of_a_sound_camera_is_never_called_frozen(attach: Attach) -> None:
    bench = attach("microscope", 7)
    to_capture(bench)
    until(bench, bench.window.feed.picture)
    told = set()
    for _ in range(40):
        bench.qtbot.wait(100)
        told.add(bench.window.feed.trouble)

    assert told == {None}


def test_f5_a_device_that_becomes_slow_stays_live_and_the_window_fluid(attach: Attach) -> None:
    bench = attach("microscope", 7, rate_drop="3-")
    to_capture(bench)
    until(bench, lambda: bench.window.feed.picture() and bench.window.feed.picture().sequence > 3)
    before, began = bench.window.capture_page.n_ticks, time.monotonic()
    bench.qtbot.wait(2500)

    assert bench.window.capture_page.n_ticks - before >= (time.monotonic() - began) * 10
    assert bench.window.feed.trouble is None
    capture(bench)
    assert len(kept(bench)) == 1


def test_f5_a_device_that_runs_away_is_asked_no_faster_than_the_screen_draws(
    attach: Attach,
) -> None:
    bench = attach("microscope", 7, rate_runaway="3-")
    to_capture(bench)
    feed = bench.window.feed
    until(bench, lambda: feed.picture() and feed.picture().sequence > 3)
    first, before, began = (
        feed.picture().sequence,
        bench.window.capture_page.n_ticks,
        time.monotonic(),
    )
    bench.qtbot.wait(2000)
    took = time.monotonic() - began

    assert feed.picture().sequence - first <= took * 40
    assert bench.window.capture_page.n_ticks - before >= took * 10
    capture(bench)
    assert len(kept(bench)) == 1


@pytest.mark.parametrize(
    ("fault", "words", "chip"),
    [
        ("resolution_change", "changed the size of its picture", "Picture size changed"),
        ("swapped_device", "Another device answers than before.", "Another device"),
    ],
)
def test_f5_f7_another_size_or_another_device_asks_before_anything_is_captured(
    attach: Attach, fault: str, words: str, chip: str
) -> None:
    bench = attach("microscope", 7, **{fault: "40-"})
    to_capture(bench)
    capture(bench)
    until(bench, lambda: words in bench.said())

    assert bench.window.header.scanner.text() == chip
    assert tries_to_capture(bench) == 0
    bench.qtbot.wait(3500)  # longer than until a lost device is taken again
    assert words in bench.said()
    assert bench.window.feed.picture() is None
    bench.window.capture_page.reconnect.click()
    until(bench, bench.window.feed.picture)
    if fault == "swapped_device":
        assert tries_to_capture(bench) == 0
        bench.window.capture_page.same_patient.click()
    capture(bench)
    assert [p.shape for p in kept(bench)] == [(480, 640, 3)] * 2


def drop(folder: Path, seed: int) -> np.ndarray:
    """Write a picture as a device does that only drops files; return its pixels."""
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    cv2.imwrite(str(folder / f"{seed}.png"), pixels[..., ::-1])
    return pixels


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def to_waiting(bench: WindowBench) -> None:
    to_capture(bench)
    until(bench, lambda: "No new picture has come yet." in bench.said())


def test_a_device_that_waits_is_ready_and_not_silent(attach: Attach, share: Path) -> None:
    drop(share, 1)
    bench = attach("watch-folder", share)
    to_waiting(bench)
    bench.qtbot.wait(3000)

    assert "There before the folder was opened: 1. Not taken." in bench.said()
    assert bench.window.header.scanner.text() == "Scanner ready"
    assert bench.window.capture_page.view.cover == "No new picture yet"
    assert tries_to_capture(bench) == 0


def test_three_files_at_once_are_captured_one_after_the_other_and_none_is_lost(
    attach: Attach, share: Path
) -> None:
    bench = attach("watch-folder", share)
    to_waiting(bench)
    dropped = [drop(share, seed) for seed in (1, 2, 3)]
    until(bench, bench.window.feed.picture)
    bench.qtbot.wait(2500)  # longer than a live picture would stay
    for _ in dropped:
        capture(bench)

    assert [(a == b).all() for a, b in zip(kept(bench), dropped, strict=True)] == [True] * 3
    assert len(list(share.iterdir())) == 3


def test_a_picture_that_is_left_out_gives_way_to_the_next(attach: Attach, share: Path) -> None:
    bench = attach("watch-folder", share)
    to_waiting(bench)
    _, second = drop(share, 1), drop(share, 2)
    until(bench, bench.window.capture_page.leave_out.isVisible)
    bench.window.capture_page.leave_out.click()
    until(bench, lambda: not bench.window.capture_page.leave_out.isVisible())
    capture(bench)

    assert (kept(bench)[0] == second).all()


def test_a_picture_from_between_two_patients_is_not_taken_for_the_next_one(
    attach: Attach, share: Path
) -> None:
    bench = attach("watch-folder", share)
    to_waiting(bench)
    drop(share, 1)
    until(bench, bench.window.feed.picture)
    bench.window.flow.next_patient()
    drop(share, 2)
    bench.qtbot.wait(300)
    to_waiting(bench)

    assert "There before the folder was opened: 2. Not taken." in bench.said()
    third = drop(share, 3)
    capture(bench)
    assert (kept(bench)[0] == third).all()


def test_a_share_that_vanishes_is_told_and_what_was_made_meanwhile_comes(
    attach: Attach, share: Path
) -> None:
    bench = attach("watch-folder", share)
    to_waiting(bench)
    away = share.rename(share.with_name("away"))
    until(bench, lambda: "The folder of the device is not there." in bench.said())
    assert "Scanner lost" in bench.said()
    bench.qtbot.wait(3500)  # one more look, which finds it still away
    assert "Scanner lost" in bench.said()
    meanwhile = drop(away, 1)
    away.rename(share)
    capture(bench)

    assert (kept(bench)[0] == meanwhile).all()


def test_a_file_that_is_cut_off_is_told_on_the_screen(attach: Attach, share: Path) -> None:
    bench = attach("watch-folder", share)
    to_waiting(bench)
    drop(share, 1)
    whole = (share / "1.png").read_bytes()
    (share / "1.png").write_bytes(whole[:-200])
    until(bench, lambda: "Cut off, damaged or no picture: 1." in bench.said())

    assert tries_to_capture(bench) == 0
    assert (share / "1.png").read_bytes() == whole[:-200]

"""What the live picture promises."""

import time

import pytest

from edge_app.ui.image_view import STRIP_PX
from edge_app.ui.live_feed import FeedState
from tests.ui.window_bench import WindowBench


def test_a_stale_frame_is_covered(bench: WindowBench) -> None:
    bench.to_capture()
    assert bench.window.capture_page.view.image is not None

    bench.scanner.flowing.clear()
    bench.qtbot.wait(100)  # a frame that was under way still arrives
    bench.clock.pass_s(2.5)

    bench.until(lambda: bench.window.capture_page.view.image is None)
    assert bench.window.capture_page.view.cover == "No picture from the scanner"
    assert not bench.window.footer.primary.isEnabled()
    bench.until(lambda: "Scanner silent" in bench.said())


def test_a_scanner_that_vanishes_is_named_and_comes_back_by_itself(bench: WindowBench) -> None:
    bench.to_capture()
    bench.scanner.is_gone = True
    bench.until(lambda: bench.window.feed.state is FeedState.LOST)
    bench.until(lambda: "The microscope does not answer." in bench.said())

    assert "Scanner lost" in bench.said()
    bench.scanner.is_gone = False
    bench.clock.pass_s(4)
    bench.until(lambda: bench.window.capture_page.view.image is not None)


def test_a_scanner_with_no_more_pictures_says_so(bench: WindowBench) -> None:
    bench.to_capture()
    bench.scanner.frames_left = 0
    bench.until(lambda: bench.window.feed.state is FeedState.ENDED)
    bench.clock.pass_s(3)

    bench.until(lambda: "no more pictures" in bench.said())


def test_a_slider_turns_the_knob_of_the_scanner(bench: WindowBench) -> None:
    bench.to_capture()
    bench.until(lambda: "focus" in bench.window.capture_page.controls.sliders)
    bench.window.capture_page.controls.sliders["focus"].setValue(0)

    bench.until(lambda: ("focus", -50.0) in bench.scanner.adjusted)


def test_closing_the_window_lets_go_of_the_scanner(bench: WindowBench) -> None:
    bench.to_capture()
    bench.window.close()

    bench.until(lambda: not bench.scanner.is_held)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_image_has_two_thirds_of_the_page(bench: WindowBench, size: tuple[int, int]) -> None:
    bench.window.resize(*size)
    bench.to_capture()

    page, view = bench.window.capture_page, bench.window.capture_page.view
    assert view.width() * 3 >= page.width() * 2
    assert view.height() >= page.height()
    assert view.height() > STRIP_PX


def test_the_window_stays_fluid_while_a_frame_is_read(bench: WindowBench) -> None:
    bench.to_capture()
    bench.detector.wait_s = 1.0
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.is_saved)
    bench.window.read_page.meanwhile.click()
    before, began = bench.window.capture_page.n_ticks, time.monotonic()
    bench.until(lambda: bench.detector.n_read == 1)
    took = time.monotonic() - began

    assert took > 0.5
    assert bench.window.capture_page.n_ticks - before >= took * 15


def test_a_scanner_a_little_slower_than_the_ticks_is_not_asked_at_every_second_one(
    bench: WindowBench,
) -> None:
    bench.to_capture()
    feed, page = bench.window.feed, bench.window.capture_page
    page._timer.stop()
    bench.scanner.flowing.clear()
    bench.qtbot.wait(50)
    feed.tick()
    before = bench.scanner._sequence
    feed.tick()
    feed.tick()
    bench.scanner.flowing.set()
    bench.qtbot.wait(150)

    assert bench.scanner._sequence - before == 2


def test_another_device_after_an_automatic_start_is_asked_about_and_not_captured(
    bench: WindowBench,
) -> None:
    bench.to_capture()
    bench.scanner.is_gone = True
    bench.until(lambda: bench.window.feed.state is FeedState.LOST)
    bench.scanner.is_gone, bench.scanner.device_id = False, "fake-2"
    bench.clock.pass_s(4)

    bench.until(lambda: "Another device answers than before." in bench.said())
    assert bench.window.feed.picture() is None
    assert not bench.window.footer.primary.isEnabled()
    bench.window.capture_page.reconnect.click()
    bench.until(bench.window.feed.picture)
    assert bench.window.feed.picture().device_id == "fake-2"


def test_a_frozen_picture_is_told_and_comes_back(bench: WindowBench) -> None:
    bench.scanner._moves = False
    bench.to_capture()
    bench.scanner.is_frozen = True
    bench.qtbot.wait(200)
    assert "stands still" not in bench.said()
    bench.clock.pass_s(1)

    bench.until(lambda: "The picture stands still" in bench.said())
    assert not bench.window.footer.primary.isEnabled()
    bench.scanner.is_frozen = False
    bench.until(lambda: "stands still" not in bench.said())


def test_a_frame_that_was_captured_is_not_a_picture_any_more(bench: WindowBench) -> None:
    bench.to_capture()
    bench.scanner.flowing.clear()
    bench.qtbot.wait(100)
    bench.window.footer.primary.click()
    bench.until(lambda: len(bench.window.flow.images) == 1)
    bench.until(bench.window.findings_page.another.isVisible)
    bench.window.findings_page.another.click()
    bench.window.capture_page.act()
    bench.qtbot.wait(200)

    assert len(bench.window.flow.images) == 1
    assert not bench.window.footer.primary.isEnabled()


def test_a_device_of_stills_that_takes_its_time_is_busy_and_not_silent(bench: WindowBench) -> None:
    bench.scanner.capabilities = ("stills",)
    bench.to_capture()
    bench.scanner.flowing.clear()
    bench.window.capture_page.leave_out.click()
    bench.qtbot.wait(100)
    bench.clock.pass_s(10)

    bench.until(lambda: "The device is taking a picture. Wait for it." in bench.said())
    assert "Scanner ready" in bench.said()
    bench.scanner.flowing.set()
    bench.until(lambda: "A new picture has come." in bench.said())

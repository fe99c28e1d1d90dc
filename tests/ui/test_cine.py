"""Pictures that play: each with its own findings, and never beside another one's answer."""

import pytest
from PyQt6.QtCore import Qt

from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.ui.reading_view import Tool
from edge_app.ui.study_flow import Step
from edge_app.workflow import examine
from tests.fakes import FakeClock, FakeDetector, a_detection, a_reading, an_image, some_pixels
from tests.ui.window_bench import WindowBench

N = 4


@pytest.fixture
def detector() -> FakeDetector:
    return FakeDetector([a_detection()])


@pytest.fixture
def clip(bench: WindowBench) -> WindowBench:
    """Open a study of four pictures, of which each has one finding more than the one before."""
    study = examine.begin(bench.store, FakeClock(), PatientRef("P-1", "Amina Test"))
    for n in range(N):
        image = an_image(some_pixels(shift=5 * n), sequence=n)
        study = examine.keep(bench.store, study, image)
        found = [a_detection(box=Box(4.0 + x, 4.0, 20.0, 20.0)) for x in range(n)]
        reading = a_reading(image, found)
        study = examine.keep_reading(bench.store, study, study.images[-1].image_id, reading)
    bench.window.flow.open_study(study.study_id)
    bench.until(lambda: bench.window.flow.step is Step.REVIEW and bench.window.flow.image)
    return bench


def test_each_picture_plays_with_its_own_findings_and_its_number(clip: WindowBench) -> None:
    page = clip.window.findings_page
    cine = page.side.cine
    page.play.click()
    assert cine.player.isVisible()
    assert not page.view.isVisible()
    cine._beat.stop()
    seen = []
    for _ in range(N):
        cine._next()
        image = clip.window.flow.images[cine.image_id]
        assert cine.player.image is image
        place = [i.image_id for i in clip.window.flow.study.images].index(cine.image_id)
        assert len(cine.player.marks) == place
        assert cine.player.caption == f"PLAYING: picture {place + 1} of {N}"
        seen.append(place)

    assert seen == [0, 1, 2, 3]


def test_while_pictures_play_no_answer_of_another_one_is_to_be_read(clip: WindowBench) -> None:
    page = clip.window.findings_page
    assert "Found: " in page.headline.text()
    page.play.click()

    assert not page.headline.isVisible()
    assert not page.list.isVisible()
    assert not page.tools.draw.isEnabled()
    assert not clip.window.footer.primary.isEnabled()


def test_pictures_play_by_themselves_faster_and_slower_and_stop_where_they_are(
    clip: WindowBench,
) -> None:
    page = clip.window.findings_page
    cine, flow = page.side.cine, clip.window.flow
    clip.qtbot.keyClick(page, Qt.Key.Key_P)
    begun = cine.image_id
    for _ in range(9):
        cine.faster.click()
    assert cine.rate.text() == "Pictures a second: 25"
    assert not cine.faster.isEnabled()
    clip.until(lambda: cine.image_id != begun)
    cine._beat.stop()
    shown = cine.image_id
    clip.qtbot.keyClick(page, Qt.Key.Key_P)

    assert flow.image_id == shown
    assert page.side.in_use is Tool.LOOK
    assert page.view.isVisible()
    assert page.view.image is flow.images[shown]
    assert len(page.view.marks) == len(page.rows)
    assert cine.player.image is None


def test_one_picture_is_no_clip(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    bench.qtbot.keyClick(page, Qt.Key.Key_P)

    assert page.side.in_use is Tool.LOOK


def test_nothing_plays_for_the_next_patient(clip: WindowBench) -> None:
    cine = clip.window.findings_page.side.cine
    clip.window.findings_page.play.click()
    clip.window.flow.next_patient()

    assert not cine._beat.isActive()
    assert (cine.player.image, cine.player.marks, cine.image_id) == (None, (), "")

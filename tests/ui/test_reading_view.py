"""Zooming, turning, mirroring, levels and lengths: what they show, and what they never change."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QGestureEvent, QPinchGesture
from pytestqt.qtbot import QtBot

from edge_app.domain.geometry import Box
from edge_app.domain.image import Deep, DeepScale
from edge_app.domain.levels import ALL, Levels, at_levels, range_of
from edge_app.ui.image_view import STRIP_PX
from edge_app.ui.overlay import rect_in_view
from edge_app.ui.reading_view import ReadingView, Tool
from edge_app.ui.tokens import DARK
from edge_app.ui.tool_panels import LengthPanel, LevelsPanel
from edge_app.ui.viewport import Viewport
from tests.fakes import an_image

WIDTH, HEIGHT = 80, 48
LEFT = Qt.MouseButton.LeftButton
ALL_WAYS = [(quarters, is_mirrored) for quarters in range(4) for is_mirrored in (False, True)]


def pixels() -> np.ndarray:
    """Return a grey picture whose upper left corner is red and upper right corner is blue."""
    made = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    made[:16, :16] = (255, 0, 0)
    made[:16, -16:] = (0, 0, 255)
    return made


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ReadingView]:
    made = ReadingView(DARK)
    qtbot.addWidget(made)
    made.resize(820, 500 + STRIP_PX)
    made.show()
    qtbot.waitExposed(made)
    made.show_image(an_image(pixels(), spacing_mm=(0.5, 0.25)))
    return made


def colour_at(view: ReadingView, x: float, y: float) -> QColor:
    """Return what is seen where an image point lies."""
    return view.grab().toImage().pixelColor(QPointF(*view.viewport.to_view(x, y)).toPoint())


@pytest.mark.parametrize(("quarters", "is_mirrored"), ALL_WAYS)
def test_every_point_goes_to_the_view_and_back_however_it_is_turned(quarters, is_mirrored):
    view = Viewport(quarters=quarters, is_mirrored=is_mirrored)
    view.fit((800.0, 500.0), (WIDTH, HEIGHT))
    view.zoom(1.7, 300.0, 200.0)

    for x, y in ((0.0, 0.0), (80.0, 48.0), (13.5, 40.25)):
        assert view.to_image(*view.to_view(x, y)) == pytest.approx((x, y))


@pytest.mark.parametrize(("quarters", "is_mirrored"), ALL_WAYS)
def test_a_quarter_goes_clockwise_as_it_is_seen_mirrored_or_not(quarters, is_mirrored):
    view = Viewport(quarters=quarters, is_mirrored=is_mirrored)
    view.fit((500.0, 500.0), (50, 50))
    x, y = view.to_view(10.0, 5.0)
    view.turn()
    view.fit((500.0, 500.0), (50, 50))

    assert view.to_view(10.0, 5.0) == pytest.approx((500.0 - y, x))


def test_boxes_and_picture_turn_together(view):
    for _ in range(4):
        view.turn()
        view.mirror()
        red, blue = rect_in_view(Box(0, 0, 16, 16), view.viewport), Box(64, 0, 80, 16)
        shown = view.grab().toImage()
        assert shown.pixelColor(red.center().toPoint()) == QColor(255, 0, 0)
        centre = rect_in_view(blue, view.viewport).center().toPoint()
        assert shown.pixelColor(centre) == QColor(0, 0, 255)


@pytest.mark.parametrize(("quarters", "is_mirrored"), ALL_WAYS[1:])
def test_a_turned_or_mirrored_picture_says_so_on_itself_until_it_is_as_taken(
    view, quarters, is_mirrored
):
    before = view.grab().toImage()
    for _ in range(quarters):
        view.turn()
    if is_mirrored:
        view.mirror()
    shown = view.grab().toImage()
    bright = [
        (x, y)
        for x in range(view.width() // 4, 3 * view.width() // 4)
        for y in range(12, 40)
        if shown.pixelColor(x, y) == QColor("#FFFFFF")
    ]

    assert len(bright) > 100  # the letters
    assert ("Mirrored" in view.turned_words() or "mirrored" in view.turned_words()) is is_mirrored
    assert bool(quarters) is ("Turned" in view.turned_words())
    assert view.accessibleDescription() == view.turned_words()
    if is_mirrored:
        view.mirror()
    for _ in range((4 - quarters) % 4):
        view.turn()
    assert view.turned_words() == ""
    assert view.accessibleDescription() == ""
    assert view.grab().toImage() == before


def test_the_next_picture_is_never_turned_nor_at_other_levels(view):
    view.turn()
    view.mirror()
    view.show_levels(Levels(10.0, 20.0))
    view.show_image(an_image(pixels(), sequence=2))

    assert view.viewport.is_as_taken
    assert view.viewport.is_fitted
    assert view.levels is None
    assert colour_at(view, 40, 40) == QColor(128, 128, 128)


def test_turning_and_levels_never_change_the_picture_itself(view):
    taken, before = view.image, view.image.hash
    view.turn()
    view.mirror()
    view.show_levels(Levels(10.0, 20.0))
    view.grab()

    assert view.image is taken
    assert (taken.hash, not taken.pixels.flags.writeable) == (before, True)
    assert np.array_equal(taken.pixels, pixels())


def test_a_length_is_in_millimetres_only_where_a_scale_is_known(view):
    panel = LengthPanel(view, DARK)
    view.take(Tool.LENGTH)
    view._set(10.0, 10.0)
    view._set(40.0, 30.0)
    assert view.length_mm() == pytest.approx(math.hypot(30 * 0.25, 20 * 0.5))
    assert panel.value.text() == "12.5\u00a0mm"

    view.show_image(an_image(pixels(), sequence=2))
    view.take(Tool.LENGTH)
    view._set(10.0, 10.0)
    view._set(40.0, 50.0 - 20.0)
    assert view.length_mm() is None
    assert panel.value.text() == "36 pixels. No scale is known, so no millimetres."


@pytest.mark.parametrize(("quarters", "is_mirrored"), ALL_WAYS)
def test_a_length_is_the_same_however_the_picture_is_turned(view, qtbot, quarters, is_mirrored):
    for _ in range(quarters):
        view.turn()
    if is_mirrored:
        view.mirror()
    view.take(Tool.LENGTH)
    for x, y in ((10.0, 10.0), (40.0, 30.0)):
        qtbot.mouseClick(view, LEFT, pos=QPointF(*view.viewport.to_view(x, y)).toPoint())

    assert view.length_mm() == pytest.approx(math.hypot(30 * 0.25, 20 * 0.5), rel=0.03)


def test_the_scale_bar_is_of_the_side_that_lies_level(view):
    level = view.viewport.scale / 0.25
    view.turn()

    assert view.image.spacing_mm == (0.5, 0.25)
    assert _bar_px_a_mm(view) == pytest.approx(view.viewport.scale / 0.5, rel=0.02)
    view.turn()
    assert _bar_px_a_mm(view) == pytest.approx(level, rel=0.02)


def _bar_px_a_mm(view: ReadingView) -> float:
    """Return how many pixels of the view the bar beneath the picture draws for a millimetre."""
    shown = view.grab().toImage()
    y = view.height() - STRIP_PX // 2
    ground = QColor(DARK.image_room)
    x = start = 16
    while shown.pixelColor(x, y) != ground:
        x += 1
    across = view.viewport
    spacing = view.image.spacing_mm[0 if across.quarters % 2 else 1]
    length_mm = {1: 1.0, 2: 2.0, 5: 5.0}
    drawn = x - start
    best = min(
        (n * 10.0**e for n in length_mm for e in range(-3, 4)),
        key=lambda mm: abs(mm * across.scale / spacing - drawn),
    )
    return drawn / best


def test_two_fingers_zoom_and_move_and_draw_nothing(view, qtbot):
    view.take(Tool.BOX)
    qtbot.mousePress(view, LEFT, pos=QPoint(300, 200))
    before = view.viewport.to_image(310.0, 205.0)
    view.pinched(1.5, QPointF(320, 210), QPointF(10, 5))
    qtbot.mouseMove(view, QPoint(500, 400))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(500, 400))

    assert view.viewport.to_image(320.0, 210.0) == pytest.approx(before)
    assert view.points == []


def test_the_right_button_zooms_and_touches_nothing(view, qtbot):
    told = []
    view.mark_touched.connect(told.append)
    before = view.viewport.scale
    qtbot.mousePress(view, Qt.MouseButton.RightButton, pos=QPoint(300, 300))
    qtbot.mouseMove(view, QPoint(300, 200))
    qtbot.mouseRelease(view, Qt.MouseButton.RightButton, pos=QPoint(300, 200))

    assert view.viewport.scale > 2 * before
    assert told == []


def test_a_drag_changes_the_levels_and_they_are_said_in_numbers(view, qtbot):
    panel = LevelsPanel(view, DARK)
    panel.offer("DX")
    view.take(Tool.LEVELS)
    qtbot.mousePress(view, LEFT, pos=QPoint(300, 300))
    qtbot.mouseMove(view, QPoint(200, 200))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(200, 200))

    assert view.levels.centre == pytest.approx(ALL.centre - 50, abs=0.5)
    assert view.levels.width == pytest.approx(ALL.width - 50, abs=0.5)
    assert "(level 78, window 205)" in panel.shown.text()
    assert "It has levels from 0 to 255." in panel.shown.text()
    assert view.strip_note() == "Levels -25 to 180"
    qtbot.waitUntil(lambda: colour_at(view, 40, 40).red() > 170, timeout=2000)


def test_levels_that_are_offered_depend_on_the_kind_of_picture(view):
    panel = LevelsPanel(view, DARK)
    panel.offer("DX")
    films = [c.text() for c in panel.choices]
    panel.offer("SM")

    assert films[:2] == [c.text() for c in panel.choices][:2]
    assert "Upper half of the levels" in films
    assert "Upper half of the levels" not in [c.text() for c in panel.choices]
    panel.choices[1].click()
    assert view.levels
    panel.choices[0].click()
    assert view.levels is None


def test_a_film_of_16_bits_is_windowed_in_its_own_levels(view, qtbot):
    numbers = np.full((HEIGHT, WIDTH), 1024 + 30, np.uint16)
    numbers[:, WIDTH // 2 :] = 1024 + 50
    scale = DeepScale(intercept=-1024.0, unit="HU", window=(40.0, 400.0))
    view.show_image(replace(an_image(pixels(), sequence=2), deep=Deep(numbers, scale)))
    panel = LevelsPanel(view, DARK)
    panel.offer("CT")
    offered = {c.text(): c for c in panel.choices}
    assert panel.shown.text() == "As it was taken. It has levels from 30 to 50\u00a0HU."

    offered["Brain"].click()

    assert "Levels 0 to 80\u00a0HU are shown (level 40, window 80)" in panel.shown.text()
    qtbot.waitUntil(lambda: colour_at(view, 20, 40).red() == 96, timeout=2000)
    assert colour_at(view, 60, 40).red() == 159
    offered["As it was taken"].click()
    qtbot.waitUntil(lambda: colour_at(view, 20, 40) == QColor(128, 128, 128), timeout=2000)


def test_up_is_brighter_also_where_a_film_is_inverted(view, qtbot):
    numbers = np.linspace(0, 4000, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    film = replace(an_image(pixels(), sequence=2), deep=Deep(numbers, DeepScale(is_inverted=True)))
    view.show_image(film)
    view.show_levels(range_of(film))
    before = at_levels(film, view.levels).mean()
    view.take(Tool.LEVELS)
    qtbot.mousePress(view, LEFT, pos=QPoint(300, 300))
    qtbot.mouseMove(view, QPoint(300, 200))

    assert at_levels(film, view.levels).mean() > before + 20


def test_a_pinch_of_qt_reaches_the_picture(view, monkeypatch):
    told = []
    monkeypatch.setattr(view, "pinched", lambda *said: told.append(said))
    pinch = QPinchGesture()
    pinch.setScaleFactor(1.5)
    centre = QPointF(view.mapToGlobal(QPoint(300, 200)))
    pinch.setLastCenterPoint(centre - QPointF(4, 0))
    pinch.setCenterPoint(centre)

    assert view.event(QGestureEvent([pinch]))
    assert told == [(1.5, QPointF(300, 200), QPointF(4, 0))]

"""The page of figures: the chart and the table say the same, and neither names anybody."""

from datetime import date, timedelta

import pytest

from edge_app.domain.figures import Picture
from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.ui.figures_page import FiguresPage, Share
from edge_app.workflow.figures import Gathered
from tests.ui.window_bench import WindowBench

TODAY = date(2026, 3, 2)


class FakeFigures:
    """Says what it is told to."""

    def __init__(self) -> None:
        self.found = Gathered(())
        self.asked: list[date] = []

    def since(self, first: date) -> Gathered:
        self.asked.append(first)
        return self.found


@pytest.fixture
def figures() -> FakeFigures:
    return FakeFigures()


def outcome(n: int, failed: int) -> Outcome:
    if n < failed:
        return Outcome.NOT_ANALYSED
    return Outcome.CANNOT_SAY if n < 10 else Outcome.FINDING


def pictures(*failed: int, device: str = "scope-1") -> tuple[Picture, ...]:
    """Return twenty pictures a day, of which so many were not analysed."""
    return tuple(
        Picture(
            day * 100 + n,
            TODAY + timedelta(days=day),
            device,
            "cells",
            Outcome.NOT_ANALYSED
            if n < count
            else Outcome.CANNOT_SAY
            if n < 10
            else Outcome.FINDING,
            QualityIssue.BLURRED if count <= n < 10 else None,
            0,
            0,
        )
        for day, count in enumerate(failed)
        for n in range(20)
    )


def shown(bench: WindowBench) -> FiguresPage:
    page = bench.window.behind_more.figures
    assert page is not None
    bench.window._step_aside(page)
    bench.until(lambda: page.places and page.said.text() != "Counting")
    return page


def test_where_nothing_was_taken_it_says_so(bench, figures) -> None:
    assert "No picture was taken" in shown(bench).said.text()


def test_a_day_outside_of_the_limits_is_told_in_words_in_the_table_too(bench, figures) -> None:
    figures.found = Gathered(pictures(1, 0, 1, 0, 1, 2, 1, 0, 1, 9))
    page = shown(bench)

    assert "Outside of the limits: 1" in page.said.text()
    said = page.table.toPlainText()
    assert said.count("outside") == 1
    assert "9 (45.0 %)" in said
    assert "The picture is not sharp." in said
    assert page.curve is not None
    assert page.curve.accessibleName()


def test_too_few_days_have_no_limits_and_say_why(bench, figures) -> None:
    figures.found = Gathered(pictures(1, 2, 3))

    page = shown(bench)

    assert "Limits need 8 points" in page.said.text()
    assert "outside" not in page.table.toPlainText()


def test_another_share_weeks_and_one_device_are_a_touch_each(bench, figures) -> None:
    figures.found = Gathered((*pictures(1, 1), *pictures(5, device="scope-2")))
    page = shown(bench)
    assert "4 (10.0 %)" not in page.table.toPlainText()

    page.places["scope-2", "cells"].click()
    assert "5 (25.0 %)" in page.table.toPlainText()
    assert page.places["scope-2", "cells"].isChecked()
    page.spans[True].click()
    page.shares[Share.CANNOT_SAY].click()

    assert page.shares[Share.CANNOT_SAY].isChecked()
    assert not page.shares[Share.NOT_ANALYSED].isChecked()
    assert "5 (25.0 %)" in page.table.toPlainText()


def test_what_was_left_out_is_told(bench, figures) -> None:
    figures.found = Gathered(pictures(1), unread=2, is_whole=False)

    said = shown(bench).said.text()

    assert "could not be read: 2" in said
    assert "Older studies are left out" in said

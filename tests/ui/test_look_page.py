"""Whoever stands at the window chooses how it looks; it shows at once, and stays so."""

import pytest

from edge_app.ui.look import USUAL, Look
from edge_app.ui.tokens import LIGHT
from tests.ui.test_entrance import Bench, FakeDoor


@pytest.fixture
def sitting_bench(qtbot, tmp_path):
    made = Bench(qtbot, tmp_path, FakeDoor("Amina"))
    made.log_in("Amina")
    made.until(made.is_in)
    yield made
    made.sitting.close()


def test_a_choice_shows_at_once_and_the_page_stays_open_for_the_next(bench):
    window = bench.window
    window.header.look.click()
    window.look_page.themes[LIGHT.name].click()
    window.look_page.sizes[150].click()
    window.look_page.hands[True].click()

    assert window.look == Look(LIGHT, 150, is_gloved=True)
    assert window.page is window.look_page
    window.footer.primary.click()
    assert window.page is window.patient_page


def test_the_choice_that_holds_is_marked_and_touching_it_again_changes_nothing(bench):
    window = bench.window
    window.header.look.click()
    page = window.look_page
    page.sizes[100].click()

    assert window.look_page is page
    assert [p for p, button in page.sizes.items() if button.isChecked()] == [100]
    assert window.look == USUAL


def test_a_look_is_kept_and_the_entrance_and_the_next_window_have_it(sitting_bench):
    sitting, chosen = sitting_bench.sitting, []
    sitting.look_chosen.connect(chosen.append)
    sitting.window.header.look.click()
    sitting.window.look_page.themes[LIGHT.name].click()
    sitting.window.lock()

    assert chosen == [Look(LIGHT)]
    assert LIGHT.window in sitting.entrance.styleSheet()
    sitting.window.unlock()
    assert sitting.window.look == Look(LIGHT)

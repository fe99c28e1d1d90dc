"""The real window on the simulated microscope, with the real store, detector and processes."""

import time
from itertools import pairwise

import pytest
from PyQt6.QtCore import QTimer

from edge_app.compose.demo import demo_entrance
from edge_app.compose.sealed_report import pdf_in
from edge_app.domain.reading import Outcome
from edge_app.domain.study import StudyState, Verdict
from edge_app.settings import Settings
from edge_app.storage.store_keys import StoreKeys
from edge_app.ui.study_flow import Step
from tests.ui.screenshots import capture, real_window, to_capture, turn, wait
from tests.ui.window_bench import is_reported


@pytest.fixture
def kiosk(qtbot, tmp_path):
    with real_window(tmp_path) as window:
        yield window


def kept_by(folder) -> StoreKeys:
    return demo_entrance(Settings(folder, folder))[1].keys


def test_a_smear_is_captured_read_reviewed_signed_and_printed(kiosk, tmp_path):
    to_capture(kiosk)
    turn(kiosk, stage_x=0.1024)
    capture(kiosk)
    assert kiosk.flow.reading.outcome is Outcome.FINDING
    assert kiosk.flow.reading.certificate.provider == "cpu"

    kiosk.flow.judge(range(len(kiosk.flow.study.findings)), Verdict.ACCEPTED)
    kiosk.flow.go(Step.SIGN)
    kiosk.sign_page.signer.setText("B. Signer")
    wait(kiosk.footer.primary.isEnabled)
    kiosk.footer.primary.click()
    wait(lambda: is_reported(kiosk))

    study_id = kiosk.flow.study.study_id
    report = (tmp_path / "reports" / f"{study_id}.sealed").read_bytes()
    assert b"PDF" not in report
    assert pdf_in(report, study_id, kept_by(tmp_path)).startswith(b"%PDF")
    saved = kiosk.flow.parts.store.study(kiosk.flow.study.study_id)
    assert saved.state is StudyState.SIGNED


def test_a_blurred_smear_is_saved_and_says_that_the_detector_cannot_say(kiosk):
    to_capture(kiosk)
    turn(kiosk, focus=8.0)
    capture(kiosk)

    assert kiosk.flow.is_saved
    assert kiosk.flow.reading.outcome is Outcome.CANNOT_SAY
    assert "Retake" in kiosk.footer.primary.text()


def test_the_window_answers_while_the_real_detector_reads(kiosk):
    to_capture(kiosk)
    beats = []
    heart = QTimer()
    heart.timeout.connect(lambda: beats.append(time.monotonic()))
    heart.start(10)
    capture(kiosk)
    heart.stop()

    gaps = [after - before for before, after in pairwise(beats)]
    assert max(gaps) < 1.0  # generous: a busy build machine; a blocked window would stand still

"""Nothing leaves the machine, and the window's process loads nothing heavy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.smears import PACKAGE

ROOT = Path(__file__).parents[1]
PICTURE = PACKAGE / "golden" / "field-1.png"
ANALYZE = [sys.executable, "-m", "edge_app", "analyze", str(PICTURE), "--json", "--quiet"]


def run(command, home):
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT),
             "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip


def modules_after(imports, home):
    code = f"{imports}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ended = run([sys.executable, "-c", code], home)
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout))


def test_reading_a_picture_leaves_nothing_behind_in_the_home(tmp_path):
    ended = run(ANALYZE, tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["readings"]
    left = [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")]
    assert [p for p in left if "microsoft" in p.lower() or "onnx" in p.lower()] == []


def test_reading_a_picture_opens_no_socket_to_anywhere(tmp_path):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("network NOT watched: strace is missing")
    if run([strace, "-o", os.devnull, "true"], tmp_path).returncode:
        pytest.skip("network NOT watched: this machine forbids ptrace")
    log = tmp_path / "calls"

    ended = run([strace, "-f", "-e", "trace=network", "-o", str(log), *ANALYZE], tmp_path)

    assert ended.returncode == 0, ended.stderr
    calls = log.read_text().splitlines()
    assert any("exited with 0" in c for c in calls)
    opened = [c for c in calls if " socket(" in c or " connect(" in c]
    assert [c for c in opened if "AF_UNIX" not in c and "AF_LOCAL" not in c] == []


def test_telemetry_is_off_as_soon_as_the_program_is_imported(tmp_path):
    code = "import edge_app, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"

    assert run([sys.executable, "-c", code], tmp_path).stdout.strip() == "1"


WINDOW = "import edge_app.compose.window, edge_app.ui.application"


def test_the_windows_process_never_loads_the_runtime(tmp_path):
    loaded = modules_after(WINDOW, tmp_path)

    assert "PyQt6.QtWidgets" in loaded
    assert {"onnxruntime", "torch", "edge_app.inference.session"} & loaded == set()


def test_the_windows_process_never_loads_a_drivers_heavy_parts(tmp_path):
    assert {"cv2", "hardware.simulated.smear"} & modules_after(WINDOW, tmp_path) == set()


def test_reading_a_picture_never_loads_the_window(tmp_path):
    loaded = modules_after("import edge_app.cli.analyze", tmp_path)

    assert "onnxruntime" in loaded
    assert [m for m in loaded if m.startswith(("PyQt6", "torch", "edge_app.ui"))] == []

"""A detector refuses what it was not made for, and says so; its own kind it reads.

EDGE_APP_KINDS=200 judges on as many strangers a detector, and on all pictures of its own.
"""

import os
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from edge_app.domain.error import EdgeAppError
from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.exchange.pictures import read_frames
from edge_app.inference.choice import Choice
from edge_app.inference.kind import read_kind
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package, packages_in
from edge_app.inference.preprocess import prepare
from edge_app.inference.quality_gate import measure
from models.training.kind import KINDS, split
from models.training.kind_strangers import noise, page, scene
from tests.fakes import an_image
from tests.smears import PACKAGE

DATA = Path(os.environ.get("EDGE_APP_TEST_DATA") or PACKAGE.parents[3] / "shared" / "data")
DICOM = Path(pydicom.__file__).parent / "data" / "test_files"
FOLDERS = [f for f in packages_in(PACKAGE.parent) if load_package(f).manifest.kind.file]
NAMES = [f.name for f in FOLDERS]
STRANGERS = int(os.environ.get("EDGE_APP_KINDS", "60"))
OWN = None if "EDGE_APP_KINDS" in os.environ else 30
DRAWN = 8


@pytest.fixture(scope="module")
def smear_detector():
    return load_detector(PACKAGE, Choice("int8", "cpu"))


@pytest.mark.parametrize("file", ["CT_small.dcm", "examples_rgb_color.dcm", "MR_small.dcm"])
def test_no_cells_are_found_in_a_slice_or_an_echo(smear_detector, file):
    frame = next(iter(read_frames(DICOM / file)))

    reading = smear_detector.read(an_image(frame.pixels))

    assert reading.outcome is Outcome.CANNOT_SAY
    assert reading.quality.issue is QualityIssue.WRONG_KIND
    assert "blood smear" in reading.reason
    assert reading.detections == ()


def pictures_of(name, most=None):
    if not (DATA / KINDS[name].folder).is_dir():
        said = f"pictures of {name} NOT judged: {DATA} is missing"
        pytest.skip(said)
    _, held = split(DATA, name)
    step = max(1, len(held) // most) if most else 1
    return [s.pixels() for s in held[::step]][:most]


def dicom_pictures():
    found = []
    for path in sorted(DICOM.glob("*.dcm")):
        try:
            found.append((path.name, next(iter(read_frames(path))).pixels))
        except (EdgeAppError, StopIteration):
            continue
    return found


def strangers_to(name, n):
    """Return n pictures of other kinds: a quarter DICOM, some drawn, the rest of other folders."""
    rng = np.random.default_rng(12)
    every = dicom_pictures()
    made = every[:: max(1, len(every) * 4 // n)][: n // 4]
    made += [(d.__name__, d(rng)) for d in (noise, page, scene) for _ in range(n // DRAWN // 3)]
    others = [k for k in KINDS if k != name]
    each = (n - len(made)) // len(others) + 1
    made += [(k, p) for k in others for p in pictures_of(k, each)]
    return made[:n] if len(made) >= n else made


class Look:
    """What a package's gates say of a picture, without running its graph."""

    def __init__(self, folder):
        self.manifest = load_package(folder).manifest
        self.kind = read_kind(folder, self.manifest.kind)

    def issue(self, pixels):
        seen = prepare(pixels, self.manifest.input).seen
        return measure(seen, self.manifest.quality, self.kind, self.manifest.modality).issue


@pytest.mark.filterwarnings("ignore::UserWarning")  # some of pydicom's files are wrong on purpose
@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_of_other_kinds_at_most_one_in_twenty_is_answered(folder):
    look = Look(folder)
    shown = strangers_to(folder.name, STRANGERS)
    issues = [(what, look.issue(pixels)) for what, pixels in shown]
    answered = [what for what, issue in issues if issue is None]
    strange = sum(issue is QualityIssue.WRONG_KIND for _, issue in issues)

    sys.stdout.write(f"\n{folder.name}: of {len(shown)} strangers {len(answered)} answered, "
          f"{strange} called strange; {answered}")  # fmt: skip
    assert len(shown) >= STRANGERS * 0.9
    assert len(answered) * 20 <= len(shown)


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_of_its_own_kind_at_most_three_in_a_hundred_are_refused(folder):
    look = Look(folder)
    issues = [look.issue(pixels) for pixels in pictures_of(folder.name, OWN)]
    strange = issues.count(QualityIssue.WRONG_KIND)
    turned_away = sum(issue is not None for issue in issues)

    sys.stdout.write(f"\n{folder.name}: of {len(issues)} of its own {strange} called strange, "
          f"{turned_away} turned away at all")  # fmt: skip
    assert strange <= max(0.03 * len(issues), 0 if OWN else 1)
    assert turned_away <= max(0.05 * len(issues), 1)

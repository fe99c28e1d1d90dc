"""A detector refuses what it was not made for, and says so; its own kind it reads.

EDGE_APP_KINDS=200 judges on as many strangers a detector, and on all pictures of its own that it
was not fitted to. A detector whose recipe has folds is then judged by its folds: kind and limits of
each, from `python -m models.training.kind_folds`, on the fold that they never saw. The short form
judges its shipped limits, which were fitted to all its pictures: that is no figure.
"""

import os
import sys
from collections import Counter
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
from models.training.kind import KINDS, folds, split
from models.training.kind_folds import fold_folder
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
RUNS = PACKAGE.parents[2] / "runs"
Z95 = 1.96


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

    def quality(self, pixels):
        seen = prepare(pixels, self.manifest.input).seen
        return measure(seen, self.manifest.quality, self.kind, self.manifest.modality)

    def issue(self, pixels):
        return self.quality(pixels).issue


def judges(folder, most=None):
    """Return pairs of what judges and the pictures that it judges, of the package's own kind."""
    name = folder.name
    parts = folds(DATA, name) if most is None and (DATA / KINDS[name].folder).is_dir() else []
    if not parts:
        return [(Look(folder), pictures_of(name, most))]
    return [
        (Look(fold_folder(RUNS, name, n)), [s.pixels() for s in held])
        for n, (_, held) in enumerate(parts)
    ]


def share(n, of):
    """Return a share in words, with Wilson's 95 % interval."""
    p, z = n / of, Z95**2 / of
    middle, half = p + z / 2, Z95 * (p * (1 - p) / of + z / of / 4) ** 0.5
    low, high = (max(0.0, 100 * (middle + s) / (1 + z)) for s in (-half, half))
    return f"{n} of {of}, {100 * p:.1f} % [{low:.1f}, {high:.1f}]"


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
    issues = [look.issue(pixels) for look, own in judges(folder, OWN) for pixels in own]
    why = Counter(issue.value for issue in issues if issue is not None)

    told = share(why.total(), len(issues))
    sys.stdout.write(f"\n{folder.name}: of its own turned away {told}; {dict(why)}")
    assert why.total() <= max(0.03 * len(issues), 1 if OWN else 0)

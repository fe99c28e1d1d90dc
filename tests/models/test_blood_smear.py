"""What the shipped detector promises on this machine and on fields whose every cell is known."""

import os
from pathlib import Path

import pytest

from edge_app.compose.labelled import Refused, answers
from edge_app.domain.reading import Outcome
from edge_app.exchange.coco import read_coco
from edge_app.inference import golden
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from edge_app.inference.session import open_session
from edge_app.workflow.evaluate import accuracy_of
from tests.smears import EMPTY_COLUMN, PACKAGE, a_field

VARIANTS = [v.name for v in load_package(PACKAGE).manifest.variants]
SEEDS = range(1000, 1000 + int(os.environ.get("EDGE_APP_FIELDS", "20")))
DATA = Path(os.environ.get("EDGE_APP_TEST_DATA") or PACKAGE.parents[3] / "shared" / "data")
SAMPLE = 60


@pytest.fixture(scope="module", params=VARIANTS)
def detector(request):
    return load_detector(PACKAGE, Choice(request.param, "cpu"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_passes_its_golden_pictures_here(variant):
    package = load_package(PACKAGE)
    spec = package.variant(variant)

    assert golden.passed(package, spec, open_session(package.model(spec), "cpu"))


def test_white_cells_of_sharp_fields_are_counted_exactly(detector):
    wrong = []
    for seed in SEEDS:
        image, truth = a_field(seed)
        reading = detector.read(image)
        found, there = reading.counts().get("white-cell", 0), len(truth.labelled("white-cell"))
        if reading.outcome is not Outcome.FINDING or found != there:
            wrong.append((seed, reading.outcome.value, found, there))

    assert len(wrong) * 20 <= len(SEEDS), wrong


@pytest.mark.parametrize("spoilt", [{"focus_um": 8.0}, {"column": EMPTY_COLUMN}])
def test_blurred_and_empty_fields_are_never_answered(detector, spoilt):
    answered = {
        seed: reading.outcome.value
        for seed in SEEDS
        if (reading := detector.read(a_field(seed, **spoilt)[0])).outcome is not Outcome.CANNOT_SAY
    }

    assert answered == {}


def test_int8_loses_less_than_a_point_against_fp32_on_real_photographs():
    coco = DATA / "blood" / "coco.json"
    if not coco.is_file():
        said = f"{SAMPLE} real images NOT tested: {coco} is missing"
        pytest.skip(said)
    labelled = read_coco(coco, load_package(PACKAGE).manifest.labels)
    sample = labelled[:: max(1, len(labelled) // SAMPLE)][:SAMPLE]
    map50 = {}
    for variant in ("int8", "fp32"):
        loaded = load_detector(PACKAGE, Choice(variant, "cpu"))
        done = list(answers(loaded, sample, coco.parent / "images"))
        assert not [a for a in done if isinstance(a, Refused)]
        map50[variant] = accuracy_of(done, dict(loaded.certificate.thresholds)).map50

    assert len(sample) == SAMPLE
    assert map50["int8"] >= map50["fp32"] - 0.01

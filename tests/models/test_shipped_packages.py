"""What every shipped package promises, and that its card's figures are still what it does."""

import os
import re
from pathlib import Path

import onnxruntime
import pytest

from edge_app.compose.labelled import Refused, answers
from edge_app.domain.manifest import Status
from edge_app.exchange.coco import read_coco
from edge_app.inference import golden
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.onnx_graph import graph_of
from edge_app.inference.onnx_wire import read_model
from edge_app.inference.package import load_package, packages_in
from edge_app.inference.session import open_session
from edge_app.inference.verify import verify_package
from edge_app.workflow.evaluate import accuracy_of
from models.training import samples
from models.training.recipe import load_recipe

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("EDGE_APP_TEST_DATA") or ROOT.parent / "shared" / "data")
FOLDERS = packages_in(ROOT / "models" / "onnx")
NAMES = [f.name for f in FOLDERS]
LAST_CONVOLUTIONS = 6  # classes and boxes of three maps
LARGEST_BYTES = 16 * 1024 * 1024
TOLERANCE = 0.015  # other machines round otherwise
MEASURED_AGAIN = [n for n in NAMES if n == "polyp" or os.environ.get("EDGE_APP_CARDS")]


def _recipe(name):
    return load_recipe(ROOT / "models" / "training" / "recipes" / f"{name}.toml")


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_shipped_package_passes_the_gate_whole(folder):
    wrong = [(c.id, c.why) for c in verify_package(folder) if not c.ok]

    assert wrong == []


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_shipped_packages_variants_answer_its_golden_pictures_here(folder):
    package = load_package(folder)

    for spec in package.manifest.variants:
        assert golden.passed(package, spec, open_session(package.model(spec), "cpu"))


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_shipped_int8_graph_is_in_float_from_its_last_convolutions_on_only(folder, tmp_path):
    package = load_package(folder)
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "as-it-runs.onnx")
    options.log_severity_level = 3
    content = package.model(package.variant("int8"))
    onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    runs = read_model((tmp_path / "as-it-runs.onnx").read_bytes())
    operators = [n.operator for n in graph_of(runs.messages("graph")[0]).nodes]
    assert operators.count("Conv") == LAST_CONVOLUTIONS
    assert "QuantizeLinear" not in operators


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_shipped_packages_golden_pictures_hold_things_that_it_marks(folder):
    package = load_package(folder)
    marked = [p.file for p in golden.golden_set(package).pictures if p.expected["int8"]]

    assert marked or package.manifest.status is Status.EXPERIMENTAL


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_shipped_packages_files_fit_and_its_three_points_have_intervals(folder):
    manifest = load_package(folder).manifest

    assert all((folder / v.file).stat().st_size <= LARGEST_BYTES for v in manifest.variants)
    assert [p.name for p in manifest.points] == ["screening", "balanced", "rule-in"]
    for point in manifest.points:
        for t in point.thresholds:
            assert t.sensitivity.low <= t.sensitivity.value <= t.sensitivity.high


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_shipped_package_says_what_its_recipe_says(folder):
    manifest, recipe = load_package(folder).manifest, _recipe(folder.name)

    assert manifest.status is recipe.package.status
    assert manifest.must_not == recipe.package.must_not
    assert manifest.training_data == recipe.package.training_data
    assert [x.name for x in manifest.labels] == recipe.labels
    assert [(x.code.scheme, x.code.value) for x in manifest.labels] == [
        recipe.package.labels[x].code[:2] for x in recipe.labels
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_card_names_licence_and_unknowns_and_warns_where_it_must(folder):
    manifest, card = load_package(folder).manifest, (folder / "card.md").read_text()

    assert "## What nobody knows" in card
    assert "## What was seen to go wrong" in card
    assert manifest.training_data in card
    assert manifest.must_not in card
    assert ("**Experimental.**" in card) == (manifest.status is Status.EXPERIMENTAL)


def _card_row(folder, variant):
    """Return mAP50 and each label's AP50 of the card's first row of `variant`."""
    text = (folder / "card.md").read_text()
    row = re.search(rf"^\| [^|]+ \| {variant} \|(.*)$", text, re.MULTILINE)
    return [float(cell.split("[")[0]) for cell in row[1].split("|")[1:-2]]


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_int8_loses_at_most_a_point_against_fp32_by_the_card(folder):
    (int8, *_), (fp32, *_) = _card_row(folder, "int8"), _card_row(folder, "fp32")

    assert int8 >= fp32 - 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURED_AGAIN)
def test_the_cards_figures_are_those_of_another_evaluation(name, tmp_path):
    folder, recipe = ROOT / "models" / "onnx" / name, _recipe(name)
    coco = DATA / recipe.data / "coco.json"
    if not coco.is_file() or recipe.folds:
        said = f"the card of {name} NOT measured again: {coco} is missing, or it has folds"
        pytest.skip(said)
    manifest = load_package(folder).manifest
    everything = samples.read_coco(coco.parent, recipe.labels)
    _, held = samples.split_by_group(
        everything, recipe.validation_share, recipe.train.seed, recipe.strata
    )
    kept = {s.path.name for s in held}
    labelled = [x for x in read_coco(coco, manifest.labels) if x.file_name in kept]
    detector = load_detector(folder, Choice("int8", "cpu"))

    done = list(answers(detector, labelled, coco.parent / "images"))

    assert not [a for a in done if isinstance(a, Refused)]
    measured = accuracy_of(done, dict(detector.certificate.thresholds))
    again = [measured.map50, *(measured.per_label[x].ap50 for x in recipe.labels)]
    assert again == pytest.approx(_card_row(folder, "int8"), abs=TOLERANCE)

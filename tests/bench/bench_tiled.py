"""`python -m tests.bench.bench_tiled PEER_PYTHON FOLDER`: a tiled reading beside SAHI's.

The same model file, the same uncompressed TIFF of the simulated smear, tile side, overlap and
thresholds; whole processes, one after the other, in rounds. Prints a table; gates nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from edge_app.domain.geometry import pairwise_iou
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.tiling import FIELD_PX, OVERLAP_SHARE
from hardware.simulated.smear import HEIGHT, WIDTH, Smear
from tests.slides import field_rows, known_cells
from tests.smears import PACKAGE

SEED = 7
VARIANT = "int8"


@dataclass(frozen=True)
class Run:
    """One process from its start to its answer; boxes [n, 4] a label."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    found: dict[str, np.ndarray]


def slide_file(folder, side):
    path = folder / f"slide-{SEED}-{side}.tif"
    if not path.exists():
        columns, rows = -(-side // WIDTH), -(-side // HEIGHT)
        bands = list(field_rows(Smear(SEED), columns, rows, SEED))
        Image.MAX_IMAGE_PIXELS = None
        Image.fromarray(np.concatenate(bands)[:side, :side]).save(path)
    return path


def truth(side):
    """Return how many cells of each label lie wholly on the slide."""
    cells = known_cells(Smear(SEED), -(-side // WIDTH), -(-side // HEIGHT))
    inside = [label for label, box in cells if box.x1 <= side and box.y1 <= side]
    return {label: inside.count(label) for label in sorted(set(inside))}


def timed(command, found_in):
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(f"{command[:4]} ended with {child.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, found_in(json.loads(out)))


def by_label(rows):
    labels = sorted({label for label, _ in rows})
    return {x: np.array([box for label, box in rows if label == x]) for x in labels}


def ours(path):
    command = [sys.executable, "-m", "edge_app", "analyze", "--tiled", "--json", "--quiet",
               "--variant", VARIANT, str(path)]  # fmt: skip

    def found_in(answer):
        (reading,) = answer["readings"]
        return by_label([(d["label"], d["box"]) for d in reading["detections"]])

    return timed(command, found_in)


def request_file(folder, variant, **session):
    detector = load_detector(PACKAGE, Choice(variant, "cpu"))
    scores, manifest = dict(detector.certificate.thresholds), detector.manifest
    labels = [x.name for x in manifest.labels]
    asked = {
        "model": str(PACKAGE / manifest.variant(variant).file),
        "labels": labels, "floors": [scores[x] for x in labels],
        "input": manifest.input.width, "nms_iou": manifest.nms_iou,
        "side": FIELD_PX, "overlap": OVERLAP_SHARE, "postprocess": "GREEDYNMM",
        "threads": 0, "session": session,
    }  # fmt: skip
    path = folder / f"request-{variant}-{len(session)}.json"
    path.write_text(json.dumps(asked))
    return path, labels


def sahi(peer, request, labels, path):
    command = [peer, str(Path(__file__).with_name("sahi_peer.py")), str(request), str(path)]
    return timed(
        command, lambda said: by_label([(labels[int(k)], box) for k, _, *box in said["found"]])
    )


def shared(a, b):
    """Return the share of the boxes `a` that have one of `b` at an IoU of 0.5."""
    if not len(a) or not len(b):
        return float(len(a) == len(b))
    return float(
        np.mean(
            np.concatenate([pairwise_iou(p, b).max(axis=1) for p in np.array_split(a, 20)]) >= 0.5
        )
    )


def row(table, name, runs, ratio):
    middle = [statistics.median(getattr(r, k) for r in runs) for k in ("wall_s", "cpu_s")]
    peak = max(r.peak_mb for r in runs)
    counts = ", ".join(f"{x} {len(b)}" for x, b in sorted(runs[-1].found.items()))
    table.add_row(name, f"{middle[0]:.2f}", f"{middle[1]:.2f}", f"{peak:.0f}", ratio, counts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    # In a process of its own: a child's peak memory counts from that of the one which starts it.
    with ProcessPoolExecutor(1, get_context("spawn")) as maker:
        path = maker.submit(slide_file, asked.folder, asked.side).result()
    kinds = {
        "SAHI, runtime's own threads": {},
        "SAHI, no spinning": {"session.intra_op.allow_spinning": "0"},
    }
    requests = {
        name: request_file(asked.folder, VARIANT, **session) for name, session in kinds.items()
    }
    runs = {name: [] for name in ("edge-app analyze --tiled", *kinds)}
    load = os.getloadavg()[0]
    for _ in range(asked.rounds):
        runs["edge-app analyze --tiled"].append(ours(path))
        for name, (request, labels) in requests.items():
            runs[name].append(sahi(asked.peer, request, labels, path))
    console = Console(width=150)
    table = Table("what", "wall s", "CPU s", "peak MB", "times ours (wall, CPU)", "found")
    mine = runs["edge-app analyze --tiled"]
    for name, theirs in runs.items():
        pairs = list(zip(theirs, mine, strict=True))
        wall = statistics.median(a.wall_s / b.wall_s for a, b in pairs)
        cpu = statistics.median(a.cpu_s / b.cpu_s for a, b in pairs)
        row(table, name, theirs, f"{wall:.2f}, {cpu:.2f}")
    table.add_row("cells wholly on the slide", "", "", "", "",
                  ", ".join(f"{x} {n}" for x, n in truth(asked.side).items()))  # fmt: skip
    console.print(table)
    peer = runs["SAHI, runtime's own threads"][-1].found
    for label, boxes in mine[-1].found.items():
        there, here = shared(peer[label], boxes), shared(boxes, peer[label])
        console.print(f"{label}: {there:.2%} of SAHI's are ours, {here:.2%} of ours are SAHI's")
    said = f"{asked.side} x {asked.side} pixels, {asked.rounds} rounds, medians; load average "
    console.print(f"{said}{load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()

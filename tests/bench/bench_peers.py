"""`python -m tests.bench.bench_peers PEER_PYTHON FOLDER`: our ways and other people's, in turns.

One network, the same pictures, one run; the peers live in a process and an environment of their
own and are asked turn by turn. Prints a table, writes it as JSON and Markdown; gates nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from edge_app.compose.detectors import detector
from edge_app.compose.files import image_from
from edge_app.compose.window import remote_detector
from edge_app.exchange.frames import Frame
from edge_app.inference.choice import Choice
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from edge_app.inference.session import cpu_words, runtime_words
from edge_app.inference.tiling import (
    THREADS_A_TILE,
    HashedImage,
    HeldImage,
    Tiling,
    concluded,
    seen_tiles,
)
from edge_app.settings import settings_from
from hardware.simulated.smear import HEIGHT, WIDTH
from tests.bench.bench_tiled import request_file
from tests.slides import a_slide
from tests.smears import PACKAGE

SEED = 7
SIDE = 2080  # 4 x 4 tiles of 640 that share 160, in everybody's way of cutting
N_TILES = 16
N_FIELDS = 4
REST_S = 0.03  # for threads of the last turn that still spin
WARM_UP = 1
MINE = "session.run, edge-app's settings"
TILED = "edge-app, in tiles"
DEFAULTS = "session.run, runtime's defaults"
SLIDE = "slide"
COLUMNS = ("way", "what it runs", "ms", "bare ms", "times bare", "boxes found")


def pictures():
    return [a_slide(SEED + n, 1, 1).pixels for n in range(N_FIELDS)]


def slide():
    return a_slide(SEED, -(-SIDE // WIDTH), -(-SIDE // HEIGHT)).pixels[:SIDE, :SIDE]


def timed(run):
    """Return `run` as one that says its milliseconds and how many boxes it found."""

    def told(k):
        began = time.perf_counter()
        found = run(k)
        return (time.perf_counter() - began) * 1e3, found

    return told


def tiled(loaded, region):
    def run(_):
        image, grid = HashedImage(HeldImage(region)), Tiling().grid(HeldImage(region))
        seen = list(seen_tiles(loaded, image, grid))
        return len(concluded(loaded, grid, seen, image.whole_hash()).reading.detections)

    return run


@contextmanager
def our_ways(settings, package, variant, images, tensors, region):
    """Yield our ways by name: (what it runs, name of its bare run, the way)."""
    name = package.manifest.name
    loaded = detector(settings, name, Choice(variant, "cpu"))
    one_thread = detector(settings, name, Choice(variant, "cpu", threads=THREADS_A_TILE))
    inner, fed = loaded.session.inner, loaded.session.input_name
    remote = remote_detector(settings, name, Choice(variant, "cpu")).detector
    whole = "shipped file, picture to reading"
    try:
        yield {
            MINE: ("shipped file, run only", MINE, timed(
                lambda k: inner.run(None, {fed: tensors[k]}) and None)),
            "edge-app, in this process": (whole, MINE, timed(
                lambda k: len(loaded.read(images[k]).detections))),
            "edge-app, through its worker": (whole, MINE, timed(
                lambda k: len(remote.read(images[k]).detections))),
            TILED: ("shipped file, slide to reading", SLIDE, timed(tiled(one_thread, region))),
        }  # fmt: skip
    finally:
        remote.close()


@contextmanager
def their_ways(peer, request):
    """Yield the peers' ways as ours are, and why some are missing."""
    command = [peer, str(Path(__file__).with_name("peers_side.py")), str(request)]
    offline = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false",
               "YOLO_CONFIG_DIR": str(request.parent.resolve())}  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **offline},
    ) as child:  # fmt: skip
        hello = next((line for line in child.stdout if line.startswith("{")), "")
        if not hello:
            raise SystemExit("The peers' process did not start.")

        def asked(name, k):
            child.stdin.write(json.dumps({"way": name, "picture": k}) + "\n")
            child.stdin.flush()
            answer = json.loads(child.stdout.readline())
            return answer["ms"], answer["found"]

        said = json.loads(hello)
        made = {
            name: (one["runs"], one["bare"], lambda k, name=name: asked(name, k))
            for name, one in said["ways"].items()
        }
        yield made, said["refused"]
        child.stdin.close()


def pair(ways, name, k, number):
    """Return (bare ms, ms, boxes) of one way and of its bare run, one right after the other."""
    _, base, run = ways[name]
    bare = ways[DEFAULTS if base == SLIDE else base][2]
    times = N_TILES if base == SLIDE else 1
    run(k)
    bare(k)
    if number % 2:
        (ms, boxes), (bare_ms, _) = run(k), bare(k)
    else:
        (bare_ms, _), (ms, boxes) = bare(k), run(k)
    return bare_ms * times, ms, boxes


def taken_in_turns(ways, rounds, n_pictures):
    """Return each way's pairs, one a round; all see the same picture in a round, by lot in order.

    Each runs twice and the second counts, so that none pays for what ran before it.
    """
    order, lot = list(ways), np.random.default_rng(SEED)
    found = {name: [] for name in order}
    for number in range(-WARM_UP, rounds):
        lot.shuffle(order)
        for name in order:
            time.sleep(REST_S)
            answer = pair(ways, name, number % n_pictures, number)
            if number >= 0:
                found[name].append(answer)
    return found


def rows(ways, found):
    """Return a row a way; the ratio is the median of its pairs."""
    made = []
    for name, (what, base, _) in ways.items():
        bares, took, boxes = zip(*found[name], strict=True)
        told = [n for n in boxes if n is not None]
        made.append({
            "way": name, "runs": what, "ms": statistics.median(took), "bare": base,
            "bare_ms": statistics.median(bares),
            "ratio": statistics.median(a / b for a, b in zip(took, bares, strict=True)),
            "found": round(statistics.mean(told), 1) if told else None,
        })  # fmt: skip
    return made


def measured(settings, package, variant, asked, data):
    pixels, tensors, region = data
    images = [image_from(Frame(p), n) for n, p in enumerate(pixels)]
    request, _ = request_file(asked.folder, variant)
    with (
        our_ways(settings, package, variant, images, tensors, region) as mine,
        their_ways(asked.peer, request) as (theirs, refused),
    ):
        ways = mine | theirs
        return rows(ways, taken_in_turns(ways, asked.rounds, len(pixels))), refused


def cells(row):
    found = "" if row["found"] is None else f"{row['found']:g}"
    return [row["way"], row["runs"], f"{row['ms']:.2f}", f"{row['bare_ms']:.2f}",
            f"{row['ratio']:.2f}", found]  # fmt: skip


def notes(asked, n_pictures, loads):
    before, after = loads
    return [
        f"{n_pictures} drawn fields of {WIDTH} x {HEIGHT}; a slide of {SIDE} x {SIDE}, 16 tiles.",
        f"{asked.rounds} rounds by lot, medians; times bare: of the bare run right beside it.",
        "bare: session.run of the same file; for the slide, 16 of them with default settings.",
        "YOLO-layout file: the shipped network, its input and output turned into that layout.",
        "Ultralytics pads in the middle and takes one threshold: its boxes differ by a few.",
        f"{cpu_words()}, {os.cpu_count()} cores, {runtime_words()}.",
        f"Load average {before:.1f} at the start, {after:.1f} at the end.",
    ]


def written(folder, results, refused, said):
    (folder / "peers.json").write_text(
        json.dumps({"schema": 1, "results": results, "refused": refused, "notes": said}, indent=2)
    )
    lines = []
    for variant, found in results.items():
        lines += [f"## {variant}", "", "| " + " | ".join(COLUMNS) + " |", "|---" * 6 + "|"]
        lines += ["| " + " | ".join(cells(row)) + " |" for row in found]
        lines += [f"- {name} cannot run it: {why}" for name, why in refused[variant].items()] + [""]
    (folder / "peers.md").write_text("\n".join([*lines, *said, ""]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    settings = settings_from(asked.folder / "data")
    package = load_package(PACKAGE)
    pixels, region = pictures(), slide()
    tensors = [prepare(p, package.manifest.input).tensor for p in pixels]
    np.savez(asked.folder / "pictures.npz", pictures=pixels, tensors=tensors, slide=region)
    before, results, refused = os.getloadavg()[0], {}, {}
    for variant in ("int8", "fp32"):
        results[variant], refused[variant] = measured(
            settings, package, variant, asked, (pixels, tensors, region)
        )
    said = notes(asked, len(pixels), (before, os.getloadavg()[0]))
    console = Console(width=150)
    for variant, found in results.items():
        table = Table(*COLUMNS, title=f"blood-smear, {variant}")
        for row in found:
            table.add_row(*cells(row))
        console.print(table)
        for name, why in refused[variant].items():
            console.print(f"{name} cannot run it: {why}")
    for line in said:
        console.print(line)
    written(asked.folder, results, refused, said)


if __name__ == "__main__":
    main()

"""`python -m models.training.kind_folds`: kinds and limits that never saw the fold they judge.

For each detector whose recipe has folds: below the folder of runs, a description and `kind.json` a
fold, fitted without that fold's groups, for `make judge-kinds`. What is there is not fitted again.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from edge_app.inference.package import MANIFEST
from models.training.kind import (
    FILE,
    KINDS,
    Vector,
    figures_of_kind,
    fitted,
    folds,
    split,
    vectors_of,
    write_limits,
    write_package,
)

_log = logging.getLogger("models.training.kind_folds")


def fold_folder(runs: Path, name: str, number: int) -> Path:
    """Return where what was fitted without a fold lies."""
    return runs / "kind-folds" / f"{name}-{number}"


def without(vectors: Sequence[Vector], gone: set[tuple[str, int]]) -> list[Vector]:
    """Return the vectors that were made from none of the pictures in `gone`."""
    return [v for v in vectors if v.source not in gone]


def write_folds(name: str, data: Path, packages: Path, runs: Path) -> None:
    """Fit kind and limits without each fold of the detector; write what is missing."""
    parts = folds(data, name)
    every = [s for _, held in parts for s in held]
    folders = [fold_folder(runs, name, number) for number in range(len(parts))]
    vectors: list[Vector] = []
    if not all((folder / FILE).is_file() for folder in folders):
        vectors = vectors_of({k: every if k == name else split(data, k)[0] for k in KINDS}, data)
    for folder, (training, held) in zip(folders, parts, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).write_bytes((packages / name / MANIFEST).read_bytes())
        if not (folder / FILE).is_file():
            paths = {s.path for s in held}
            gone = {(name, n) for n, s in enumerate(every) if s.path in paths}
            network, pictures = fitted(without(vectors, gone))
            (folder / FILE).write_bytes(figures_of_kind(network, pictures, name))
        write_package(folder, name, (folder / FILE).read_bytes())
        write_limits(folder, name, training)
        _log.info("written: %s", folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training.kind_folds")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--packages", type=Path, required=True, help="where the packages are")
    parser.add_argument("--runs", type=Path, required=True, help="folder of what was fitted")
    return parser.parse_args()


def main() -> int:
    """Fit and write every fold that is missing; return the exit status."""
    args = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    cv2.setNumThreads(1)
    for name in KINDS:
        if folds(args.data, name):
            write_folds(name, args.data, args.packages, args.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())

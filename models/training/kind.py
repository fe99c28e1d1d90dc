"""`python -m models.training.kind`: fit what tells each detector's kind, and its quality limits.

Needs no network and no PyTorch: pictures of all folders, drawn strangers, numpy. Writes
`kind.json` and the tables `[kind]` and `[quality]` of every package that is there. What was fitted
lies in the folder of runs and is not fitted again.
"""

import argparse
import hashlib
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import msgspec
import numpy as np

from edge_app.domain.image import Pixels
from edge_app.domain.manifest import KindSpec, QualityLimits
from edge_app.inference.kind_features import Floats, features_of
from edge_app.inference.package import MANIFEST, load_package
from models.training.degradations import spoilings_of
from models.training.kind_fit import Network, Pictures, figures_for, fitted_network
from models.training.kind_pictures import Nature, Rng, small, taken, varied
from models.training.kind_smears import drawn_smears
from models.training.kind_strangers import spoilt_kind, stranger
from models.training.quality_limits import fitted_limits
from models.training.recipe import load_recipe
from models.training.samples import Sample, folds_by_group, read_coco, split_by_group

FILE = "kind.json"
STRANGER = "stranger"
_MAX_DISTANCE = 1.6
_RECIPES = Path(__file__).parent / "recipes"
_SHARE, _SEED = 0.15, 7  # of every recipe: what a detector is judged on, its kind is not fitted on
_A_KIND = 4500
_DRAWN = 5000
_DRAWN_SMEARS = 150
_SMEAR = "blood-smear"
_SPOILT_KINDS = 7000
_CLIP_EVERY = 2
_FOR_LIMITS = 400
_STRENGTHS = (1, 2, 3, 4)
_log = logging.getLogger("models.training.kind")


@dataclass(frozen=True, slots=True)
class Kind:
    """Pictures of one folder.

    Attributes:
        title: How they are named in a sentence.
        modality: DICOM's code.
        nature: How they may differ from clinic to clinic.
        min_share: Least share of likelihood; more where held-out clinics leave room for it.
    """

    folder: str
    title: str
    modality: str
    nature: Nature
    min_share: float = 0.3


KINDS = {
    "blood-smear": Kind("blood", "a blood smear", "SM", Nature(tint=0.18), 0.5),
    "nerve-vessel": Kind(
        "ultrasound",
        "an ultrasound picture of nerves and vessels",
        "US",
        Nature(turns=False, tint=0.0),
    ),
    "bone-fracture": Kind("fracture", "an X-ray of bones", "DX", Nature(tint=0.0, inverts=True)),
    "polyp": Kind("polyp", "an endoscopy picture of the bowel", "ES", Nature(tint=0.12)),
    "fundus": Kind("fundus", "a photograph of the back of the eye", "OP", Nature(tint=0.15)),
    "brain-tumour": Kind(
        "brain", "an MRI slice of the head", "MR", Nature(tint=0.0, reweighs=True)
    ),
}
# Of the same modalities, but of other parts of the body: strangers to every kind here.
CLIPS = {"laryngoscopy": Nature(), "liver": Nature(turns=False, tint=0.0)}


@dataclass(frozen=True, slots=True)
class Vector:
    """One feature vector that the network is shown.

    Attributes:
        kind: Which kind it is of, or `STRANGER`.
        source: Kind and number of the training picture that it was made from, if from one.
    """

    features: Floats
    kind: str
    source: tuple[str, int] | None = None


def pictures_of(vectors: Sequence[Vector]) -> Pictures:
    """Return what the network is fitted on, kind by kind."""
    kinds = (*KINDS, STRANGER)
    ordered = sorted(vectors, key=lambda v: kinds.index(v.kind))
    numbers = np.array([kinds.index(v.kind) for v in ordered], np.int64)
    return Pictures(np.array([v.features for v in ordered], np.float64), numbers, kinds)


def _spoilt(pixels: Pixels, kind: Kind, rng: Rng) -> Pixels:
    """Return the picture as the quality gate should have it told: badly taken, of its kind."""
    ways = spoilings_of(kind.modality)
    _, spoil = ways[int(rng.integers(len(ways)))]
    return spoil(pixels, int(rng.choice(_STRENGTHS)), rng)


def _of_a_kind(name: str, samples: list[Sample], shrunk: list[Pixels]) -> Iterator[Vector]:
    """Yield a kind's training pictures, themselves and varied; add them small to `shrunk`."""
    kind = KINDS[name]
    rng = np.random.default_rng(_SEED + list(KINDS).index(name))
    n_each = round(_A_KIND / len(samples))
    for number, sample in enumerate(samples):
        pixels = sample.pixels()
        yield Vector(features_of(pixels), name, (name, number))
        shrunk.append(small(pixels))
        for place in range(n_each):
            made = varied(shrunk[-1], kind.nature, rng)
            made = _spoilt(made, kind, rng) if place % 3 == 2 else made
            yield Vector(features_of(made), name, (name, number))
    _log.info("%s: %d pictures", name, len(samples))


def _drawn_smears(rng: Rng) -> Iterator[Vector]:
    for pixels in drawn_smears(_DRAWN_SMEARS, rng):
        yield Vector(features_of(pixels), _SMEAR)
        for _ in range(3):
            yield Vector(features_of(varied(small(pixels), KINDS[_SMEAR].nature, rng)), _SMEAR)


def _frames(clip: Path) -> Iterator[Pixels]:
    video = cv2.VideoCapture(str(clip))
    number = 0
    while True:
        is_there, frame = video.read()
        if not is_there:
            return
        number += 1
        if number % _CLIP_EVERY == 0:
            yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)


def _strangers(shrunk: Mapping[str, list[Pixels]], rng: Rng) -> Iterator[Vector]:
    for _ in range(_DRAWN):
        yield Vector(features_of(taken(stranger(rng), rng)), STRANGER)
    names = list(shrunk)
    for _ in range(_SPOILT_KINDS):
        name = names[int(rng.integers(len(names)))]
        number = int(rng.integers(len(shrunk[name])))
        spoilt = taken(spoilt_kind(shrunk[name][number], KINDS[name].modality, rng), rng)
        yield Vector(features_of(spoilt), STRANGER, (name, number))


def _strange_clips(clips: list[Path], rng: Rng) -> Iterator[Vector]:
    for clip in clips:
        nature = next(n for word, n in CLIPS.items() if word in clip.stem)
        for frame in _frames(clip):
            yield Vector(features_of(frame), STRANGER)
            for _ in range(5):
                yield Vector(features_of(varied(small(frame), nature, rng)), STRANGER)


def vectors_of(training: Mapping[str, list[Sample]], data: Path) -> list[Vector]:
    """Return all that the network is shown: every kind's pictures, smears drawn, strangers."""
    shrunk: dict[str, list[Pixels]] = {name: [] for name in training}
    vectors = [v for n, s in training.items() for v in _of_a_kind(n, s, shrunk[n])]
    vectors += _drawn_smears(np.random.default_rng(_SEED - 2))
    rng = np.random.default_rng(_SEED - 1)
    vectors += _strangers(shrunk, rng)
    vectors += _strange_clips(sorted((data / "clips").glob("*.mp4")), rng)
    _log.info("%d feature vectors", len(vectors))
    return vectors


def fitted(vectors: Sequence[Vector]) -> tuple[Network, Pictures]:
    """Return the network over all kinds and strangers, and what it was fitted on."""
    pictures = pictures_of(vectors)
    return fitted_network(pictures, _SEED), pictures


def figures_of_kind(network: Network, pictures: Pictures, name: str) -> bytes:
    """Return what the package of one kind holds, as its file."""
    own = pictures.features[pictures.kind_of == pictures.kinds.index(name)]
    return msgspec.json.encode(figures_for(network, own, pictures.kinds))


def with_table(text: str, name: str, table: dict[str, object]) -> str:
    """Return a TOML document with the table `name` put in its place, or at its end."""
    lines = [f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items()), ""]
    before, head, rest = text.partition(f"\n[{name}]\n")
    if not head:
        return text.rstrip("\n") + "\n\n" + "\n".join(lines)
    _, bracket, after = rest.partition("\n[")
    return before + "\n" + "\n".join(lines) + (bracket + after if bracket else "")


def _value(value: object) -> str:
    return msgspec.json.encode(value).decode()  # of strings, numbers and lists also TOML


def _limits_table(found: QualityLimits, held: QualityLimits) -> dict[str, object]:
    """Return the fitted limits; what the package says already of the first four stays."""
    kept = ("min_brightness", "max_clipped", "min_covered", "min_sharpness")
    return {
        f.name: value
        for f in fields(found)
        if (value := (f.name in kept and getattr(held, f.name)) or getattr(found, f.name))
        or f.name in kept
    }


def write_figures(runs: Path, training: Mapping[str, list[Sample]], data: Path) -> None:
    """Fit, and write each kind's figures below `runs`."""
    network, pictures = fitted(vectors_of(training, data))
    runs.mkdir(parents=True, exist_ok=True)
    for name in training:
        (runs / f"{name}.json").write_bytes(figures_of_kind(network, pictures, name))


def write_package(folder: Path, name: str, content: bytes) -> None:
    """Write the kind's figures into the package, and their hash into its description."""
    (folder / FILE).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    kind = KINDS[name]
    spec = KindSpec(FILE, digest, kind.title, name, kind.min_share, _MAX_DISTANCE)
    path = folder / MANIFEST
    path.write_text(with_table(path.read_text(), "kind", msgspec.to_builtins(spec)))


def write_limits(folder: Path, name: str, samples: list[Sample]) -> None:
    """Fit the quality gate's limits to the package's training pictures, and write them."""
    manifest = load_package(folder).manifest
    step = max(1, len(samples) // _FOR_LIMITS)
    pictures = [s.pixels() for s in samples[::step]]
    rng = np.random.default_rng(_SEED)
    found = fitted_limits(pictures, manifest.input, KINDS[name].modality, rng)
    path = folder / MANIFEST
    table = _limits_table(found, manifest.quality)
    path.write_text(with_table(path.read_text(), "quality", table))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training.kind", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--packages", type=Path, required=True, help="where the packages are")
    parser.add_argument("--runs", type=Path, required=True, help="folder of what was fitted")
    return parser.parse_args()


def split(data: Path, name: str) -> tuple[list[Sample], list[Sample]]:
    """Return what a kind is fitted on and, of other groups, what it is judged on."""
    return split_by_group(read_coco(data / KINDS[name].folder, []), _SHARE, _SEED)


def folds(data: Path, name: str) -> list[tuple[list[Sample], list[Sample]]]:
    """Return (training, test) for each fold of the detector's recipe; none if it has no folds."""
    recipe = load_recipe(_RECIPES / f"{name}.toml")
    if not recipe.folds:
        return []
    samples = read_coco(data / KINDS[name].folder, recipe.labels)
    return folds_by_group(samples, recipe.folds, recipe.train.seed, recipe.strata)


def for_limits(data: Path, name: str) -> list[Sample]:
    """Return what the shipped limits are fitted to: with folds, as the network, all pictures.

    Its kind is not: the other kinds are judged on strangers of its held groups.
    """
    training, held = split(data, name)
    return training + held if folds(data, name) else training


def main() -> int:
    """Fit, and write into every package that is there; return the exit status."""
    args = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    cv2.setNumThreads(1)
    training = {name: split(args.data, name)[0] for name in KINDS}
    there = [name for name in KINDS if (args.packages / name / MANIFEST).is_file()]
    runs = args.runs / "kind"
    if not all((runs / f"{name}.json").is_file() for name in KINDS):
        write_figures(runs, training, args.data)
    for name in there:
        write_package(args.packages / name, name, (runs / f"{name}.json").read_bytes())
        write_limits(args.packages / name, name, for_limits(args.data, name))
        _log.info("written: %s", name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

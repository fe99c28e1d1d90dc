"""`python -m models.training.kind`: fit what tells each detector's kind, and its quality limits.

Needs no network and no PyTorch: pictures of all folders, drawn strangers, numpy. Writes
`kind.json` and the tables `[kind]` and `[quality]` of every package that is there. What was fitted
lies in the folder of runs and is not fitted again.
"""

import argparse
import hashlib
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import msgspec
import numpy as np

from edge_app.domain.image import Pixels
from edge_app.domain.manifest import KindSpec, QualityLimits
from edge_app.inference.kind_features import features_of
from edge_app.inference.package import MANIFEST, load_package
from models.training.degradations import spoilings_of
from models.training.kind_fit import Network, Pictures, figures_for, fitted_network
from models.training.kind_pictures import Nature, Rng, small, taken, varied
from models.training.kind_smears import drawn_smears
from models.training.kind_strangers import spoilt_kind, stranger
from models.training.quality_limits import fitted_limits
from models.training.samples import Sample, read_coco, split_by_group

FILE = "kind.json"
STRANGER = "stranger"
_MAX_DISTANCE = 1.6
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
class Features:
    """Features of training pictures, by kind; strangers have their own name."""

    of: dict[str, list[np.ndarray[tuple[int], np.dtype[np.float32]]]]

    def add(self, kind: str, pixels: Pixels) -> None:
        """Keep one picture's features."""
        self.of.setdefault(kind, []).append(features_of(pixels))

    def pictures(self) -> Pictures:
        """Return all of them, strangers last."""
        kinds = (*(k for k in self.of if k != STRANGER), STRANGER)
        parts = [np.array(self.of[k], np.float64) for k in kinds]
        numbers = [np.full(len(part), n, np.int64) for n, part in enumerate(parts)]
        return Pictures(np.concatenate(parts), np.concatenate(numbers), kinds)


def _spoilt(pixels: Pixels, kind: Kind, rng: Rng) -> Pixels:
    """Return the picture as the quality gate should have it told: badly taken, of its kind."""
    ways = spoilings_of(kind.modality)
    _, spoil = ways[int(rng.integers(len(ways)))]
    return spoil(pixels, int(rng.choice(_STRENGTHS)), rng)


def _add_kind(features: Features, name: str, samples: list[Sample], rng: Rng) -> list[Pixels]:
    """Add a kind's training pictures, themselves and varied; return them small."""
    kind = KINDS[name]
    shrunk = []
    n_each = round(_A_KIND / len(samples))
    for sample in samples:
        pixels = sample.pixels()
        features.add(name, pixels)
        shrunk.append(small(pixels))
        for place in range(n_each):
            made = varied(shrunk[-1], kind.nature, rng)
            features.add(name, _spoilt(made, kind, rng) if place % 3 == 2 else made)
    return shrunk


def _add_drawn_smears(features: Features, rng: Rng) -> None:
    for pixels in drawn_smears(_DRAWN_SMEARS, rng):
        features.add(_SMEAR, pixels)
        for _ in range(3):
            features.add(_SMEAR, varied(small(pixels), KINDS[_SMEAR].nature, rng))


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


def _add_strangers(
    features: Features, shrunk: dict[str, list[Pixels]], clips: list[Path], rng: Rng
) -> None:
    for _ in range(_DRAWN):
        features.add(STRANGER, taken(stranger(rng), rng))
    names = list(shrunk)
    for _ in range(_SPOILT_KINDS):
        name = names[int(rng.integers(len(names)))]
        pixels = shrunk[name][int(rng.integers(len(shrunk[name])))]
        features.add(STRANGER, taken(spoilt_kind(pixels, KINDS[name].modality, rng), rng))
    for clip in clips:
        nature = next(n for word, n in CLIPS.items() if word in clip.stem)
        for frame in _frames(clip):
            features.add(STRANGER, frame)
            for _ in range(5):
                features.add(STRANGER, varied(small(frame), nature, rng))


def fitted(training: dict[str, list[Sample]], clips: list[Path]) -> tuple[Network, Pictures]:
    """Return the network over all kinds in `training`, and what it was fitted on."""
    features = Features({})
    shrunk = {}
    for number, (name, samples) in enumerate(training.items()):
        shrunk[name] = _add_kind(features, name, samples, np.random.default_rng(_SEED + number))
        _log.info("%s: %d pictures", name, len(samples))
    if _SMEAR in training:
        _add_drawn_smears(features, np.random.default_rng(_SEED - 2))
    _add_strangers(features, shrunk, clips, np.random.default_rng(_SEED - 1))
    pictures = features.pictures()
    _log.info("%d feature vectors", len(pictures.features))
    return fitted_network(pictures, _SEED), pictures


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


def write_figures(runs: Path, training: dict[str, list[Sample]], clips: list[Path]) -> None:
    """Fit, and write each kind's figures below `runs`."""
    network, pictures = fitted(training, clips)
    runs.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(pictures.kinds[:-1]):
        own = pictures.features[pictures.kind_of == number]
        content = msgspec.json.encode(figures_for(network, own, pictures.kinds))
        (runs / f"{name}.json").write_bytes(content)


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


def main() -> int:
    """Fit, and write into every package that is there; return the exit status."""
    args = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    cv2.setNumThreads(1)
    training = {name: split(args.data, name)[0] for name in KINDS}
    there = [name for name in KINDS if (args.packages / name / MANIFEST).is_file()]
    runs = args.runs / "kind"
    if not all((runs / f"{name}.json").is_file() for name in KINDS):
        write_figures(runs, training, sorted((args.data / "clips").glob("*.mp4")))
    for name in there:
        write_package(args.packages / name, name, (runs / f"{name}.json").read_bytes())
        write_limits(args.packages / name, name, training[name])
        _log.info("written: %s", name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whether a picture is of the kind that a detector was made for, from figures that were fitted.

Two questions, both of them asked of a few dozen features: which of the known kinds it is most
like (a small network over all kinds and over drawn strangers), and whether it lies where pictures
of its own kind lie at all (Mahalanobis distance), since a stranger may be like none that was drawn.
"""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.image import Pixels
from edge_app.domain.manifest import KindSpec
from edge_app.inference.kind_features import FEATURES, N_FEATURES, Floats, features_of
from edge_app.inference.package_files import REINSTALL, read_file

_MOST_BYTES = 1024 * 1024
_FARTHEST = 5.0  # in spreads: one odd feature may not decide alone
_TINY = 1e-6


class KindFigures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was fitted, as it stands in the package's file.

    Attributes:
        features: Name of the features that it was fitted on.
        kinds: Names of the network's outputs.
        mean: Of each feature over all pictures.
        spread: Of each feature, likewise.
        hidden: Weights [features, hidden].
        hidden_bias: [hidden].
        out: Weights [hidden, kinds].
        out_bias: [kinds].
        centre: Mean of the own kind's standardised features.
        whitening: What makes their covariance one: the rows of a lower triangle, each to its end.
    """

    features: str
    kinds: list[str]
    mean: list[float]
    spread: list[float]
    hidden: list[list[float]]
    hidden_bias: list[float]
    out: list[list[float]]
    out_bias: list[float]
    centre: list[float]
    whitening: list[list[float]]


def _refused(why: str) -> DetectorRefusedError:
    return DetectorRefusedError(f"The figures of the detector's kind {why}.", REINSTALL)


def _array(rows: object, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    try:
        made = np.array(rows, np.float64)
    except ValueError as error:
        raise _refused(f"have rows of different length in {what}") from error
    if made.shape != shape or not np.isfinite(made).all():
        raise _refused(f"are not {' x '.join(map(str, shape))} finite numbers in {what}")
    return made


def _triangle(rows: list[list[float]], n: int) -> NDArray[np.float64]:
    if len(rows) != n:
        raise _refused(f"have {len(rows)} rows of {n} in whitening")
    made = np.zeros((n, n))
    for place, row in enumerate(rows):
        made[place, : place + 1] = _array(row, (place + 1,), "whitening")
    return made


class KindModel:
    """Tells one kind from all others.

    Raises:
        DetectorRefusedError: The figures do not fit together or to this program's features.
    """

    def __init__(self, figures: KindFigures, spec: KindSpec) -> None:
        if figures.features != FEATURES:
            raise _refused(f"are for {figures.features}, not for {FEATURES}")
        if spec.own not in figures.kinds:
            raise _refused(f"do not know the kind {spec.own}")
        n, m, k = N_FEATURES, len(figures.hidden_bias), len(figures.kinds)
        self._own = figures.kinds.index(spec.own)
        self._spec = spec
        self._mean = _array(figures.mean, (n,), "mean")
        self._spread = _array(figures.spread, (n,), "spread")
        if (self._spread <= 0).any():
            raise _refused("have a spread that is not above 0")
        self._hidden = _array(figures.hidden, (n, m), "hidden")
        self._hidden_bias = _array(figures.hidden_bias, (m,), "hidden_bias")
        self._out = _array(figures.out, (m, k), "out")
        self._out_bias = _array(figures.out_bias, (k,), "out_bias")
        self._centre = _array(figures.centre, (n,), "centre")
        self._whitening = _triangle(figures.whitening, n)

    def shares(self, features: Floats) -> NDArray[np.float64]:
        """Return how likely each kind is, in the order of the figures; the sum is 1."""
        return self._shares(self._standardised(features))

    def distance(self, features: Floats) -> float:
        """Return how far the features lie from the own kind's, about 1 for its own pictures."""
        return self._distance(self._standardised(features))

    def strangeness(self, seen: Pixels) -> float:
        """Return how strange `seen` (uint8 [h, w, 3], RGB) is: above 1 it is of another kind."""
        at = self._standardised(features_of(seen))
        unlike = self._spec.min_share / max(float(self._shares(at)[self._own]), _TINY)
        return min(max(unlike, self._distance(at) / self._spec.max_distance), 99.0)

    def _standardised(self, features: Floats) -> NDArray[np.float64]:
        at = (features - self._mean) / self._spread
        return np.asarray(np.clip(at, -_FARTHEST, _FARTHEST), np.float64)

    def _shares(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        said = np.tanh(at @ self._hidden + self._hidden_bias) @ self._out + self._out_bias
        likely = np.exp(said - said.max())
        return np.asarray(likely / likely.sum(), np.float64)

    def _distance(self, at: NDArray[np.float64]) -> float:
        white = self._whitening @ (at - self._centre)
        return float(np.sqrt(white @ white / len(white)))


def read_kind(folder: Path, spec: KindSpec) -> KindModel | None:
    """Return what tells the package's kind, or None where it says nothing of it.

    Raises:
        DetectorRefusedError: The file is missing, is not the one of the manifest, or is not valid.
    """
    if not spec.file:
        return None
    content = read_file(folder / spec.file, _MOST_BYTES)
    if hashlib.sha256(content).hexdigest() != spec.sha256:
        raise _refused("are not the ones that were tested: their hash is wrong")
    try:
        figures = msgspec.json.decode(content, type=KindFigures)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _refused("are not valid") from error
    return KindModel(figures, spec)

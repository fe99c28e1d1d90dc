"""What a picture looks like, in a few dozen numbers: colour, layout, fineness, direction."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels

FEATURES = "features 1"  # a change of any number below gives this another name
SIDE = 64
_DARK = 20  # luma below this is frame, not picture
_MOST_FRAME = 0.04  # of a row or column that is still cut off with the frame
_GLANCE = 48
_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BANDS = 4
_RINGS = (0.0, 0.5, 0.75, 1.0, 1.2, 1.5)
_RANKS = [round(s * (SIDE * SIDE - 1)) for s in _SHARES]
_DIRECTIONS = 4
_LBP_STEPS = (1, 2)
_LBP_NOISE = 3
_NEIGHBOURS = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))
_ENDS = (0.02, 0.1, 0.9, 0.98)
_CHROMA_SHARES = (0.05, 0.5, 0.95)
_N_COLOURS = 22
_TINY = 1e-3
N_FEATURES = 83
Floats = NDArray[np.float32]


def _ring_numbers() -> NDArray[np.intp]:
    across = np.linspace(-1, 1, SIDE, dtype=np.float32)
    distance = np.hypot(*np.meshgrid(across, across))
    return np.digitize(distance, _RINGS) - 1


_RING_OF = _ring_numbers()
_RING_SIZES = np.bincount(_RING_OF.ravel(), minlength=len(_RINGS) - 1)


def _uniform_codes() -> NDArray[np.uint8]:
    """Return, for each 8-bit pattern, its number of ones, or 9 where it is not uniform.

    Ojala, Pietikainen and Maenpaa, IEEE TPAMI 24(7), 2002: LBP riu2.
    """
    codes = np.zeros(256, np.uint8)
    for pattern in range(256):
        bits = [pattern >> n & 1 for n in range(8)]
        turns = sum(bits[n] != bits[n - 1] for n in range(8))
        codes[pattern] = sum(bits) if turns <= 2 else 9
    return codes


_UNIFORM = _uniform_codes()


def content_box(luma: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Return x0, y0, x1, y1 of what is not black frame, as shares of the sides."""
    small = cv2.resize(luma, (_GLANCE, _GLANCE), interpolation=cv2.INTER_AREA)
    bright = small > _DARK
    rows = np.flatnonzero(bright.mean(1) > _MOST_FRAME)
    columns = np.flatnonzero(bright.mean(0) > _MOST_FRAME)
    if len(rows) < 4 or len(columns) < 4:
        return 0.0, 0.0, 1.0, 1.0
    return (
        float(columns[0] / _GLANCE),
        float(rows[0] / _GLANCE),
        float((columns[-1] + 1) / _GLANCE),
        float((rows[-1] + 1) / _GLANCE),
    )


def _shrunk(seen: Pixels) -> Pixels:
    """Return `seen` halved while it stays large; OpenCV is fast at exact halves only."""
    while min(seen.shape[:2]) >= 4 * SIDE:
        even = seen[: seen.shape[0] // 2 * 2, : seen.shape[1] // 2 * 2]
        half = (even.shape[1] // 2, even.shape[0] // 2)
        seen = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    return seen


def normal_view(seen: Pixels) -> Pixels:
    """Return `seen` without black frame, SIDE by SIDE, uint8 RGB; its shape does not count."""
    seen = _shrunk(seen)
    height, width = seen.shape[:2]
    glance = cv2.resize(seen, (_GLANCE, _GLANCE), interpolation=cv2.INTER_LINEAR)
    x0, y0, x1, y1 = content_box(np.asarray(cv2.cvtColor(glance, cv2.COLOR_RGB2GRAY), np.uint8))
    left, top = int(x0 * width), int(y0 * height)
    part = seen[top : max(top + 1, round(y1 * height)), left : max(left + 1, round(x1 * width))]
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _at_shares(values: Floats, shares: tuple[float, ...]) -> list[float]:
    """Return, for each share, the value below which that share of `values` lies."""
    ranks = [int(share * (len(values) - 1)) for share in shares]
    return [float(v) for v in np.partition(values, ranks)[ranks]]


def _colour(view: Pixels, luma: Floats, mask: NDArray[np.bool_]) -> list[float]:
    red, green, blue = (view[..., k][mask].astype(np.float32) for k in range(3))
    if len(red) < SIDE:
        return [0.0] * _N_COLOURS
    total = red + green + blue + 1
    warm, cold = (red - green) / total, (green - blue) / total
    lit = luma[mask]
    chroma = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    low, middle, high = (level / 255 for level in _at_shares(chroma, _CHROMA_SHARES))
    spread_lit = lit.std() + 1
    with_light = [float(((lit - lit.mean()) * (x - x.mean())).mean() / spread_lit / 0.05)
                  for x in (warm, cold)]  # fmt: skip
    saturation = chroma / (np.maximum(np.maximum(red, green), blue) + 1)
    return [
        float(warm.mean()) * 10,
        float(cold.mean()) * 10,
        float(warm.std()) * 10,
        float(cold.std()) * 10,
        *with_light,
        low * 10,
        middle * 10,
        high * 10,
        float(saturation.mean()) * 5,
        float(saturation.std()) * 5,
        float(np.log(middle + 0.01)),
        float(np.log(high + 0.01)),
        float(((warm - warm.mean()) * (cold - cold.mean())).mean()) * 1000,
        *(level * 10 for x in (warm, cold) for level in _at_shares(x, _ENDS)),
    ]


def _spread(values: Floats) -> float:
    return float(cv2.meanStdDev(values)[1][0, 0])


def _alike(luma: Floats, turned: Floats, mean: float, spread: float) -> float:
    """Return the correlation of a picture with itself, turned round."""
    together = float((luma * turned).mean())
    return (together - mean * mean) / (spread * spread + 1)


def _layout(luma: Floats, mask: NDArray[np.bool_]) -> list[float]:
    mean, spread = float(cv2.mean(luma)[0]) + _TINY, _spread(luma)
    sums = np.bincount(_RING_OF.ravel(), luma.ravel(), minlength=len(_RINGS) - 1)
    rings = sums / np.maximum(_RING_SIZES, 1) / (mean + 1)
    third = SIDE // 3
    rows = [float(luma[n * third : (n + 1) * third].mean()) / mean for n in range(3)]
    columns = [float(luma[:, n * third : (n + 1) * third].mean()) / mean for n in range(3)]
    return [
        float(mask.mean()),
        *[float(r) for r in rings],
        *rows,
        *columns,
        _alike(luma, luma[:, ::-1], mean, spread),
        _alike(luma, luma[::-1], mean, spread),
    ]


def _fineness(luma: Floats) -> list[float]:
    """Return energy, peakedness and lopsidedness of each band of a Laplacian pyramid."""
    spread = _spread(luma) + 1
    made = []
    for _ in range(_BANDS):
        coarse = cv2.pyrDown(luma)
        band = luma - cv2.pyrUp(coarse)
        deviation = _spread(band) + _TINY
        peak = cv2.norm(band, cv2.NORM_L1) / band.size / deviation
        lean = cv2.mean(band * band * band)[0] / deviation**3 / 3
        made += [float(np.log(deviation / spread)), peak, lean]
        luma = np.asarray(coarse, np.float32)
    return made


def _directions(luma: Floats) -> list[float]:
    made = []
    for side in (SIDE, SIDE // 3):
        part = (
            luma if side == SIDE else cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA)
        )
        dx, dy = cv2.Sobel(part, cv2.CV_32F, 1, 0), cv2.Sobel(part, cv2.CV_32F, 0, 1)
        size, angle = cv2.cartToPolar(dx, dy)
        bins = (angle * (2 * _DIRECTIONS / (2 * np.pi)) + 0.5).astype(np.int64) % _DIRECTIONS
        held = np.bincount(bins.ravel(), size.ravel(), minlength=_DIRECTIONS)
        made += [float(x) for x in held / (held.sum() + _TINY) * 4]
        made.append(float(np.log(size.mean() / (luma.std() + 1) + _TINY)))
    return made


def _patterns(luma: NDArray[np.uint8]) -> list[float]:
    made = []
    for step in _LBP_STEPS:
        part = luma if step == 1 else cv2.resize(luma, (SIDE // step, SIDE // step),
                                                 interpolation=cv2.INTER_AREA)  # fmt: skip
        side = part.shape[0]
        levels = part.astype(np.int16)
        centre = levels[1:-1, 1:-1] + _LBP_NOISE
        pattern = np.zeros(centre.shape, np.uint8)
        for bit, (y, x) in enumerate(_NEIGHBOURS):
            near = levels[1 + y : side - 1 + y, 1 + x : side - 1 + x]
            pattern |= (near >= centre).astype(np.uint8) << np.uint8(bit)
        shares = np.bincount(_UNIFORM[pattern].ravel(), minlength=10) / pattern.size
        made += [float(x) for x in np.sqrt(shares)]
    return made


def features_of(seen: Pixels) -> Floats:
    """Return the features of `seen` (uint8 [h, w, 3], RGB), float32 [n].

    Looks at 64 x 64 pixels of what is not black frame, so neither size, nor frame, nor the
    camera's noise counts for much.
    """
    view = normal_view(seen)
    levels = np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8)
    luma = levels.astype(np.float32)
    mask = levels > _DARK
    shares = np.sort(levels, axis=None)[_RANKS] / 255
    return np.array(
        [
            *(float(s) for s in shares),
            *_colour(view, luma, mask),
            *_layout(luma, mask),
            *_fineness(luma),
            *_directions(luma),
            *_patterns(levels),
        ],
        np.float32,
    )

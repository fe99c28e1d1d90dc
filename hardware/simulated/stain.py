"""How one smear took its stain, and the lamp and lens that it is seen with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
Densities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stain:
    """Colours of one smear; each part as optical density (natural log) for red, green, blue.

    Attributes:
        lamp: The empty field as the camera sees it at 100 % lamp, 0 to 255.
        chromatin: How strongly the light strands in a nucleus show, 0 to 1.
        softness_px: Blur of lens and camera in focus, one sigma.
    """

    lamp: Colour
    red_cell: Colour
    cytoplasm: Colour
    nucleus: Colour
    granule: Colour
    eosin: Colour
    platelet: Colour
    chromatin: float
    softness_px: float


# Two ends that public smears span: a cream slide scanner, and a grey student microscope.
CREAM = Stain(
    lamp=(254.0, 229.0, 204.0),
    red_cell=(0.20, 0.31, 0.20),
    cytoplasm=(0.13, 0.15, 0.02),
    nucleus=(1.20, 2.0, 0.48),
    granule=(0.16, 0.36, 0.10),
    eosin=(0.24, 0.72, 0.46),
    platelet=(0.60, 1.35, 0.40),
    chromatin=0.9,
    softness_px=0.7,
)
GREY = Stain(
    lamp=(205.0, 211.0, 201.0),
    red_cell=(0.155, 0.36, 0.30),
    cytoplasm=(0.10, 0.27, 0.01),
    nucleus=(0.74, 1.3, 0.06),
    granule=(0.12, 0.26, 0.06),
    eosin=(0.10, 0.52, 0.28),
    platelet=(0.50, 0.62, 0.02),
    chromatin=0.35,
    softness_px=1.0,
)


def stain_of(seed: int) -> Stain:
    """Return the look of the smear `seed`: between the two ends, never far outside them."""
    rng = np.random.default_rng((seed, 1))
    share = float(rng.beta(0.7, 0.7))
    strength = float(rng.uniform(0.85, 1.15))
    dim = float(rng.uniform(0.93, 1.0))

    def part(cream: Colour, grey: Colour, scale: float, spread: float) -> Colour:
        own = rng.uniform(1 - spread, 1 + spread, 3) * scale
        mixed = ((1 - share) * np.array(cream) + share * np.array(grey)) * own
        return float(mixed[0]), float(mixed[1]), float(mixed[2])

    return Stain(
        lamp=part(CREAM.lamp, GREY.lamp, dim, 0.012),
        red_cell=part(CREAM.red_cell, GREY.red_cell, strength, 0.05),
        cytoplasm=part(CREAM.cytoplasm, GREY.cytoplasm, strength, 0.1),
        nucleus=part(CREAM.nucleus, GREY.nucleus, strength, 0.06),
        granule=part(CREAM.granule, GREY.granule, strength, 0.1),
        eosin=part(CREAM.eosin, GREY.eosin, strength, 0.08),
        platelet=part(CREAM.platelet, GREY.platelet, strength, 0.08),
        chromatin=(1 - share) * CREAM.chromatin + share * GREY.chromatin,
        softness_px=(1 - share) * CREAM.softness_px + share * GREY.softness_px,
    )


def stained(amount: Densities, colour: Colour) -> Densities:
    """Return `amount` [h, w] of a dye as densities [h, w, 3]."""
    return amount[..., None] * np.asarray(colour, np.float32)

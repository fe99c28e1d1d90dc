"""The microscope's lamp, lens and camera: from densities to the pixels of a frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from hardware.simulated.stain import Stain

Light = NDArray[np.float32]

# A real 100x lens blurs about seven times faster; this one can be focused by hand.
BLUR_PX_PER_UM = 2.5
READ_VARIANCE = np.float32(0.3)
SHOT_VARIANCE = np.float32(0.006)
NOISE_ROOM = 96  # each frame takes its noise from another corner of a larger plate
JPEG_QUALITY = 90


class Optics:
    """Lamp, lens and camera of one microscope; `seed` decides their faults."""

    def __init__(self, seed: int, stain: Stain, size: tuple[int, int]) -> None:
        self._softness_px = stain.softness_px
        self._lamp = lamp_field(np.random.default_rng((seed, 6)), stain, size)

    def light(self, densities: NDArray[np.float32], focus_um: float) -> Light:
        """Return the light [h, w, 3] on the camera at 100 % lamp, 0 to 255 and beyond."""
        passed = self._lamp * np.exp(-densities)
        soft = cv2.GaussianBlur(passed, (0, 0), self._softness_px)
        radius = abs(focus_um) * BLUR_PX_PER_UM
        if radius < 0.5:
            return np.asarray(soft, np.float32)
        edge = cv2.BORDER_REFLECT_101
        return np.asarray(cv2.filter2D(soft, -1, disc(radius), borderType=edge), np.float32)


class Camera:
    """Turns light into frames, each with noise of its own."""

    def __init__(self, seed: int, size: tuple[int, int]) -> None:
        self._rng = np.random.default_rng((seed, 7))
        width, height = size
        shape = (height + NOISE_ROOM, width + NOISE_ROOM, 3)
        self._noise = self._rng.standard_normal(shape, np.float32)

    def exposed(self, light: Light, lamp_percent: float) -> Pixels:
        """Return one frame: noise of light and camera, clipped at white, squeezed as MJPEG."""
        height, width = light.shape[:2]
        x, y = self._rng.integers(NOISE_ROOM, size=2).tolist()
        bright = light * np.float32(lamp_percent / 100)
        grain = np.sqrt(READ_VARIANCE + SHOT_VARIANCE * bright)
        grain *= self._noise[y : y + height, x : x + width]
        grain += bright
        frame = cv2.convertScaleAbs(np.maximum(grain, 0))
        squeezed = cv2.imencode(".jpg", frame[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
        unpacked = cv2.imdecode(squeezed[1], cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(unpacked, np.uint8)[..., ::-1])


def disc(radius: float) -> NDArray[np.float32]:
    """Return a round kernel with a soft edge: what a point becomes out of focus."""
    half = int(np.ceil(radius)) + 1
    line = np.arange(-half, half + 1)
    kernel = np.clip(radius + 0.5 - np.hypot(line, line[:, None]), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def lamp_field(rng: np.random.Generator, stain: Stain, size: tuple[int, int]) -> Light:
    """Return the empty field [h, w, 3]: vignette, a lamp off centre, and dust on the camera."""
    width, height = size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    across, down = rng.normal(0, 0.18, 2)
    fall = rng.uniform(0.03, 0.09)
    shade = 1.02 - fall * ((x - across) ** 2 + (y - down) ** 2)
    for _ in range(int(rng.integers(0, 4))):
        shade -= speck(rng, x, y)
    slope = rng.normal(0, 0.004, (2, 3)) + rng.normal(0, 0.01, (2, 1))
    tint = 1 + x[..., None] * slope[0] + y[..., None] * slope[1]
    return np.asarray(shade[..., None] * tint * np.asarray(stain.lamp), np.float32)


def speck(rng: np.random.Generator, x: Light, y: Light) -> Light:
    """Return the faint shadow of a grain of dust far out of focus."""
    cx, cy = rng.uniform(-0.95, 0.95, 2)
    size = rng.uniform(0.008, 0.02)
    away = np.hypot(x - cx, (y - cy) * 0.75) / size
    return np.asarray(rng.uniform(0.04, 0.14) * np.exp(-(away**2)), np.float32)

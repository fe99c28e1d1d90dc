"""What any camera and file format do to a picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def resampled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the picture as a camera of fewer pixels gives it."""
    h, w = pixels.shape[:2]
    f = rng.uniform(0.45, 0.85)
    small = cv2.resize(
        pixels, (max(8, int(w * f)), max(8, int(h * f))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), np.uint8)


def jpeg(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the picture after a JPEG file of poor or middling quality."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))]
    _, encoded = cv2.imencode(".jpg", pixels, quality)
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def sharpened(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the picture after a camera's sharpening."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.5)
    amount = rng.uniform(0.3, 1.0)
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0), np.uint8)

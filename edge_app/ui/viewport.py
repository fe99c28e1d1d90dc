"""Where an image lies in a view: scale and place, free of Qt."""

from dataclasses import dataclass

_CLOSEST = 32.0
NEAREST_BEYOND = 4.0


@dataclass(slots=True)
class Viewport:
    """Maps image pixels to view pixels: view = image * scale + offset."""

    scale: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    is_fitted: bool = True
    fit_scale: float = 1.0

    def fit(self, view: tuple[float, float], image: tuple[int, int]) -> None:
        """Show the whole image, centred."""
        self.fit_scale = self.scale = max(1e-3, min(view[0] / image[0], view[1] / image[1]))
        self.dx = (view[0] - image[0] * self.scale) / 2
        self.dy = (view[1] - image[1] * self.scale) / 2
        self.is_fitted = True

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Change the scale; the pixel under (x, y) of the view stays where it is."""
        wanted = min(max(self.scale * factor, self.fit_scale), max(_CLOSEST, self.fit_scale))
        self.dx = x - (x - self.dx) * wanted / self.scale
        self.dy = y - (y - self.dy) * wanted / self.scale
        self.scale = wanted
        self.is_fitted = False

    def pan(self, x: float, y: float) -> None:
        """Move the image by view pixels."""
        self.dx += x
        self.dy += y
        self.is_fitted = False

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Return where an image point lies in the view."""
        return x * self.scale + self.dx, y * self.scale + self.dy

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Return which image point lies at a point of the view."""
        return (x - self.dx) / self.scale, (y - self.dy) / self.scale


def scale_bar(spacing_mm: float, scale: float, widest_px: float) -> tuple[float, float]:
    """Return a round length in mm that is at most `widest_px` long, and its length in pixels."""
    px_per_mm = scale / spacing_mm
    length = 1e-6
    for decade in range(-6, 4):
        for step in (1.0, 2.0, 5.0):
            candidate = step * 10.0**decade
            if candidate * px_per_mm <= widest_px:
                length = candidate
    return length, length * px_per_mm


def length_words(length_mm: float) -> str:
    """Return a length with the unit that suits it."""
    if length_mm < 0.001:
        return f"{length_mm * 1e6:g} nm"
    return f"{length_mm * 1000:g} \u00b5m" if length_mm < 1 else f"{length_mm:g} mm"

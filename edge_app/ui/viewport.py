"""Where an image lies in a view: scale, place, turned and mirrored; free of Qt."""

from dataclasses import dataclass

_CLOSEST = 32.0
NEAREST_BEYOND = 4.0
QUARTERS = 4


@dataclass(slots=True)
class Viewport:
    """Maps image pixels to view pixels: turned clockwise, mirrored left to right, scaled, moved.

    Attributes:
        size: Of the image, in pixels.
        quarters: How often it is turned by a quarter, clockwise.
        is_mirrored: Whether it is then shown from behind.
    """

    scale: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    is_fitted: bool = True
    fit_scale: float = 1.0
    size: tuple[int, int] = (1, 1)
    quarters: int = 0
    is_mirrored: bool = False

    @property
    def turned_size(self) -> tuple[int, int]:
        """Width and height of the image as it is turned, in image pixels."""
        width, height = self.size
        return (height, width) if self.quarters % 2 else (width, height)

    @property
    def is_as_taken(self) -> bool:
        """Whether the image is neither turned nor mirrored."""
        return not self.quarters and not self.is_mirrored

    def fit(self, view: tuple[float, float], image: tuple[int, int]) -> None:
        """Show the whole image, centred."""
        self.size = image
        width, height = self.turned_size
        self.fit_scale = self.scale = max(1e-3, min(view[0] / width, view[1] / height))
        self.dx = (view[0] - width * self.scale) / 2
        self.dy = (view[1] - height * self.scale) / 2
        self.is_fitted = True

    def turn(self) -> None:
        """Turn what is seen by a quarter clockwise; `fit` puts it in its place."""
        step = -1 if self.is_mirrored else 1  # seen from behind, clockwise is the other way
        self.quarters = (self.quarters + step) % QUARTERS

    def mirror(self) -> None:
        """Change left and right of what is seen."""
        self.is_mirrored = not self.is_mirrored

    def as_taken(self) -> None:
        """Turn and mirror nothing any more."""
        self.quarters, self.is_mirrored = 0, False

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

    def _turned(self, x: float, y: float) -> tuple[float, float]:
        width, height = self.size
        for _ in range(self.quarters):
            x, y = height - y, x
            width, height = height, width
        return (width - x if self.is_mirrored else x), y

    def _unturned(self, x: float, y: float) -> tuple[float, float]:
        width, height = self.turned_size
        x = width - x if self.is_mirrored else x
        for _ in range(self.quarters):
            x, y = y, width - x
            width, height = height, width
        return x, y

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Return where an image point lies in the view."""
        x, y = self._turned(x, y)
        return x * self.scale + self.dx, y * self.scale + self.dy

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Return which image point lies at a point of the view."""
        return self._unturned((x - self.dx) / self.scale, (y - self.dy) / self.scale)


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

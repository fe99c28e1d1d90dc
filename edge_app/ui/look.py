"""How the window looks for whoever stands before it: colours, size of letters, size of keys."""

from dataclasses import dataclass

from edge_app.ui import tokens as t
from edge_app.ui.tokens import DARK, THEMES, Palette

PERCENTS = (100, 150, 200)
_GLOVED = "gloved"


@dataclass(frozen=True, slots=True)
class Look:
    """One choice of the three.

    Attributes:
        palette: One of `THEMES`.
        percent: How large letters are, of the usual size.
        is_gloved: Whether everything that is touched is larger, for hands in gloves.
    """

    palette: Palette = DARK
    percent: int = 100
    is_gloved: bool = False

    def letters_px(self, usual: int) -> int:
        """Return how high letters, or an icon beside them, are that are `usual` high at 100 %."""
        return round(usual * self.percent / 100)

    @property
    def touch_px(self) -> int:
        """What is touched is at least that large."""
        return t.GLOVED_PX if self.is_gloved else t.TOUCH_PX

    @property
    def written(self) -> str:
        """The choice in a few words, as `look_from` reads it."""
        return f"{self.palette.name}, {self.percent}{f', {_GLOVED}' if self.is_gloved else ''}"


USUAL = Look()


def look_from(written: str) -> Look:
    """Return the look that `written` means; what it does not say, or says wrongly, is usual."""
    said = [part.strip() for part in written.split(",")]
    palette = next((THEMES[name] for name in said if name in THEMES), DARK)
    percent = next((each for each in PERCENTS if str(each) in said), PERCENTS[0])
    return Look(palette, percent, _GLOVED in said)

"""The one file of sizes and colours; everything that is drawn takes them from here."""

from dataclasses import dataclass

BODY_PX = 16
LARGE_PX = 19
TITLE_PX = 23
VALUE_PX = 28

ICON_PX = 20
LARGE_ICON_PX = 24

SPACE_1 = 4
SPACE_2 = 8
SPACE_3 = 12
SPACE_4 = 16
SPACE_6 = 24

TOUCH_PX = 48
TOOL_LETTERS = 5.5  # how wide a tool is, in heights of its letters
GLOVED_PX = 64
PRIMARY_PX = 64
PANEL_PX = 400
PANEL_MOST_PX = 640
COLUMN_PX = 640
HEADER_PX = 72
FOOTER_PX = 88
RING_PX = 3

FONTS = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "DejaVu Sans")

# Okabe and Ito 2008, without its red, yellow and dark blue: alarms own the first two (IEC
# 60601-1-8), and dark blue is lost on a dark ground.
CLASS_COLOURS = ("#E69F00", "#56B4E9", "#2BC79A", "#CC79A7", "#FFFFFF")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as #RRGGBB."""

    name: str
    window: str
    surface: str
    raised: str
    pressed: str
    line: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_pressed: str
    on_accent: str
    focus: str
    image_room: str

    @property
    def for_images(self) -> "Palette":
        """The colours around and over a picture, which stands in the dark in a bright room too."""
        return DARK if self is LIGHT else self


DARK = Palette(
    name="dark",
    window="#14181D",
    surface="#1C2229",
    raised="#2A323C",
    pressed="#3A4552",
    line="#3A4552",
    text="#EEF1F4",
    muted="#AEB9C4",
    disabled="#8C98A4",
    accent="#2367B0",
    accent_pressed="#184C85",
    on_accent="#FFFFFF",
    focus="#9CC8F5",
    image_room="#0B0D10",
)

LIGHT = Palette(
    name="light",
    window="#F1F4F7",
    surface="#FFFFFF",
    raised="#E3E8ED",
    pressed="#C6CFD8",
    line="#7B8894",
    text="#14181D",
    muted="#46515C",
    disabled="#5C6872",
    accent="#1F5FA3",
    accent_pressed="#174A80",
    on_accent="#FFFFFF",
    focus="#14181D",
    image_room="#0B0D10",
)

HIGH_CONTRAST = Palette(
    name="high contrast",
    window="#000000",
    surface="#000000",
    raised="#000000",
    pressed="#404040",
    line="#FFFFFF",
    text="#FFFFFF",
    muted="#FFFFFF",
    disabled="#A0A0A0",
    accent="#FFFFFF",
    accent_pressed="#C0C0C0",
    on_accent="#000000",
    focus="#8FD0FF",
    image_room="#000000",
)

THEMES = {palette.name: palette for palette in (DARK, LIGHT, HIGH_CONTRAST)}

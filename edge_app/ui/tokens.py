"""The one file of sizes and colours; everything that is drawn takes them from here."""

from dataclasses import dataclass

BODY_PX = 16
LARGE_PX = 19
TITLE_PX = 23
VALUE_PX = 28

SPACE_1 = 4
SPACE_2 = 8
SPACE_3 = 12
SPACE_4 = 16
SPACE_6 = 24

TOUCH_PX = 48
ICON_PX = 20
TOOL_LETTERS = 5.5  # how wide a tool is, in heights of its letters
PRIMARY_PX = 64
PANEL_PX = 400
PANEL_MOST_PX = 560
BANNER_PX = 28
HEADER_PX = 72
FOOTER_PX = 88

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


DARK = Palette(
    name="dark",
    window="#14181D",
    surface="#1C2229",
    raised="#2A323C",
    pressed="#3A4552",
    line="#3A4552",
    text="#EEF1F4",
    muted="#AEB9C4",
    disabled="#76828E",
    accent="#2367B0",
    accent_pressed="#184C85",
    on_accent="#FFFFFF",
    focus="#9CC8F5",
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

"""Whether a window could be shown here."""

import os
import sys


def has_screen() -> bool:
    """Return whether there is a screen that a person could look at."""
    if sys.platform != "linux":
        return True
    if os.environ.get("QT_QPA_PLATFORM", "") in {"offscreen", "minimal"}:
        return False
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

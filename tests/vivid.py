"""The kernel's own simulated camera, where it is there: in `make test-vm`'s machine."""

from pathlib import Path

import pytest

from hardware.camera import knobs, places
from hardware.camera.structures import NEXT, ControlQuery, Request
from hardware.camera.video import Video
from hardware.camera.wire import Kernel

PLACE = "vivid-at-platform-vivid-000"


def is_here():
    """Return whether the kernel has it; nothing is opened for that."""
    names = Path("/sys/class/video4linux").glob("video*/name")
    return any(name.read_text().startswith("vivid") for name in names)


needed = pytest.mark.skipif(
    not is_here(), reason="this kernel has no vivid (run `make test-vm`, which brings one)"
)


class Injector:
    """A second handle to the camera, over which faults are injected; as `with` block."""

    def __enter__(self):
        kernel = Kernel()
        self._video = Video(kernel, places.at(PLACE, places.look(kernel)).node)
        self._numbers = dict(self._controls())
        return self

    def __exit__(self, *_):
        self._video.close()

    def _controls(self):
        """Yield name and number of every control; the driver itself passes over buttons."""
        said = ControlQuery(id=NEXT)
        while True:
            try:
                self._video.ask(Request.QUERYCTRL, said)
            except OSError:
                return
            yield knobs.plain_name(said), said.id
            said = ControlQuery(id=said.id | NEXT)

    def inject(self, name, value=1):
        """Press the button, or set the number, that vivid calls by this name."""
        self._video.set_value(self._numbers[name], value)

"""An X-ray panel without hardware: each exposure is the next of some DICOM films, in a loop."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Clock, DeviceInfo, DeviceState
from hardware.lent import Decode, Frame
from hardware.simulated.dicom_files import SHIPPED, frames_of, id_of, shipped
from hardware.simulated.stand_in import StandIn

DEVICE_KIND = "xray-panel"
FILMS = ("693_J2KI.dcm", "examples_overlay.dcm", "JPEG2000.dcm", "CT_small.dcm", "MR_small.dcm")
"""Grey films of other devices: pydicom ships no X-ray."""


def simulated_xray_panel(place: str, decode: Decode, clock: Clock) -> StandIn:
    """Return the panel over the films in the folder `place`, or pydicom's where it is "shipped"."""

    def begun() -> "Films":
        return Films(_films(place), decode)

    info = DeviceInfo(
        device_id=f"simulated-xray-panel-{id_of(place)}",
        kind=DEVICE_KIND,
        name="Simulated X-ray panel",
        driver="hardware.simulated.xray_panel",
        state=DeviceState.READY,
        capabilities=("stills",),
    )
    return StandIn(info, begun, clock)


def _films(place: str) -> Sequence[Path]:
    if place == SHIPPED:
        return [shipped(name) for name in FILMS]
    try:
        films = sorted(path for path in Path(place).iterdir() if path.is_file())
    except OSError:
        films = []
    if not films:
        raise ScannerUnavailableError(
            "The simulated X-ray panel has no films.", "Name a folder of DICOM files."
        )
    return films


class Films:
    """The first frame of each file, one an exposure."""

    def __init__(self, paths: Sequence[Path], decode: Decode) -> None:
        self._paths = paths
        self._decode = decode
        self._n_taken = 0

    def picture(self, knobs: Mapping[str, float]) -> Frame:
        """Return the next film; raises ScannerUnavailableError for one that cannot be read."""
        del knobs
        path = self._paths[self._n_taken % len(self._paths)]
        self._n_taken += 1
        return frames_of(path, self._decode)[0]

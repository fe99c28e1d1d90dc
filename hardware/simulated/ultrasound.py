"""An ultrasound device without hardware: plays a multi-frame DICOM file in a loop."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Clock, DeviceInfo, DeviceState
from hardware.lent import Decode, Frame, FrameRate
from hardware.simulated.dicom_files import SHIPPED, frames_of, id_of, shipped
from hardware.simulated.stand_in import StandIn

DEVICE_KIND = "ultrasound"
CLIP = "examples_ybr_color.dcm"
"""The one ultrasound clip that pydicom ships: 30 frames, 320 x 240."""
_RATE_WHERE_NONE_IS_SAID = 25.0


def simulated_ultrasound(
    place: str,
    decode: Decode,
    frame_rate: FrameRate,
    clock: Clock,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> StandIn:
    """Return the player of the file `place`, or of pydicom's clip where it is "shipped"."""

    def begun() -> "Clip":
        path = shipped(CLIP) if place == SHIPPED else Path(place)
        frames = frames_of(path, decode)
        if len(frames) < 2:
            raise ScannerUnavailableError(
                "The simulated ultrasound plays clips, and this file is none.", "Name another."
            )
        rate = frame_rate(path) or _RATE_WHERE_NONE_IS_SAID
        return Clip(frames, round(1e9 / rate), clock, sleep)

    info = DeviceInfo(
        device_id=f"simulated-ultrasound-{id_of(place)}",
        kind=DEVICE_KIND,
        name="Simulated ultrasound",
        driver="hardware.simulated.ultrasound",
        state=DeviceState.READY,
        capabilities=("live",),
    )
    return StandIn(info, begun, clock)


class Clip:
    """Frames in a loop, each at its beat; a beat that was missed is not made good."""

    def __init__(
        self, frames: Sequence[Frame], beat_ns: int, clock: Clock, sleep: Callable[[float], None]
    ) -> None:
        self._frames = frames
        self._beat_ns = beat_ns
        self._clock = clock
        self._sleep = sleep
        self._n_played = 0
        self._due_ns: int | None = None

    def picture(self, knobs: Mapping[str, float]) -> Frame:
        """Return the next frame of the clip; it has no knobs."""
        del knobs
        now_ns = self._clock.monotonic_ns()
        due_ns = now_ns if self._due_ns is None else max(now_ns, self._due_ns + self._beat_ns)
        if due_ns > now_ns:
            self._sleep((due_ns - now_ns) / 1e9)
        self._due_ns = due_ns
        frame = self._frames[self._n_played % len(self._frames)]
        self._n_played += 1
        return frame._replace(pixels=frame.pixels.copy())

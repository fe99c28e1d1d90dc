"""What the program lends to drivers, and what those share that get their pictures as files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from edge_app.domain.belonging import Belonging
from edge_app.domain.image import CapturedImage, Deep, Pixels
from edge_app.domain.patient import PatientRef
from edge_app.ports import Clock, Control, Scanner


class Frame(NamedTuple):
    """Pixels; their spacing in mm (down, right) where the file says it; the same in its own depth.

    Only grey pictures of more than 8 bits have that.
    """

    pixels: Pixels
    spacing_mm: tuple[float, float] | None = None
    deep: Deep | None = None

    @property
    def n_bytes(self) -> int:
        """How much memory it takes."""
        return self.pixels.nbytes + (self.deep.numbers.nbytes if self.deep else 0)


Decode = Callable[[Path], Iterator[Frame]]
"""Yields each frame of one file; raises an `EdgeAppError` for a file that it refuses."""

FrameRate = Callable[[Path], float | None]
"""Returns the frames a second that a file says it was made at, or None."""


Belongs = Callable[[BinaryIO], Belonging]
"""Returns what a received file says of whose it is; raises OSError."""


def nobody(_file: BinaryIO) -> Belonging:
    """Return that the file does not say whose it is."""
    return Belonging(PatientRef(""))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the program lends to drivers, and the choices and patience of the device's profile.

    Attributes:
        clock: Where times are read.
        decode: Reads files that are not trusted.
        choices: Settings in words; a driver refuses one that it does not know.
        frame_s: How long a frame may take before the device counts as gone; None where the
            profile leaves it to the driver.
        frame_rate: Says at how many frames a second a file was made.
        belongs: Reads of whose a received file is.
        opens: The store's own key to what was sealed for it while nobody was logged in; empty
            where nobody is, and for a device that seals nothing.
    """

    clock: Clock
    decode: Decode
    choices: Mapping[str, str] = field(default_factory=dict)
    frame_s: float | None = None
    frame_rate: FrameRate = lambda _path: None
    belongs: Belongs = nobody
    opens: bytes = field(default=b"", repr=False)


Builder = Callable[[str, Surroundings], Scanner]
"""Makes the driver of the device at a place; raises ScannerUnavailableError."""


class DeliversFiles:
    """The part that devices share whose pictures are files: numbered, and without knobs."""

    def __init__(self, device_id: str, clock: Clock) -> None:
        self._device_id = device_id
        self._clock = clock
        self._sequence = 0

    def _captured(self, frame: Frame) -> CapturedImage:
        """Return `frame` as the next picture of the device."""
        self._sequence += 1
        return CapturedImage(
            pixels=frame.pixels,
            device_id=self._device_id,
            sequence=self._sequence,
            captured_at=self._clock.now(),
            monotonic_ns=self._clock.monotonic_ns(),
            spacing_mm=frame.spacing_mm,
            deep=frame.deep,
        )

    def controls(self) -> Sequence[Control]:
        """Return no knobs: files have none."""
        return ()

    def adjust(self, name: str, value: float) -> None:
        """Refuse: files have no knobs.

        Raises:
            ValueError: Always.
        """
        message = f"no knob {name!r} that takes {value}; a device that delivers files has none"
        raise ValueError(message)

"""A device profile: what one model of device always is set to, and what nobody may turn."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.domain.patient import PatientRef
from edge_app.ports import (
    Control,
    Decision,
    DeviceInfo,
    OpenScanner,
    Scanner,
    Settles,
    SortsByPatient,
)
from hardware.light import Light, evened

_Number = TypeVar("_Number", np.uint8, np.uint16)
_LARGEST = 64 << 10
_SPACING_AGREES = 0.01
_REPAIR = "Correct the profile, or attach the device that it was written for."

_Millimetres = Annotated[float, msgspec.Meta(gt=0, le=100)]
_Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


class DeviceProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model of device.

    Attributes:
        kind: The driver, by its name in the catalogue.
        settings: Values of knobs, set whenever the device is taken.
        choices: Settings in words, such as a scanner's mode; the driver says which it takes.
        locked: Knobs that stay as the profile sets them.
        spacing_mm: Millimetres a pixel (down, right) as the device delivers its frames.
        mirrored: Frames are mirrored left to right, before they are turned.
        turned: Degrees clockwise that frames are turned by.
        colour: What the device delivers: RGB, BGR, or colour that means nothing.
        frame_s: How long a frame may take before the device counts as gone.
        spacing_measured: The day on which a technician measured `spacing_mm`.
        light: What a technician measured of lamp and lens; every frame is evened out by it.
    """

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    name: Annotated[str, msgspec.Meta(max_length=128)] = ""
    settings: dict[str, float] = {}
    choices: dict[str, str] = {}
    locked: tuple[str, ...] = ()
    spacing_mm: tuple[_Millimetres, _Millimetres] | None = None
    mirrored: bool = False
    turned: Literal[0, 90, 180, 270] = 0
    colour: Literal["rgb", "bgr", "grey"] = "rgb"
    frame_s: _Seconds | None = None
    spacing_measured: date | None = None
    light: Light | None = None


def profile_from(path: Path) -> DeviceProfile:
    """Return the profile in a TOML file.

    Raises:
        ScannerUnavailableError: It cannot be read, or is not valid.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ScannerUnavailableError("The device's profile is over 64 KiB.", _REPAIR)
        profile = msgspec.toml.decode(content, type=DeviceProfile)
    except OSError as error:
        what = f"The device's profile cannot be read: {error.strerror}."
        raise ScannerUnavailableError(what, "Look whether the file is there.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"The device's profile is not valid: {error}."
        raise ScannerUnavailableError(what, _REPAIR) from error
    unset = sorted(set(profile.locked) - set(profile.settings))
    if unset:
        what = f"The device's profile locks {unset[0]!r} and does not say where it stands."
        raise ScannerUnavailableError(what, "Give its value under [settings].")
    return profile


class ProfiledScanner:
    """A `Scanner` that is always set, turned and measured as its profile says."""

    def __init__(self, scanner: Scanner, profile: DeviceProfile) -> None:
        self._scanner = scanner
        self._profile = profile

    def info(self) -> DeviceInfo:
        """Return what the device is, under the profile's name."""
        found = self._scanner.info()
        return replace(found, name=self._profile.name or found.name)

    def open(self) -> AbstractContextManager[OpenScanner]:
        """Take the device and set it.

        Raises:
            ScannerUnavailableError: It cannot be taken, or lacks a knob, or does not reach a
                value, that the profile sets.
        """
        return self._opened()

    @contextmanager
    def _opened(self) -> Iterator[OpenScanner]:
        with self._scanner.open() as device:
            _ensure_set(device, self._profile)
            yield _OpenProfiled(device, self._profile)


class _OpenProfiled:
    def __init__(self, device: OpenScanner, profile: DeviceProfile) -> None:
        self._device = device
        self._profile = profile
        self._gain: NDArray[np.float32] | None = None

    def frame(self) -> CapturedImage | None:
        """Return the next frame as the profile has it, or None where there is none left."""
        image = self._device.frame()
        return None if image is None else as_profiled(self._evened(image), self._profile)

    def _evened(self, image: CapturedImage) -> CapturedImage:
        light = self._profile.light
        if light is None:
            return image
        if self._gain is None or self._gain.shape != image.pixels.shape:
            self._gain = light.gain(image.height, image.width)
        calibration = replace(image.calibration, light=light.measured)
        pixels = evened(image.pixels, self._gain)
        # Of a picture that was evened out, the device's own levels are another one.
        return replace(image, pixels=pixels, calibration=calibration, hash="", deep=None)

    def controls(self) -> Sequence[Control]:
        """Return the knobs that may be turned."""
        knobs = self._device.controls()
        return tuple(knob for knob in knobs if knob.name not in self._profile.locked)

    def adjust(self, name: str, value: float) -> None:
        """Turn a knob that is not locked; raises ScannerUnavailableError for one that is."""
        if name in self._profile.locked:
            what = f"{name!r} is locked by the device's profile."
            raise ScannerUnavailableError(what, "Have a technician change the profile.")
        self._device.adjust(name, value)

    def serve(self, patient: PatientRef) -> None:
        """Have what is of `patient` given first, by a device that can tell."""
        if isinstance(self._device, SortsByPatient):
            self._device.serve(patient)

    def settle(self, sequence: int, decision: Decision) -> None:
        """Say what was decided on a frame, to a device that wants to know."""
        if isinstance(self._device, Settles):
            self._device.settle(sequence, decision)


def as_profiled(image: CapturedImage, profile: DeviceProfile) -> CapturedImage:
    """Return the frame mirrored, turned, coloured and measured as the profile says.

    Raises:
        ScannerUnavailableError: The device says another spacing than the profile.
    """
    spacing = _spacing(image.spacing_mm, profile.spacing_mm)
    if spacing and profile.turned in {90, 270}:
        spacing = spacing[1], spacing[0]
    pixels = _turned(image.pixels, profile)
    deep = image.deep
    if deep is not None:
        deep = replace(deep, numbers=np.ascontiguousarray(_turned(deep.numbers, profile)))
    measured = profile.spacing_measured if profile.spacing_mm else None
    return replace(
        image,
        pixels=_coloured(pixels, profile.colour).copy(),
        spacing_mm=spacing,
        calibration=replace(image.calibration, spacing=measured),
        hash="",
        deep=deep,
    )


def _turned(values: NDArray[_Number], profile: DeviceProfile) -> NDArray[_Number]:
    mirrored = values[:, ::-1] if profile.mirrored else values
    return np.rot90(mirrored, -profile.turned // 90)


def _spacing(
    said: tuple[float, float] | None, written: tuple[float, float] | None
) -> tuple[float, float] | None:
    if said is None or written is None:
        return said or written
    if any(abs(a - b) > _SPACING_AGREES * b for a, b in zip(said, written, strict=True)):
        what = f"The device says {said} mm a pixel and its profile {written}."
        raise ScannerUnavailableError(what, _REPAIR)
    return said


def _coloured(pixels: Pixels, colour: str) -> Pixels:
    if colour == "bgr":
        return pixels[..., ::-1]
    if colour == "grey":
        mean = np.rint(pixels.mean(axis=2)).astype(np.uint8)
        return np.repeat(mean[..., None], 3, axis=2)
    return pixels


def _ensure_set(device: OpenScanner, profile: DeviceProfile) -> None:
    knobs = {knob.name: knob for knob in device.controls()}
    for name, value in profile.settings.items():
        if name not in knobs:
            what = f"The device has no knob {name!r}, which its profile sets."
            raise ScannerUnavailableError(what, _REPAIR)
        if not knobs[name].low <= value <= knobs[name].high:
            what = f"The device cannot set {name!r} to {value}, which its profile asks for."
            raise ScannerUnavailableError(what, _REPAIR)
        device.adjust(name, value)

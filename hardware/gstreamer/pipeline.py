"""Which pipelines may run, as the text that GStreamer builds them from.

A profile is a technician's file, and a bad one must neither write files nor send anything. So a
pipeline is taken apart here, only what stands in `ALLOWED` passes, and the end is always ours.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from edge_app.domain.error import ScannerUnavailableError
from hardware.gstreamer.place import Address, Login

_BASE, _GOOD = "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good"
_NVIDIA = "nvidia-l4t-gstreamer"
_LARGEST = 4096
_SINK = (
    " ! videoconvert ! video/x-raw,format=RGB,width=[1,8192],height=[1,8192]"
    " ! appsink name=out max-buffers=1 drop=true sync=false"
)
# Its reader never waits for the decoder, so pictures do not grow old in the network's memory.
_NEWEST = "queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0"
_RTSP = "rtspsrc name=source ! application/x-rtp,media=video ! decodebin"
_MJPEG = (
    "souphttpsrc name=source ! multipartdemux single-stream=true ! image/jpeg"
    f" ! {_NEWEST} ! jpegdec name=jpeg"
)
_NEEDS = {
    "rtsp": ("rtspsrc", "rtpbin", "rtpjpegdepay", "decodebin"),
    "http": ("souphttpsrc", "multipartdemux", "jpegdec"),
}
_OUT = ("videoconvert", "appsink")
_PACKAGES = {
    "rtspsrc": _GOOD, "rtpbin": _GOOD, "rtpjpegdepay": _GOOD, "souphttpsrc": _GOOD,
    "multipartdemux": _GOOD, "appsink": _BASE, "decodebin": _BASE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Allowed:
    package: str
    properties: frozenset[str] = frozenset()
    is_source: bool = False


def _source(package: str, *properties: str) -> _Allowed:
    return _Allowed(package, frozenset(properties), is_source=True)


def _step(package: str, *properties: str) -> _Allowed:
    return _Allowed(package, frozenset(properties))


ALLOWED: Mapping[str, _Allowed] = {
    "v4l2src": _source(_GOOD, "device", "io-mode", "norm", "pixel-aspect-ratio"),
    "videotestsrc": _source(_BASE, "is-live", "pattern", "num-buffers", "motion", "animation-mode"),
    "nvarguscamerasrc": _source(
        _NVIDIA, "sensor-id", "sensor-mode", "wbmode", "aelock", "awblock", "exposuretimerange",
        "gainrange", "ispdigitalgainrange", "tnr-mode", "ee-mode", "aeantibanding",
    ),
    "nvv4l2camerasrc": _source(_NVIDIA, "device"),
    "nvvidconv": _step(_NVIDIA, "flip-method", "left", "right", "top", "bottom"),
    "nvjpegdec": _step(_NVIDIA),
    "jpegdec": _step(_GOOD),
    "videoconvert": _step(_BASE),
    "videoscale": _step(_BASE, "method", "add-borders"),
    "videocrop": _step(_GOOD, "left", "right", "top", "bottom"),
    "deinterlace": _step(_GOOD, "mode", "method", "fields", "tff"),
    "queue": _step("libgstreamer1.0-0", "leaky", "max-size-buffers", "max-size-bytes",
                   "max-size-time"),
}  # fmt: skip
"""Elements of a profile's pipeline, with the properties that may be set; none keeps or sends."""

_WORD = r"[A-Za-z0-9_./:+-]+"
_VALUE = rf'(?:\([a-z]+\))?(?:{_WORD}|"{_WORD}(?: {_WORD})*")'
_SETTING = re.compile(rf"([a-z][a-z0-9-]*)=({_VALUE})")
_ELEMENT = re.compile(rf"[a-z0-9_]+(?: +[a-z][a-z0-9-]*={_VALUE})*")
_CAPS = re.compile(
    rf"(?:video|image)/[a-z0-9-]+(?:\(memory:[A-Za-z]+\))?(?:,[a-z][a-z-]*={_VALUE})*"
)
_PLACE = re.compile(r"[A-Za-z0-9_./:-]{1,128}")
HERE = "here"
_REPAIR = "Have a technician correct the device's profile."


@dataclass(frozen=True, slots=True)
class Plan:
    """A pipeline that may run.

    Attributes:
        text: For GStreamer; it ends in an appsink named `out`.
        source: Properties of the element `source`; a password stands nowhere else.
        elements: What this computer must have.
        jpegs: Names of the elements that read JPEG.
        stand_alone: Whether each picture is whole of itself, so that one after a gap is good.
    """

    text: str
    source: dict[str, str] = field(default_factory=dict, repr=False)
    elements: tuple[str, ...] = ()
    jpegs: tuple[str, ...] = ()
    stand_alone: bool = True


def plan_of_address(found: Address, login: Login | None, limit_s: float) -> Plan:
    """Return the pipeline for an address that is given up from outside after `limit_s`."""
    # Later than whoever waits: a time-out of GStreamer's own reads like a broken connection.
    patience_s = round(limit_s) + 5
    source = {"location": found.plain}
    if login:
        source |= {"user-id": login.user, "user-pw": login.password}
    needs = (*_NEEDS[found.scheme], *_OUT)
    if found.scheme == "rtsp":
        # Over TCP nothing is lost on the way, and no port is opened here.
        source |= {"protocols": "tcp", "latency": "0", "tcp-timeout": str(patience_s * 1_000_000)}
        return Plan(_RTSP + _SINK, source, needs, stand_alone=False)
    # A redirection would ask a computer that nobody named, and so would a proxy.
    source |= {"is-live": "true", "do-timestamp": "true", "retries": "0", "proxy": ""}
    source |= {"automatic-redirect": "false", "timeout": str(patience_s)}
    return Plan(_MJPEG + _SINK, source, needs, ("jpeg",))


def plan_of_pipeline(text: str, place: str) -> Plan:
    """Return the pipeline that a profile writes down, `{place}` filled in.

    Raises:
        ScannerUnavailableError: It holds what may not run, or the place does not fit it.
    """
    if len(text) > _LARGEST:
        raise _refused("is too long")
    steps = [_compact(step) for step in _placed(text, place).split("!")]
    checked = [_checked(step, number) for number, step in enumerate(steps)]
    elements = tuple(name for name, _ in checked if name)
    jpegs = tuple(f"jpeg{n}" for n, (name, _) in enumerate(checked) if name == "jpegdec")
    return Plan(" ! ".join(text for _, text in checked) + _SINK, {}, (*elements, *_OUT), jpegs)


def missing(plan: Plan, has: Callable[[str], bool]) -> ScannerUnavailableError | None:
    """Return the refusal for the first element that this computer lacks, or None."""
    for name in plan.elements:
        if not has(name):
            known = ALLOWED.get(name)
            package = known.package if known else _PACKAGES[name]
            return ScannerUnavailableError(
                f"This computer lacks a part of GStreamer for this device ({name}).",
                f"Have a technician install the package {package}.",
            )
    return None


def _placed(text: str, place: str) -> str:
    if "{place}" in text:
        if not _PLACE.fullmatch(place):
            raise ScannerUnavailableError(
                "What stands behind the profile's name does not fit its pipeline.",
                "Name a device file or a number, such as /dev/video0.",
            )
        return text.replace("{place}", place)
    if place != HERE:
        raise ScannerUnavailableError(
            "The device's profile says itself where the device is.",
            f"Write `{HERE}` behind the profile's name.",
        )
    return text


def _compact(step: str) -> str:
    step = " ".join(step.split())
    return re.sub(r" ?, ?", ",", step) if "/" in step.partition(" ")[0] else step


def _checked(step: str, number: int) -> tuple[str, str]:
    """Return the element's name, or "" for a kind of picture, and the text for it."""
    if number and _CAPS.fullmatch(step):
        return "", step
    name = step.partition(" ")[0]
    if not _ELEMENT.fullmatch(step):
        raise _refused(f"has a part that cannot be read, number {number + 1}")
    known = ALLOWED.get(name)
    if known is None or known.is_source != (number == 0):
        sources = ", ".join(sorted(n for n, a in ALLOWED.items() if a.is_source))
        raise _refused(
            f"may not use {name!r} as its part {number + 1}",
            f"It begins with one of: {sources}. Others: {', '.join(sorted(_steps()))}.",
        )
    unknown = sorted({key for key, _ in _SETTING.findall(step)} - known.properties)
    if unknown:
        raise _refused(f"may not set {unknown[0]!r} of {name!r}")
    return name, f"{step} name=jpeg{number}" if name == "jpegdec" else step


def _steps() -> Iterator[str]:
    return (name for name, allowed in ALLOWED.items() if not allowed.is_source)


def _refused(why: str, remedy: str = _REPAIR) -> ScannerUnavailableError:
    return ScannerUnavailableError(f"The pipeline of the device's profile {why}.", remedy)

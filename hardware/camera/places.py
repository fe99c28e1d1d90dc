"""Which cameras are attached, and a name of each that stays when it is plugged in again."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hardware.camera import structures as v4l2
from hardware.camera import trouble
from hardware.camera.video import Video, text
from hardware.camera.wire import Node, Wire

_NO_NAME = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A camera, where it is now.

    Attributes:
        name: What it calls itself.
        by_port: Its name by maker, model and the socket that it is plugged into.
        by_serial: Its name by maker, model and serial number; empty where it has none.
    """

    node: Node
    name: str
    by_port: str
    by_serial: str


def look(wire: Wire) -> tuple[Found, ...]:
    """Return the cameras that are attached.

    Raises:
        ScannerUnavailableError: This user may not ask one of the nodes what it is.
    """
    seen: Counter[str] = Counter()
    return tuple(_numbered(one, seen) for one in _asked(wire))


def places(found: tuple[Found, ...]) -> tuple[str, ...]:
    """Return a place for each: by serial number where one has it, else by socket."""
    having = Counter(one.by_serial for one in found)
    return tuple(
        one.by_serial if one.by_serial and having[one.by_serial] == 1 else one.by_port
        for one in found
    )


def at(place: str, found: tuple[Found, ...]) -> Found | None:
    """Return the camera at a place, or None where it is not there.

    Raises:
        ScannerUnavailableError: Two have the serial number that the place names.
    """
    meant = [one for one in found if place in {one.by_port, one.by_serial}]
    if len(meant) > 1:
        raise trouble.twins()
    return meant[0] if meant else None


def _asked(wire: Wire) -> Iterator[Found]:
    for node in wire.nodes():
        try:
            capability = _capability(wire, node)
        except OSError as error:
            if trouble.is_forbidden(error):
                raise trouble.refusal(error) from error
            continue  # it vanished meanwhile, or is no camera that answers
        if _is_camera(capability):
            yield _found(node, capability)


def _capability(wire: Wire, node: Node) -> v4l2.Capability:
    video = Video(wire, node)
    try:
        return video.capability()
    finally:
        video.close()


def _is_camera(capability: v4l2.Capability) -> bool:
    """Return whether pictures come out of it; a camera's other nodes hold its measurements."""
    can = int(capability.capabilities)
    if can & v4l2.SAYS_DEVICE_CAPS:
        can = int(capability.device_caps)
    return can & v4l2.CAN_CAPTURE != 0 and can & v4l2.CAN_STREAM != 0


def _found(node: Node, capability: v4l2.Capability) -> Found:
    usb, name, port = node.usb, _name(text(capability.card)), text(capability.bus_info)
    model = f"{usb.vendor}-{usb.product}" if usb else name
    serial = f"{model}-{usb.serial}" if usb and usb.serial else ""
    return Found(node, name, plain(f"{model}-at-{port}"), plain(serial))


def _name(card: str) -> str:
    """Return a name without its repetition: uvcvideo says "Camera X: Came" where it has room."""
    name, _, again = card.partition(": ")
    return name if name.startswith(again) else card


def _numbered(one: Found, seen: Counter[str]) -> Found:
    """Return a camera's second picture node, such as its infrared one, under a name of its own."""
    seen[one.by_port] += 1
    count = seen[one.by_port]
    if count == 1:
        return one
    by_serial = f"{one.by_serial}-{count}" if one.by_serial else ""
    return Found(one.node, one.name, f"{one.by_port}-{count}", by_serial)


def plain(name: str) -> str:
    """Return a name that can stand in the name of a file."""
    return _NO_NAME.sub("-", name).strip("-")

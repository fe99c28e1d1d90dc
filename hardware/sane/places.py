"""Where a scanner is: a name that is the same after it was unplugged, and SANE's of today.

SANE names a USB scanner by the number that the bus gave it when it was plugged in, such as
`genesys:libusb:001:004`; the next plug is another number. Its place here says maker, model and
serial number instead, or the socket where it has none: `genesys:usb-04a9-190d-KJ7701`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_DEVICES = Path("/sys/bus/usb/devices")
_TODAY = re.compile(r"libusb:(\d{3}):(\d{3})$")
_STEADY = re.compile(r"usb-[0-9a-f]{4}-[0-9a-f]{4}-[^:]+$")
_NO_NAME = re.compile(r"[^A-Za-z0-9.]+")


def steady(name: str, devices: Path = _DEVICES) -> str:
    """Return the place of the device that SANE calls `name` now."""
    today = _TODAY.search(name)
    if today:
        number = int(today[1]), int(today[2])
        for bus, device, lasting in _attached(devices):
            if (bus, device) == number:
                return name[: today.start()] + lasting
    return name


def name_today(place: str, devices: Path = _DEVICES) -> str | None:
    """Return what SANE calls the device at `place` now, or None where it is not plugged in."""
    lasting = _STEADY.search(place)
    if not lasting:
        return place
    for bus, device, found in _attached(devices):
        if found == lasting[0]:
            return f"{place[: lasting.start()]}libusb:{bus:03d}:{device:03d}"
    return None


def backend(place: str) -> str:
    """Return the name of the back end that serves `place`."""
    return place.partition(":")[0]


def host(place: str) -> str:
    """Return the computer that serves a place of the network back end, `net:HOST:NAME`."""
    rest = place.partition(":")[2]
    return rest.partition("]")[0] + "]" if rest.startswith("[") else rest.partition(":")[0]


def _attached(devices: Path) -> Iterator[tuple[int, int, str]]:
    """Yield bus, number and lasting name of each USB device."""
    for folder in sorted(devices.glob("*")):
        said = {name: _line(folder / name) for name in ("busnum", "devnum", "idVendor")}
        if all(said.values()):
            which = _NO_NAME.sub("-", _line(folder / "serial")) or f"at-{folder.name}"
            lasting = f"usb-{said['idVendor']}-{_line(folder / 'idProduct')}-{which}"
            yield int(said["busnum"]), int(said["devnum"]), lasting


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # it was unplugged while we looked, or has no such line
        return ""

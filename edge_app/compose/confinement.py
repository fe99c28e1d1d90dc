"""Where bubblewrap may stand around a detector's process."""

from pathlib import Path

from edge_app.inference.choice import AUTO
from edge_app.isolation.bubblewrap import Enclosure

_ACCELERATORS = ("nvidiactl", "nvmap", "nvhost-*", "nvgpu", "kfd", "accel", "dri/renderD*")


def enclosure_for(package: Path, provider: str, devices: Path = Path("/dev")) -> Enclosure | None:
    """Return what stands around a detector that reads `package` on `provider`.

    None where an accelerator may be used: bubblewrap would hide its device files from it.
    """
    may_be_used = provider != AUTO or any(any(devices.glob(name)) for name in _ACCELERATORS)
    return None if provider != "cpu" and may_be_used else Enclosure(package)

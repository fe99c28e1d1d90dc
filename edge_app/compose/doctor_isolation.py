"""Which layers of the sandbox stand around the workers on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_app.compose.confinement import enclosure_for
from edge_app.compose.packages import DEFAULT
from edge_app.inference.choice import AUTO
from edge_app.isolation.bubblewrap import NAME as BUBBLEWRAP
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.sandbox import Layer
from edge_app.settings import Settings

_COME_UP_S = 15.0

_CAPTURE = "edge_app.compose.capture_worker"
_MICROSCOPE = ("7", '{"kind": "microscope"}')  # place and device profile


@dataclass(frozen=True, slots=True)
class ConfinedWorker:
    """One kind of worker, what confines it here, and what to do where something is missing."""

    name: str
    found: str
    remedy: str = ""


def confined_workers(settings: Settings) -> Iterator[ConfinedWorker]:
    """Start one worker of each kind, ask it nothing, and yield what it said of its sandbox."""
    folder = settings.packages_dir / DEFAULT
    detecting = (str(folder), AUTO, AUTO, "", str(settings.data_dir))
    enclosure = enclosure_for((folder, settings.selftests_dir), AUTO)
    yield _looked_at("detector", Child("edge_app.compose.detector_worker", detecting, enclosure))
    yield _looked_at("capture", Child(_CAPTURE, _MICROSCOPE))


def _looked_at(name: str, child: Child) -> ConfinedWorker:
    try:
        layers = child.come_up(_COME_UP_S)
    except ChildLostError as error:
        return ConfinedWorker(name, f"it does not come up: {error}", "Install the program again.")
    finally:
        child.close()
    return ConfinedWorker(name, _words(layers), _remedy(layers))


def _words(layers: tuple[Layer, ...]) -> str:
    held = [f"{x.name} ({x.words})" if x.words else x.name for x in layers if x.in_force]
    absent = [f"{x.name} ({x.words})" for x in layers if not x.in_force]
    return ", ".join(held) + (f"; without {', '.join(absent)}" if absent else "")


def _remedy(layers: tuple[Layer, ...]) -> str:
    """Return what to do; bubblewrap is an extra around layers that hold without it."""
    absent = [x.name for x in layers if not x.in_force and x.name != BUBBLEWRAP]
    return f"Update this machine's kernel: it lacks {', '.join(absent)}." if absent else ""

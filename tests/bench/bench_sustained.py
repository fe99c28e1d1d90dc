"""`python -m tests.bench.bench_sustained PEER`: one camera for ten minutes, in figures.

The device is held by a process of its own, as in the program, and asked for frame after frame.
Prints what came, and what memory the processes hold after a tenth of the time and at the end. Gates
nothing.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from edge_app.compose.devices import scanners
from edge_app.domain.freshness import FrameGuard, Freshness, habits_of
from edge_app.ports import Scanner
from tests import genicam_peer
from tests.peers.rtsp_server import rtsp_device


@contextmanager
def a_gige_camera(folder: Path) -> Iterator[Scanner]:
    """Yield Aravis' simulated camera at the 25 frames a second that it starts with."""
    with genicam_peer.its_turn() as camera:
        camera.plug()
        yield genicam_peer.a_camera(folder)


@contextmanager
def an_rtsp_camera(folder: Path) -> Iterator[Scanner]:
    """Yield a camera behind gst-rtsp-server at 30 frames a second; `folder` is not needed."""
    del folder
    with rtsp_device() as name:
        yield scanners([name])[0]


PEERS = {"genicam": a_gige_camera, "rtsp": an_rtsp_camera}
"""What starts a peer and yields the device that reaches it; ends the peer afterwards."""


def resident_mib() -> dict[str, float]:
    """Return the memory of this process and of the device's."""
    pids = {"program": os.getpid()}
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in listed.read_text().split():
            if b"capture_worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                pids["device"] = int(pid)
    page_mib = os.sysconf("SC_PAGE_SIZE") / 2**20
    return {
        who: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page_mib
        for who, pid in pids.items()
    }


def run(scanner: Scanner, seconds: float):
    """Return verdicts of all frames, the last frame, the seconds they took, and both memories."""
    info = scanner.info()
    guard, verdicts, early = (
        FrameGuard(info.device_id, habits_of(info.capabilities)),
        Counter(),
        None,
    )
    with scanner.open() as device:
        device.frame()
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            frame = device.frame()
            verdicts[guard.judged(frame, time.monotonic_ns())] += 1
            if early is None and passed > seconds / 10:
                early = resident_mib()
        return verdicts, frame, passed, early, resident_mib()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--seconds", type=float, default=600)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, PEERS[asked.peer](Path(folder)) as scanner:
        verdicts, last, passed, early, late = run(scanner, asked.seconds)
    frames = verdicts.total()
    table = Table("what", "value")
    table.add_row("frames", str(frames))
    table.add_row("of them not fresh", str(frames - verdicts[Freshness.FRESH]))
    table.add_row("dropped", str(last.dropped))
    table.add_row("frames a second", f"{frames / passed:.2f}")
    for who in late:
        grown = late[who] - early[who]
        held = f"{early[who]:.1f} -> {late[who]:.1f} ({grown:+.1f})"
        table.add_row(f"MiB of the {who}, 10 % -> end", held)
    console = Console(width=100)
    console.print(table)
    console.print(f"{passed:.0f} s, {last.width} x {last.height}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

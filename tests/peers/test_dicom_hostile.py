"""Hostile peers are cut in time, and a good one is answered all the while."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.dicom_clinic import (
    Identity,
    Receiver,
    Site,
    a_peer,
    a_site,
    a_tls_site,
    receiving,
)
from tests.peers.dicom_wire import (
    RELEASE,
    association_request,
    connected,
    echo_request,
    received,
    status_of,
)
from tests.peers.hostile_peers import ROGUES, ROUNDS

SECONDS = float(os.environ.get("EDGE_APP_HOSTILE_S", "30"))
"""The long form is an hour: 3600."""


def echoed(site: Site, modality: Identity | None) -> float:
    """Return how long a good C-ECHO took, from the connection to the answer.

    In this process: to start a program takes longer than to be answered.
    """
    begin = time.monotonic()
    with connected(site, modality) as wire:
        wire.sendall(association_request())
        assert received(wire)[0] == 2
        wire.sendall(echo_request())
        assert status_of(received(wire)[1]) == 0
        took = time.monotonic() - begin
        wire.sendall(RELEASE)
        assert received(wire)[0] == 6
    return took


def memory_mib(receiver: Receiver) -> float:
    """Return the resident memory of guard and worker."""
    pages = [
        int(Path(f"/proc/{process}/statm").read_text().split()[1])
        for process in (receiver.process.pid, receiver.worker)
    ]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def a_plain_site(folder: Path) -> tuple[Site, Identity | None]:
    rogues = [
        a_peer(name=title, ae_title=title, address=address, plain=True)
        for address, title in ROGUES.items()
    ]
    return a_site(folder, a_peer(plain=True), *rogues), None


def a_site_with_tls(folder: Path) -> tuple[Site, Identity | None]:
    """Return one where hostile peers send from listed addresses, and have no certificate."""
    rogues = [
        a_peer(name=title, ae_title=title, address=address, fingerprint="0a" * 32)
        for address, title in ROGUES.items()
    ]
    made = a_tls_site(folder, *rogues)
    return made.site, made.modality


IN_FULL = SECONDS > 60


@pytest.mark.slow
@pytest.mark.parametrize("a_clinic", [a_plain_site, *([a_site_with_tls] if IN_FULL else [])])
def test_a_good_modality_is_answered_while_hostile_peers_are_cut(
    tmp_path: Path, a_clinic: Callable[[Path], tuple[Site, Identity | None]]
) -> None:
    site, modality = a_clinic(tmp_path)
    assert len([kind for kind, _, _ in ROUNDS if kind == "slow"]) == 64
    assert len([kind for kind, _, _ in ROUNDS if kind.startswith("giant")]) == 64
    with receiving(site) as receiver:
        calm = statistics.median(echoed(site, modality) for _ in range(20))
        worker, before = receiver.worker, memory_mib(receiver)
        took, memory = [], []
        with subprocess.Popen(
            [sys.executable, "-m", "tests.peers.hostile_peers",
             str(receiver.site.port), str(SECONDS)],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        ) as hostile:  # fmt: skip
            while hostile.poll() is None:
                try:
                    took.append(echoed(site, modality))
                except AssertionError as error:
                    hostile.kill()
                    raise AssertionError(receiver.said) from error
                memory.append(memory_mib(receiver))
                time.sleep(0.1)
            told = json.loads(hostile.stdout.read())
        p95 = statistics.quantiles(took, n=20)[-1]
        growth = max(memory) - before
        print(f"{len(took)} echoes, p95 {p95:.3f} s, calm {calm:.3f} s, +{growth:.0f} MiB, {told}")  # noqa: T201

        assert receiver.worker == worker
        assert len(took) > (SECONDS if IN_FULL else 3)
        assert p95 < (1 if IN_FULL else 10)  # the short form runs on whatever machine, however busy
        assert growth < 64
        assert told["never cut"] == []
        assert set(told["longest"]) == {kind for kind, _, _ in ROUNDS}
        assert max(told["longest"].values()) <= (30 if IN_FULL else 60)

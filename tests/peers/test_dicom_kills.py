"""A receiver that is killed while modalities send has lost nothing that it acknowledged."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from hardware.dicom_receiver.whole import ensure_whole
from tests.faults.test_sync_order import strace_refusal
from tests.peers.dicom_clinic import (
    MISSING,
    OURS,
    THEIRS,
    WHY_SKIPPED,
    Receiver,
    Site,
    a_peer,
    a_site,
    receiving,
)
from tests.peers.dicom_objects import PLAIN, announced, opened, renumbered, shipped
from tests.peers.dicom_wire import connected, stored

KILLS = int(os.environ.get("EDGE_APP_DICOM_KILLS", "8"))
"""The long form is 300."""
OBJECTS, ENLARGED = 12, 400_000
KILLS_A_SPOOL = 20


def storing(site: Site, files: list[Path]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["storescu", "-v", "-to", "10", "-aec", OURS, "-aet", THEIRS, "127.0.0.1",
         str(site.port), *map(str, files)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip


def heard(sender: "subprocess.Popen[str]", count: int) -> tuple[str, float]:
    """Return what the modality said up to so many acknowledgements, and how long each took."""
    said, begin = "", time.monotonic()
    while said.count("Store Response") < count and (line := sender.stdout.readline()):
        said += line
    return said, (time.monotonic() - begin) / count


def acknowledged(said: str, files: list[Path]) -> list[Path]:
    """Return the files that a modality was told to be safe: it sends them in their order."""
    answers = re.findall(r"Received Store Response \((.*)\)", said)
    assert set(answers) <= {"Success"}
    return files[: len(answers)]


def kept_pixels(site: Site) -> dict[str, bytes]:
    """Return the pixels of each kept object by its UID; each must be whole."""
    found = {}
    for path in site.unsealed:
        with path.open("rb") as file:
            ensure_whole(file, announced(path))
        ds = opened(path)
        assert str(ds.SOPInstanceUID) not in found
        found[str(ds.SOPInstanceUID)] = ds.PixelData
    return found


def lost(site: Site, files: list[Path]) -> list[str]:
    kept = kept_pixels(site)
    sent = {str(opened(path).SOPInstanceUID): opened(path).PixelData for path in files}
    return [uid for uid, pixels in sent.items() if kept.get(uid) != pixels]


@pytest.mark.skipif(bool(MISSING), reason=WHY_SKIPPED)
def test_nothing_acknowledged_is_lost_when_the_receiver_is_killed(tmp_path: Path) -> None:
    draw = random.Random(11)  # noqa: S311  no secret
    safe: list[Path] = []
    cut_short = total = 0
    for number in range(KILLS):
        folder = tmp_path / f"spool-{number // KILLS_A_SPOOL}"
        if number % KILLS_A_SPOOL == 0:
            safe = []
            site = a_site(folder, a_peer(plain=True))
        objects = tmp_path / f"objects-{number}"
        objects.mkdir()
        files = renumbered(PLAIN, objects, OBJECTS, ENLARGED)
        with receiving(site) as receiver:
            victim = draw.choice((receiver.process.pid, receiver.worker))
            sender = storing(site, files)
            said, object_s = heard(sender, draw.randrange(1, OBJECTS - 2))
            time.sleep(draw.random() * object_s)
            os.kill(victim, signal.SIGKILL)
            said += sender.communicate(timeout=60)[0]
        promised = acknowledged(said, files)
        cut_short += 0 < len(promised) < OBJECTS
        total += len(promised)
        safe += promised
        assert lost(site, safe) == []
        if number % KILLS_A_SPOOL == KILLS_A_SPOOL - 1:
            shutil.rmtree(folder)
    told = f"{KILLS} kills, {cut_short} in the middle, {total} acknowledged, 0 lost"
    print(told)  # noqa: T201  a person reads it

    assert cut_short > KILLS // 2


def test_after_a_kill_the_same_objects_can_be_sent_again_and_are_kept_once(tmp_path: Path) -> None:
    site = a_site(tmp_path / "site", a_peer(plain=True))
    files = renumbered(PLAIN, tmp_path, 4, ENLARGED)
    with receiving(site) as receiver:
        with connected(site) as wire:
            assert stored(wire, files[0]) == 0
        os.kill(receiver.process.pid, signal.SIGKILL)
    with receiving(site):
        for path in files:
            with connected(site) as wire:
                assert stored(wire, path) == 0

    assert lost(site, files) == []
    assert len(site.received) == len(files)
    assert list((site.spool / "arriving").iterdir()) == []


def test_an_object_is_acknowledged_only_after_it_and_its_folder_are_synced(tmp_path: Path) -> None:
    refusal = strace_refusal()
    if refusal:
        pytest.skip(f"NOT TESTED, the order of syncs: {refusal}")
    site = a_site(tmp_path / "site", a_peer(plain=True))
    with receiving(site) as receiver:
        log = tmp_path / "strace.log"
        tracing = _traced(receiver, log)
        with connected(site) as wire:
            assert stored(wire, shipped(PLAIN)) == 0
        tracing.send_signal(signal.SIGINT)
        tracing.wait(10)
    place = {"arriving/": "arriving file", "objects>": "folder", "objects/": "object"}
    steps = []
    for line in log.read_text().splitlines():
        if "sendto" in line and "\\4\\0" in line:
            steps.append("answer")
        elif done := re.search(r"(fsync|rename)\(.*?(arriving/|objects>|objects/)", line):
            steps.append(f"{done[1]} {place[done[2]]}")

    wanted = ["fsync arriving file", "rename arriving file", "fsync folder", "answer"]
    assert [step for step in steps if step in wanted][-4:] == wanted


def _traced(receiver: Receiver, log: Path) -> "subprocess.Popen[bytes]":
    calls = "trace=fsync,rename,sendto"
    tracing = subprocess.Popen(
        ["strace", "-f", "-qq", "-y", "-o", str(log), "-e", calls, "-p", str(receiver.worker)],
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 10
    status = Path(f"/proc/{receiver.worker}/status")
    while "TracerPid:\t0" in status.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    return tracing

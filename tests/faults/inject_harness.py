"""Lets one system call of a capturing program fail, at each place in turn, by strace.

A lean process that forks, as `kill_harness`. Run as
`python -m tests.faults.inject_harness --folder F --call fsync --error EIO --when once`.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from edge_app.domain.error import EdgeAppError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, an_image
from tests.faults.kill_harness import Acknowledged, faults_of, forked, is_kept, pixel_hash
from tests.keys import KEYS

MOST_PLACES = 400
STUDY = "study-1"


@dataclass
class Tally:
    """What happened when a call failed at each of its places.

    Attributes:
        places: How many calls were made to fail, one run each.
        refused: Captures and openings that ended in a clear error.
        ignored: Places whose failure nobody was told of.
        wrong: What must not be, each with its place.
    """

    places: int = 0
    acknowledged: int = 0
    refused: int = 0
    ignored: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def _noise(seed: int):
    return np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8)


def _say(pipe: int, *words: str) -> None:
    # Not write(2): that is one of the calls that are made to fail.
    os.writev(pipe, [(" ".join(words) + "\n").encode()])


def _captured(store: SqliteStudyStore, study: Study, seed: int, pipe: int) -> Study:
    pixels = _noise(seed)
    try:
        study = store.capture(study, an_image(pixels))
    except EdgeAppError as error:
        _say(pipe, "refused", error.code)
        if store.study(STUDY) != study:
            _say(pipe, "wrong", "the study is not as before a refused capture")
        return study
    _say(pipe, "saved", study.images[-1].image_id, pixel_hash(pixels))
    return study


def _capture_three(folder: Path, go: int, pipe: int) -> None:
    os.read(go, 1)
    try:
        with SqliteStudyStore(folder, KEYS) as store:
            study = store.study(STUDY)
            for seed in range(1, 4):
                study = _captured(store, study, seed, pipe)
    except EdgeAppError as error:
        _say(pipe, "refused", error.code)
    _say(pipe, "done")
    os._exit(0)


def _first_capture(folder: Path) -> Acknowledged:
    """Make a store with one study of one image that was acknowledged before the disk fails."""
    with SqliteStudyStore(folder, KEYS) as store:
        study = store.start(Study(STUDY, PatientRef("P-1"), NOON))
        study = store.capture(study, an_image(_noise(0)))
    return STUDY, study.images[0].image_id, pixel_hash(_noise(0))


def _traced(folder: Path, injection: str, log: Path) -> list[list[str]]:
    """Return what the child said while strace made a call of it fail."""
    hold, go = os.pipe()
    process, pipe = forked(lambda pipe: _capture_three(folder, hold, pipe))
    call = injection.split(":", maxsplit=1)[0]
    inject = ["-e", f"trace={call}", "-e", f"inject={injection}"]
    strace = subprocess.Popen(
        ["strace", "-y", "-p", str(process), "-o", str(log), *inject],
        stderr=subprocess.PIPE,
        text=True,
    )
    attached = strace.stderr.readline()
    if "attached" not in attached:
        os.kill(process, signal.SIGKILL)
        raise RuntimeError(f"strace: {attached}{strace.stderr.read()}")
    os.write(go, b"!")
    said = b""
    while more := os.read(pipe, 65_536):
        said += more
    os.waitpid(process, 0)
    strace.communicate(timeout=10)
    for end in (hold, go, pipe):
        os.close(end)
    return [line.split(" ", 1) for line in said.decode().splitlines()]


def _is_done_again(calls: str, folder: str) -> bool:
    """Return whether what failed is a sync of `folder` itself, and a later one succeeded.

    SQLite does one for its log without a look at the outcome; ours comes after it.
    """
    before, _, after = calls.partition("(INJECTED)")
    synced = [line for line in after.splitlines() if folder in line and line.endswith("= 0")]
    return folder in before.splitlines()[-1] and bool(synced)


class _Sweep:
    """One call failing at its first place, its second, and so on until there is no more."""

    def __init__(self, root: Path, call: str, error: str, when: str) -> None:
        self._root, self._call, self._error = root, call, error
        self._from_then_on = "+" if when == "from-then-on" else ""
        self._before = _first_capture(root / "template")
        self.tally = Tally()

    def run(self) -> None:
        for place in range(1, MOST_PLACES):
            if not self._has_failed_at(place):
                return
            self.tally.places += 1
        raise RuntimeError("there is no end of places")

    def _has_failed_at(self, place: int) -> bool:
        folder, log = self._root / "store", self._root / "log"
        shutil.copytree(self._root / "template", folder)
        injection = f"{self._call}:error={self._error}:when={place}{self._from_then_on}"
        said = _traced(folder, injection, log)
        wrong = [" ".join(line) for line in said if line[0] in {"wrong", "failed"}]
        wrong += [] if said[-1] == ["done"] else ["the child did not come to its end"]
        promised = [(STUDY, *line[1].split(" ")) for line in said if line[0] == "saved"]
        wrong += self._harm(folder, [self._before, *promised])
        shutil.rmtree(folder)
        self.tally.acknowledged += len(promised)
        self.tally.refused += sum(line[0] == "refused" for line in said)
        self.tally.wrong += [f"{injection}: {what}" for what in wrong]
        calls = log.read_text()
        has_failed = "(INJECTED)" in calls
        is_told = any(line[0] == "refused" for line in said)
        if has_failed and not is_told and not _is_done_again(calls, f"<{folder}>"):
            self.tally.ignored.append(place)
        return has_failed

    def _harm(self, folder: Path, promised: list[Acknowledged]) -> list[str]:
        harm = []
        for _ in range(2):  # the first opening may finish a capture, the second finds it so
            try:
                with SqliteStudyStore(folder, KEYS) as store:
                    lost = [image for image in promised if not is_kept(store, image)]
                    harm += [f"lost {image_id}" for _, image_id, _ in lost]
                    harm += faults_of(store, folder)
            except EdgeAppError as error:
                harm.append(f"does not open again: {error}")
        return harm


def main() -> None:
    """Run one sweep and print its tally as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--call", required=True)
    parser.add_argument("--error", required=True)
    parser.add_argument("--when", choices=("once", "from-then-on"), required=True)
    asked = parser.parse_args()
    sweep = _Sweep(asked.folder, asked.call, asked.error, asked.when)
    sweep.run()
    print(json.dumps(asdict(sweep.tally)))  # noqa: T201


if __name__ == "__main__":
    main()

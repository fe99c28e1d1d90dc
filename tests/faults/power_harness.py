"""Cuts the power of a disk at many moments, and counts what was promised and is lost.

A program works on a real ext4 file system, on a loop device over a disk that logs its writes and
flushes. A cut is a moment of that log: what was flushed before it is there; of what was not, each
512-byte sector is there or not, drawn by chance, as a disk's cache may leave it in any order. The
file system is mounted again, replays its journal, and the store is opened.

Run as `python -m tests.faults.power_harness --folder F --cuts N --seed S --store sound`. The log of
a run with a loss is kept in F: with `--again`, its cuts are made again.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from edge_app.domain.error import EdgeAppError
from edge_app.storage.key_slots import KeySlots
from edge_app.storage.salvage import Salvage
from edge_app.storage.salvaged_rows import rows_in_copy
from edge_app.storage.schema import MIGRATIONS, StoreDamagedError, copy_before
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON
from tests.faults.kill_harness import faults_of, is_kept
from tests.faults.logged_disk import DISK, FLUSH, HEAD, WRITE
from tests.faults.power_child import (
    ACCOUNT,
    IMAGE,
    KEPT,
    OLD,
    OLD_ONES,
    OLDEST,
    SALVAGING,
    SLOTS,
    STORES,
    VERSION,
)
from tests.keys import KEYS
from tests.old_stores.old_store import contents_of, said_by

SIZE = 48 * 1024 * 1024
SECTOR = 512
SUPERBLOCK = range(1024, 2048)
CUTS_A_RECORDING = 150
ROOT = Path(__file__).parents[2]
_OF_NO_HARM = ("draft left: keys.", "draft left: salvaged.")

Event = tuple[bytes, int, bytes]


@dataclass
class Tally:
    """What happened in a row of cuts.

    Attributes:
        promised: Acknowledgements that were looked at, over all cuts.
        held: Sectors that were written and not yet flushed when the power went.
        dropped: Those of them that the disk lost.
        lost: What was acknowledged and is not there, each with its cut.
        unsound: Whatever else is wrong.
    """

    cuts: int = 0
    promised: int = 0
    held: int = 0
    dropped: int = 0
    recovered: int = 0
    lost: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(*words: str) -> str:
    """Run a program of the system, and return what it said."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


@contextmanager
def mounted(file: Path, place: Path) -> Iterator[Path]:
    """Mount the file system in `file` at `place`."""
    device = run("losetup", "--find", "--show", str(file))
    with ExitStack() as after:
        after.callback(run, "losetup", "--detach", device)
        place.mkdir(exist_ok=True)
        run("mount", "-t", "ext4", device, str(place))
        after.callback(run, "umount", str(place))
        yield place


@contextmanager
def logged(image: Path, log: Path, count: Path, place: Path) -> Iterator[Path]:
    """Serve `image` as a disk that logs; yield its file."""
    place.mkdir(exist_ok=True)
    words = [sys.executable, "-m", "tests.faults.logged_disk"]
    words += [str(part) for part in (image, log, count, place)]
    server = subprocess.Popen(words, cwd=ROOT)
    with ExitStack() as after:
        after.callback(server.wait, 20)
        deadline = time.monotonic() + 20
        while not (place / DISK).exists():
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                raise RuntimeError("the disk that logs does not start")
            time.sleep(0.02)
        after.callback(run, "umount", str(place))
        yield place / DISK


class Recording:
    """What was done to a disk, and what was promised meanwhile; cuts are asked for in order."""

    def __init__(self, folder: Path) -> None:
        self._flushed, self._durable = 0, bytearray((folder / "base").read_bytes())
        self._events = tuple(_events(folder / "log"))
        lines = [line.split(" ") for line in (folder / "promises").read_text().splitlines()]
        self._promises = [(int(done), kind, words) for done, kind, *words in lines]
        self._flushes = [n for n, (kind, _, _) in enumerate(self._events) if kind == FLUSH]

    @property
    def length(self) -> int:
        """How many writes and flushes there were."""
        return len(self._events)

    @property
    def first_promise(self) -> int:
        """After how many writes and flushes something was promised first."""
        return self._promises[0][0]

    def promises(self, cut: int) -> list[tuple[str, list[str]]]:
        """Return what had been promised when so much had been done to the disk."""
        return [(kind, words) for done, kind, words in self._promises if done <= cut]

    def disk(self, cut: int, draw: random.Random, tally: Tally) -> bytearray:
        """Return the disk as a power cut after event number `cut` may leave it."""
        before = bisect_left(self._flushes, cut)
        flushed = self._flushes[before - 1] if before else 0
        for kind, offset, content in self._events[self._flushed : flushed]:
            if kind == WRITE:
                self._durable[offset : offset + len(content)] = content
        self._flushed = flushed
        disk = bytearray(self._durable)
        for kind, offset, content in self._events[flushed:cut]:
            if kind == WRITE:
                kept = draw.choice((0.0, 0.5, 0.9, 1.0))
                for start, end in _pieces(offset, offset + len(content)):
                    tally.held += 1
                    if draw.random() < kept:
                        disk[start:end] = content[start - offset : end - offset]
                    else:
                        tally.dropped += 1
        return disk


def _pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sectors of a write; ext4 counts on its superblock's two being written as one."""
    while start < end:
        size = len(SUPERBLOCK) if start == SUPERBLOCK.start else SECTOR
        yield start, min(start + size, end)
        start += size


def _events(log: Path) -> Iterator[Event]:
    content, at = memoryview(log.read_bytes()), 0
    while at < len(content):
        kind, offset, length = HEAD.unpack_from(content, at)
        at += HEAD.size
        yield kind, offset, bytes(content[at : at + length])
        at += length


def record(folder: Path, store: str, seed: int) -> Recording:
    """Let a program work on a new store of that kind, on a disk that logs."""
    folder.mkdir(parents=True)
    base, image, count = folder / "base", folder / "image", folder / "count"
    with base.open("wb") as file:
        file.truncate(SIZE)
    run("mkfs.ext4", "-q", "-F", "-O", "^resize_inode", str(base))
    shutil.copyfile(base, image)
    with (
        logged(image, folder / "log", count, folder / "served") as disk,
        mounted(disk, folder / "mounted") as place,
    ):
        words = [str(place / "store"), store, str(count), str(folder / "promises"), str(seed)]
        work = subprocess.run(
            [sys.executable, "-m", "tests.faults.power_child", *words],
            cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if work.returncode:
            raise RuntimeError(f"the program ended by itself: {work.stderr[-1000:]}")
    image.unlink()
    return Recording(folder)


def _is_there(store: SqliteStudyStore, folder: Path, kind: str, words: list[str]) -> bool:
    looks: dict[str, Callable[[], bool]] = {
        IMAGE: lambda: is_kept(store, (words[0], words[1], words[2])),
        VERSION: lambda: store.study(words[0]).version >= int(words[1]),
        ACCOUNT: lambda: store.account(words[0]) is not None,
        SLOTS: lambda: words[0] in KeySlots(folder, b"").names(),
        OLD: lambda: _has_all_of_the_old(store),
        KEPT: lambda: _has_copy_before(folder),
    }
    try:
        return looks[kind]()
    except EdgeAppError:
        return False


def _has_all_of_the_old(store: SqliteStudyStore) -> bool:
    """Return whether all is there; the audit may tell of a salvage after it."""
    now, before = contents_of(store), said_by(OLDEST)
    now["audit"] = now["audit"][: len(before["audit"])]
    return now == before


def _salvage_what_is_damaged(folder: Path) -> None:
    try:
        SqliteStudyStore(folder, KEYS).close()
    except StoreDamagedError:
        Salvage(folder, KEYS).carry_out("admin.n", NOON)


def _has_copy_before(folder: Path) -> bool:
    """Return whether the database that was migrated lies there as it was."""
    kept = rows_in_copy(copy_before(folder / "studies.db", len(MIGRATIONS)), KEYS.database)
    return len(kept.rows["study"]) == len(said_by(OLDEST)["studies"])


def _newest(promises: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Return the promises without those that a later one of the same study includes."""
    versions = {words[0]: (kind, words) for kind, words in promises if kind == VERSION}
    return [p for p in promises if p[0] != VERSION] + list(versions.values())


class _Campaign:
    """Many cuts, of a few recordings."""

    def __init__(self, root: Path, store: str, seed: int) -> None:
        self._root, self._store, self._seed = root, store, seed
        self.tally = Tally()

    def run(self, cuts: int, *, again: bool) -> None:
        starts = [*range(0, cuts, CUTS_A_RECORDING), cuts]
        for number, (start, end) in enumerate(pairwise(starts)):
            folder = self._root / f"recording-{number}"
            recording = Recording(folder) if again else record(
                folder, self._store, self._seed + number
            )  # fmt: skip
            wrong = len(self.tally.lost) + len(self.tally.unsound)
            draw = random.Random(f"{self._seed}/{number}")  # noqa: S311
            first = recording.first_promise if self._store in OLD_ONES else 0
            moments = range(first + 1, recording.length + 1)
            for cut in sorted(draw.choice(moments) for _ in range(start, end)):
                self._cut(recording, cut, draw)
            if len(self.tally.lost) + len(self.tally.unsound) == wrong:
                shutil.rmtree(folder)

    def _cut(self, recording: Recording, cut: int, draw: random.Random) -> None:
        image = self._root / "image"
        image.write_bytes(recording.disk(cut, draw, self.tally))
        promises = _newest(recording.promises(cut))
        self.tally.cuts += 1
        self.tally.promised += len(promises)
        with mounted(image, self._root / "mounted") as place:
            for wrong in self._wrong(place / "store", promises):
                self.tally.unsound.append(f"after event {cut}: {wrong}")

    def _wrong(self, folder: Path, promises: list[tuple[str, list[str]]]) -> Iterator[str]:
        try:
            if self._store == SALVAGING:
                _salvage_what_is_damaged(folder)
            with SqliteStudyStore(folder, KEYS) as store:
                lost = [p for p in promises if not _is_there(store, folder, *p)]
                self.tally.lost += [f"{kind} {' '.join(words[:2])}" for kind, words in lost]
                self.tally.recovered += len(store.recovered)
                # A cut draft of the keys is written over by the next change of them; that of the
                # mark of a finished salvage says nothing.
                yield from (f for f in faults_of(store, folder) if not f.startswith(_OF_NO_HARM))
        except EdgeAppError as error:
            yield f"does not open: {error}"


def main() -> None:
    """Make a row of cuts and print its tally as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--cuts", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--store", choices=(*STORES, *OLD_ONES), required=True)
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    begin = time.monotonic()
    campaign = _Campaign(asked.folder, asked.store, asked.seed)
    campaign.run(asked.cuts, again=asked.again)
    campaign.tally.seconds = round(time.monotonic() - begin, 1)
    print(json.dumps(asdict(campaign.tally)))  # noqa: T201


if __name__ == "__main__":
    main()

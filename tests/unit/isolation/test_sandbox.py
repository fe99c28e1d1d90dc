"""From inside a worker's profile nothing outside can be reached."""

import os
import platform
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from edge_app.isolation import seccomp
from edge_app.isolation.bubblewrap import Enclosure
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.syscall_numbers import AUDIT_ARCH, LOOKED_INTO, NEVER, SEALED
from tests.unit.isolation.probe_worker import HARMLESS, PROBES, Prey

WORKER = "tests.unit.isolation.probe_worker"
ROOT = Path(__file__).parents[3]
LONG_S = 30.0
FOR_A_DEVICE = (
    "trace the parent", "have namespaces of its own", "mount", "dump its memory",
)  # fmt: skip


@pytest.fixture
def prey(tmp_path):
    readable = tmp_path / "readable"
    readable.write_bytes(b"allowed")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Prey(tmp_path / "prey", listener.getsockname()[1], os.getpid(), readable)
        made.renew()
        yield made


def arguments(prey):
    return [str(x) for x in (prey.folder, prey.port, prey.parent, prey.readable)]


class Probed:
    """What came of each probe, tried one after the other in one worker or in what replaced it."""

    def __init__(self, kind, prey, names, enclosure=None):
        self._kind, self._prey, self._enclosure = kind, prey, enclosure
        self._child = None
        self.layers = ()
        self.said = {name: self._tried(name) for name in names}
        self._close()

    def _close(self):
        if self._child:
            self._child.close()
        self._child = None

    def _tried(self, name):
        if self._child is None:
            self._child = Child(WORKER, [self._kind, *arguments(self._prey)], self._enclosure)
        try:
            said = self._child.ask(Message(name.encode()), LONG_S).head.decode()
        except ChildLostError as lost:
            said = f"it cost the worker: {lost}"
        self.layers = self._child.layers or self.layers
        if said.startswith("it cost"):
            self._close()
        return said

    def skip_without(self, *names):
        absent = [f"{x.name}: {x.words}" for x in self.layers if x.name in names and not x.in_force]
        if absent:
            pytest.skip(f"NOT probed, this machine lacks {'; '.join(absent)}")

    @property
    def succeeded(self):
        return [name for name, said in self.said.items() if said == "succeeded"]


def test_no_probe_succeeds_from_inside_a_sealed_worker(prey):
    probed = Probed("sealed", prey, PROBES)
    probed.skip_without("landlock", "seccomp", "limits")

    assert len(PROBES) >= 25
    assert probed.succeeded == []
    assert [x for x in probed.said.values() if x.startswith("it cost")] == []
    assert prey.is_untouched()


def test_what_a_sealed_worker_needs_it_can_still_do(prey):
    probed = Probed("sealed", prey, HARMLESS)

    assert probed.succeeded == list(HARMLESS)


def test_the_probes_themselves_would_succeed_without_a_sandbox(prey):
    control = subprocess.run(
        [sys.executable, "-m", WORKER, "unconfined", *arguments(prey)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    said = dict(line.split(": ") for line in control.stdout.splitlines())

    failed = [name for name, outcome in said.items() if outcome != "succeeded"]
    assert len(said) == len(PROBES)
    assert len(said) - len(failed) >= 25, failed


def test_no_probe_succeeds_inside_bubblewrap_either(prey):
    enclosure = Enclosure(prey.readable)
    probed = Probed("sealed", prey, [*HARMLESS, *PROBES], enclosure)
    probed.skip_without("bubblewrap", "landlock", "seccomp", "limits")

    assert probed.succeeded == list(HARMLESS)
    assert prey.is_untouched()


def test_bubblewrap_alone_hides_the_clinics_files_and_the_network(prey):
    enclosure = Enclosure(prey.readable)
    names = ["connect to a listener", "read the clinic's data", "signal the parent",
             "write a new file", "read the accounts"]  # fmt: skip
    probed = Probed("device", prey, names, enclosure)
    probed.skip_without("bubblewrap")

    assert probed.succeeded == []


def test_a_worker_that_holds_a_device_can_reach_it_but_not_the_parents_inside(prey):
    probed = Probed("device", prey, [*FOR_A_DEVICE, "open a network socket", "change a file"])
    probed.skip_without("seccomp")

    assert probed.succeeded == ["open a network socket", "change a file"]


def test_a_machine_without_bubblewrap_runs_the_worker_and_says_so(prey, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    probed = Probed("sealed", prey, ["read its package"], Enclosure(prey.readable))

    assert probed.succeeded == ["read its package"]
    assert [(x.in_force, x.words) for x in probed.layers if x.name == "bubblewrap"] == [
        (False, "not installed")
    ]


def test_the_kernel_ends_a_worker_before_the_window_when_memory_is_short(prey):
    child = Child(WORKER, ["sealed", *arguments(prey)])
    child.ask(Message(b"start a thread"), LONG_S)
    score = Path(f"/proc/{child.pid}/oom_score_adj").read_text(encoding="ascii")
    mine = Path("/proc/self/oom_score_adj").read_text(encoding="ascii")
    child.close()

    assert int(score) > int(mine)


@pytest.mark.parametrize(
    ("machine", "header", "pattern"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"__NR_(\w+)\s+(\d+)$"),
        ("aarch64", "/usr/include/asm-generic/unistd.h", r"__NR(?:3264)?_(\w+)\s+(\d+)$"),
    ],
)
def test_the_tables_of_system_calls_are_the_kernels_own(machine, header, pattern):
    path = Path(header)
    if not path.exists():
        pytest.skip(f"numbers of {machine} NOT compared: no {header}")
    known = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.match(rf"#define {pattern}", line):
            known.setdefault(found[1], int(found[2]))

    ours = {**NEVER[machine], **SEALED[machine], **LOOKED_INTO[machine]}
    wrong = {name: n for name, n in ours.items() if name in known and known[name] != n}
    assert wrong == {}
    assert len(ours.keys() & known.keys()) > 80


@pytest.mark.parametrize("machine", sorted(AUDIT_ARCH))
def test_a_filter_denies_what_its_table_says_and_nothing_that_a_thread_needs(machine):
    program = seccomp.program(machine, is_sealed=True)

    denied = {*NEVER[machine].values(), *SEALED[machine].values()}
    assert {n for n in range(600) if run(program, machine, n) != "allow"} >= denied
    clone, openat, kill = (LOOKED_INTO[machine][n] for n in ("clone", "openat", "kill"))
    assert run(program, machine, clone, [0x00010000 | 0xF00]) == "allow"
    assert run(program, machine, clone, [17]) == "refused 1"
    assert run(program, machine, openat, [0, 0, os.O_RDONLY | os.O_CLOEXEC]) == "allow"
    assert run(program, machine, openat, [0, 0, os.O_RDWR]) == "refused 1"
    assert run(program, machine, openat, [0, 0, os.O_CREAT]) == "refused 1"
    assert run(program, machine, kill, [os.getpid()]) == "allow"
    assert run(program, machine, kill, [os.getppid()]) == "refused 1"
    assert run(program, machine, LOOKED_INTO[machine]["clone3"]) == "refused 38"
    assert run(program, machine, 0x40000000) == "refused 1"
    assert run(program, "another", 0) == "killed"


def run(program, machine, number, arguments=()):
    """Return what a filter says of one call: the kernel's rules for the few codes it uses."""
    arch = AUDIT_ARCH.get(machine, 0x40000003)
    seen = struct.pack("=IIQ6Q", number, arch, 0, *([*arguments] + [0] * 6)[:6])
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at = loaded = 0
    while True:
        code, on_true, on_false, operand = steps[at]
        if code == 0x06:
            kind = operand & 0xFFFF0000
            said = {0x7FFF0000: "allow", 0x80000000: "killed"}
            return said.get(kind, f"refused {operand & 0xFFFF}")
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", seen, operand)
            continue
        held = {0x15: loaded == operand, 0x35: loaded >= operand, 0x45: bool(loaded & operand)}
        at += on_true if held[code] else on_false


def test_a_machine_without_a_table_says_that_the_layer_is_absent(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    with pytest.raises(seccomp.LayerAbsentError, match="no table of system calls for riscv64"):
        seccomp.restrict(is_sealed=True)

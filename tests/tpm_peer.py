"""A TPM 2 in software (swtpm), a program of its own; what happens to a real one happens to it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

TOOLS = ("swtpm", "tpm2_unseal", "tpm2_getcap")
REASON = "NOT TESTED HERE, TPM 2: {} is not installed"

# Before the real program runs it notes its words, its environment and all that lies in the
# folders of the folder `seen`.
SPY = """#!/bin/sh
{{ printf '%s\\n' "{name}" "$@"; env; cat {seen}/*/* 2>/dev/null; }} >> "{notes}"
"{real}" "$@"
ended=$?
cat {seen}/*/* >> "{notes}" 2>/dev/null
exit $ended
"""


def need_soft_tpm():
    for tool in TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(REASON.format(tool))


class SoftTpm:
    """One TPM with a state of its own; its sockets have short names, as sockets must."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="swtpm-"))
        (self.folder / "state").mkdir()
        self.tcti = f"swtpm:path={self.folder}/tpm"
        self._program = None

    def start(self):
        self._program = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}/state",
             "--server", f"type=unixio,path={self.folder}/tpm",
             "--ctrl", f"type=unixio,path={self.folder}/tpm.ctrl", "--flags", "startup-clear"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        due = time.monotonic() + 20
        while not (self.folder / "tpm").exists() or self.ask("tpm2_getcap", "algorithms") is None:
            assert self._program.poll() is None, "swtpm ended"
            assert time.monotonic() < due, "swtpm does not answer"
            time.sleep(0.05)
        return self

    def ask(self, tool, *words):
        """Return what a tool says, or None where the TPM refused."""
        ended = subprocess.run(
            [tool, "-T", self.tcti, *words], capture_output=True, check=False, timeout=20
        )
        return None if ended.returncode else ended.stdout.decode()

    def limit(self, tries):
        """Have it lock itself after so many wrong values."""
        given = ("-s", "-n", str(tries), "-t", "600", "-l", "600")
        assert self.ask("tpm2_dictionarylockout", *given) is not None

    def clear(self):
        assert self.ask("tpm2_clear") is not None

    def wrong_tries(self):
        said = self.ask("tpm2_getcap", "properties-variable")
        (line,) = [row for row in said.splitlines() if "LOCKOUT_COUNTER" in row]
        return int(line.split(":")[1], 16)

    def stop(self):
        if self._program and self._program.poll() is None:
            self._program.send_signal(signal.SIGTERM)
            self._program.wait(20)
        for name in ("tpm", "tpm.ctrl"):
            (self.folder / name).unlink(missing_ok=True)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)


def spied_tools(folder, notes, seen):
    """Return a PATH on which tpm2-tools write down what they were given, and then do it."""
    folder.mkdir()
    real = Path(shutil.which("tpm2_unseal")).parent
    for tool in sorted(real.glob("tpm2_*")):
        spy = folder / tool.name
        spy.write_text(SPY.format(name=tool.name, notes=notes, real=tool, seen=seen))
        spy.chmod(0o700)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"

"""Bubblewrap around a sealed worker: its own namespaces, where the program is there and works."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_app.isolation.sandbox import Layer, own_files

NAME = "bubblewrap"
_TRY_S = 5.0
_KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "ORT_DISABLE_TELEMETRY")


class Enclosure:
    """What stands around a child from before its first instruction.

    Attributes:
        layer: Whether bubblewrap is used, or why not; known after the first `around`.
    """

    def __init__(self, *readable: Path) -> None:
        self._readable = readable
        self._program = shutil.which("bwrap")
        self.layer: Layer | None = None

    def around(
        self, command: Sequence[str], variables: dict[str, str], roots: Sequence[Path]
    ) -> list[str]:
        """Return `command` inside bubblewrap, or as it is where bubblewrap does not work.

        `variables` are what the child finds in its environment, `roots` where its code lies.
        """
        if self.layer is None:
            self.layer = self._tried(roots)
        if not self.layer.in_force:
            return list(command)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ} | variables
        named = [word for name, value in kept.items() for word in ("--setenv", name, value)]
        return [*self._prefix(roots), *named, "--", *command]

    def _tried(self, roots: Sequence[Path]) -> Layer:
        if self._program is None:
            return Layer(NAME, in_force=False, words="not installed")
        command = [*self._prefix(roots), "--", sys.executable, "-S", "-c", ""]
        try:
            ended = subprocess.run(command, capture_output=True, timeout=_TRY_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Layer(NAME, in_force=False, words=type(error).__name__)
        said = ended.stderr.decode(errors="replace").strip()
        return Layer(NAME, in_force=not ended.returncode, words=said)

    def _prefix(self, roots: Sequence[Path]) -> list[str]:
        bound = [word for path in self._bound(roots) for word in ("--ro-bind-try", path, path)]
        apart = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        own = ["--clearenv", "--proc", "/proc", "--dev", "/dev", "--chdir", "/"]
        return [str(self._program), *apart, *own, *bound]

    def _bound(self, roots: Sequence[Path]) -> Iterator[str]:
        python = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
        virtual = ("/proc", "/dev")
        for path in (*own_files(), *sorted(python), *roots, *self._readable):
            if not str(path).startswith(virtual):
                yield str(path.absolute())

"""A command of this program in a process of its own: what the window's process never loads."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

from edge_app.settings import Settings

_LONGEST_S = 3600.0


def command_of(settings: Settings, words: Sequence[str]) -> list[str]:
    """Return the command line of `edge-app WORDS` on the same data, packages and site."""
    command = [sys.executable, "-m", "edge_app", *words, "--quiet"]
    command += ["--data-dir", str(settings.data_dir)]
    if settings.site_file:
        command += ["--site", str(settings.site_file)]
    return command


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment of such a command."""
    return {**os.environ, "EDGE_APP_PACKAGES_DIR": str(settings.packages_dir)}


class BesideWindow:
    """Runs one command at a time; `stop` ends it from any thread, with all that it has started."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.is_stopped = False

    def begin(self) -> None:
        """Allow commands again after a `stop`."""
        self.is_stopped = False

    def answer(self, *words: str) -> bytes:
        """Return the JSON that `edge-app WORDS` answers; nothing where it was stopped."""
        with self._lock:
            if self.is_stopped:
                return b""
            process = self._process = subprocess.Popen(
                command_of(self._settings, (*words, "--json")),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment_of(self._settings),
                start_new_session=True,
            )
        try:
            said, _ = process.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            self.stop()
            said, _ = process.communicate()
        return b"" if self.is_stopped else said

    def stop(self) -> None:
        """End the command that runs; none begins until `begin`."""
        with self._lock:
            self.is_stopped = True
            if self._process and self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

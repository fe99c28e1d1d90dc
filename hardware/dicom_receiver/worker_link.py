"""The worker, seen from the guard: started, given connections, and started again."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

CALLED, NOT_CALLED = b"called", b"not called"
"""What answers the worker's wish to call a peer, which is the peer's number."""
_LOG = logging.getLogger(__name__)
_WORKER = "hardware.dicom_receiver.worker"
_COME_UP_S = 30.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_VARIABLES = {
    "MALLOC_ARENA_MAX": "2",  # each thread's own would count against the limit on memory
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONSAFEPATH": "1",
}


class WorkerLink:
    """Keeps one worker going."""

    def __init__(self, settings: Path) -> None:
        self._settings = settings
        self._variables = {**os.environ, **_VARIABLES}
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self.is_up = asyncio.Event()
        self.on_call: Callable[[int], None] = lambda _number: None

    def handed(self, number: int, address: str) -> socket.socket | None:
        """Return our end of a new connection to the worker, or None while it is not there.

        `number` is the peer's in the settings, and `address` where it is.
        """
        if self._control is None:
            return None
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                told = f"{number} {address}".encode("ascii")
                socket.send_fds(self._control, [told], [theirs.fileno()])
            except OSError:  # it ends now, or does not take what waits already
                ours.close()
                return None
        ours.setblocking(False)  # noqa: FBT003  a method of the standard library
        return ours

    def answer_call(self, connection: socket.socket | None) -> None:
        """Give the worker the connection that it asked for, or say that there is none."""
        if self._control is None:
            return
        with contextlib.suppress(OSError):  # it ends now
            if connection:
                socket.send_fds(self._control, [CALLED], [connection.fileno()])
            else:
                self._control.send(NOT_CALLED)

    def end(self) -> None:
        """End a worker that hangs; another one is started."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def keep_going(self) -> None:
        """Start the worker, and again whenever it ends; runs until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            came_up = await self._one_life()
            pause_s = _FIRST_PAUSE_S if came_up else min(2 * pause_s, _LONGEST_PAUSE_S)
            _LOG.warning("The DICOM receiver's worker ended and is started again.")
            await asyncio.sleep(pause_s)

    async def _one_life(self) -> bool:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)  # noqa: FBT003
        with ours:
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", _WORKER, str(self._settings), str(theirs.fileno())),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env=self._variables,
                )
            try:
                return await self._lived(self._process, ours)
            finally:
                self._control = None
                self.is_up.clear()
                self.end()

    async def _lived(self, process: asyncio.subprocess.Process, control: socket.socket) -> bool:
        loop = asyncio.get_running_loop()
        try:
            ready = await asyncio.wait_for(loop.sock_recv(control, 64), _COME_UP_S)
        except (asyncio.TimeoutError, OSError):
            ready = b""
        if ready:
            self._control = control
            self.is_up.set()
            hearing = asyncio.ensure_future(self._hear(control))
            try:
                await process.wait()
            finally:
                hearing.cancel()
        else:
            process.kill()
            await process.wait()
        return bool(ready)

    async def _hear(self, control: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while asked := await loop.sock_recv(control, 64):
            self.on_call(int(asked) if asked.isdigit() else -1)

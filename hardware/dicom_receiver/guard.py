"""The PDU guard: the only part that listens; the worker sees only what has passed here."""

import asyncio
import contextlib
import hashlib
import logging
import socket
import ssl
from collections.abc import Coroutine
from typing import Any

from hardware.dicom_receiver import limits, pdu
from hardware.dicom_receiver.crowd import Crowd
from hardware.dicom_receiver.line import CutError, Line, line_over
from hardware.dicom_receiver.outward import outward_tls, reached, relayed_outward
from hardware.dicom_receiver.relay import Relay
from hardware.dicom_receiver.settings import Peer, ReceiverSettings, normal
from hardware.dicom_receiver.worker_link import WorkerLink

_LOG = logging.getLogger(__name__)
_BACKLOG = 128
_PLAIN, _TLS = bytes([pdu.PduType.ASSOCIATE_RQ]), b"\x16"  # RFC 8446, 5.1
_SILENCE_S = 10.0
_MOST_SILENCED = 1000


def tls_of(settings: ReceiverSettings) -> ssl.SSLContext | None:
    """Return how peers with TLS are met, or None where there are none.

    Raises:
        OSError: A certificate or key cannot be read, or they do not fit (ssl.SSLError is one).
    """
    if not settings.has_tls or not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # BCP 195
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(settings.certificate, settings.key)
    context.load_verify_locations(settings.authorities)
    return context


def listening_socket(settings: ReceiverSettings) -> socket.socket:
    """Return the socket that peers connect to; raises OSError."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listener = socket.create_server(
        (settings.address, settings.port), family=family, backlog=_BACKLOG
    )
    listener.setblocking(False)  # noqa: FBT003  a method of the standard library
    return listener


class Guard:
    """Lets the settings' peers through to the worker, within limits, and cuts everybody else."""

    def __init__(
        self, settings: ReceiverSettings, tls: ssl.SSLContext | None, worker: WorkerLink
    ) -> None:
        self._settings = settings
        self._tls = tls
        self._outward = outward_tls(settings)
        self._worker = worker
        worker.on_call = self.call
        self._crowd = Crowd(asyncio.get_running_loop().time)
        self._running: set[asyncio.Task[None]] = set()
        self._said: dict[tuple[str, str], float] = {}

    async def serve(self, listener: socket.socket) -> None:
        """Accept connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(listener)
            except OSError as error:  # it was gone again, or there are no handles left
                self._tell("anybody", f"it cannot be accepted: {error.strerror}")
                await asyncio.sleep(0.1)
                continue
            self._met(connection, normal(address[0]))

    def _met(self, connection: socket.socket, address: str) -> None:
        peers = self._settings.at(address)
        if not peers or not self._crowd.may_come(address):
            self._tell(address, "it connects too often" if peers else "it is not listed")
            connection.close()
            return
        key = object()
        task = self._started(self._connection(connection, address, key))
        self._crowd.arrived(key, address, task.cancel)

    def _started(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _connection(self, connection: socket.socket, address: str, key: object) -> None:
        try:
            below, request = await asyncio.wait_for(
                self._opened(connection, address), limits.FIRST_PDU_S
            )
        except asyncio.TimeoutError:
            self._tell(address, "it sent no association request in time")
            return
        except CutError as error:
            self._tell(address, str(error))
            return
        finally:
            self._crowd.proven(key)
        try:
            await self._association(below, request, address)
        except (CutError, pdu.PduRefusedError) as error:
            below.say(pdu.abort())
            self._tell(address, str(error))
        finally:
            below.close()

    async def _opened(self, connection: socket.socket, address: str) -> tuple[Line, bytes]:
        is_plain = self._settings.at(address)[0].plain
        with contextlib.ExitStack() as undone:  # however it ends: by a deadline or cut, too
            undone.callback(connection.close)
            try:
                await _ensure_begins_with(connection, _PLAIN if is_plain else _TLS)
                below = await line_over(connection, None if is_plain else self._tls)
            except OSError as error:
                raise CutError("its TLS is not what it must be") from error
            undone.pop_all()
            undone.callback(below.writer.transport.abort)
            request = await below.request()
            undone.pop_all()
        return below, request

    async def _association(self, below: Line, request: bytes, address: str) -> None:
        titles = pdu.titles_of(request[pdu.HEAD :])
        peer = self._peer(address, titles.calling, below.certificate)
        if peer is None:
            below.say(pdu.refusal(pdu.NoAeTitle.CALLING))
            self._tell(address, "no listed peer has its title and certificate")
        elif titles.called != self._settings.ae_title:
            below.say(pdu.refusal(pdu.NoAeTitle.CALLED))
            self._tell(address, "it called another title than ours")
        elif not self._crowd.takes(peer):
            below.say(pdu.busy())
            self._tell(address, "it has as many associations as it may")
        else:
            await self._relayed(below, request, peer)

    def _peer(self, address: str, title: str, certificate: bytes | None) -> Peer | None:
        fingerprint = hashlib.sha256(certificate).hexdigest() if certificate else None
        for peer in self._settings.at(address):
            if peer.ae_title == title and peer.fingerprint == fingerprint:
                return peer
        return None

    async def _relayed(self, below: Line, request: bytes, peer: Peer) -> None:
        connection = self._worker.handed(self._settings.peers.index(peer), peer.address)
        if connection is None:
            self._crowd.left(peer)
            below.say(pdu.busy())
            self._tell(peer.address, "the worker is not there yet")
            return
        above = await line_over(connection, None)
        try:
            await Relay(below, above, peer).carry(request, self._worker.end)
        finally:
            self._started(self._wound_up(above, peer))

    def call(self, number: int) -> None:
        """Connect the worker to the peer of that number, and tell it where that fails."""
        named = dict(enumerate(self._settings.peers))
        peer = named.get(number)
        if peer is None or peer.report_port is None:
            self._worker.answer_call(None)
        else:
            self._started(self._called(peer))

    async def _called(self, peer: Peer) -> None:
        try:
            below = await reached(peer, self._outward)
        except CutError as error:
            self._worker.answer_call(None)
            self._tell(peer.address, str(error))
            return
        ours, theirs = socket.socketpair()
        with theirs:
            self._worker.answer_call(theirs)
        ours.setblocking(False)  # noqa: FBT003  a method of the standard library
        try:
            await relayed_outward(below, peer, ours)
        except CutError as error:
            self._tell(peer.address, str(error))

    async def _wound_up(self, above: Line, peer: Peer) -> None:
        """Free the peer's place when the worker has ended its side too: it may linger."""
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            above.writer.write_eof()
            await asyncio.wait_for(above.reader.read(), limits.WORK_S)
        above.close()
        self._crowd.left(peer)

    def _tell(self, address: str, why: str) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._said.get((address, why), -_SILENCE_S) < _SILENCE_S:
            return
        if len(self._said) >= _MOST_SILENCED:
            self._said.clear()
        self._said[address, why] = now
        _LOG.warning("DICOM receiver: %s was cut: %s.", address, why)


async def _ensure_begins_with(connection: socket.socket, first: bytes) -> None:
    """Return when that byte has come, and leave it there; raises CutError for any other.

    Nothing is set up, above all no TLS, for who is silent or speaks something else.
    """
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    loop.add_reader(connection, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(connection)
    if connection.recv(1, socket.MSG_PEEK) != first:
        raise CutError("it did not begin as its settings say")


async def guarded(
    settings: ReceiverSettings,
    tls: ssl.SSLContext | None,
    listener: socket.socket,
    worker: WorkerLink,
) -> None:
    """Serve until cancelled, beginning when the worker is there."""
    keeping = asyncio.ensure_future(worker.keep_going())
    serving = asyncio.ensure_future(Guard(settings, tls, worker).serve(listener))
    try:
        await asyncio.wait({keeping, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (keeping, serving):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(keeping, serving)

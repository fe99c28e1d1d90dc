"""Connections to peers whose settings name a port; proven and guarded as when they call."""

import asyncio
import contextlib
import hashlib
import socket
import ssl

from hardware.dicom_receiver import limits, pdu
from hardware.dicom_receiver.line import CutError, Line, line_over
from hardware.dicom_receiver.relay import Relay
from hardware.dicom_receiver.settings import Peer, ReceiverSettings


def outward_tls(settings: ReceiverSettings) -> ssl.SSLContext | None:
    """Return how we show ourselves to peers with TLS, or None where there are none.

    Raises:
        OSError: A certificate or key cannot be read, or they do not fit (ssl.SSLError is one).
    """
    if not settings.has_tls or not settings.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # BCP 195
    context.check_hostname = False  # the fingerprint is compared
    context.load_cert_chain(settings.certificate, settings.key)
    context.load_verify_locations(settings.authorities)
    return context


async def reached(peer: Peer, tls: ssl.SSLContext | None) -> Line:
    """Return a line to `peer`, which has shown the certificate that the settings name.

    Raises:
        CutError: It does not answer, or is another one.
    """
    try:
        below = await asyncio.wait_for(_connected(peer, tls), limits.FIRST_PDU_S)
    except (OSError, asyncio.TimeoutError) as error:
        raise CutError("it does not answer a call") from error
    shown = hashlib.sha256(below.certificate).hexdigest() if below.certificate else None
    if shown != peer.fingerprint:
        below.close()
        raise CutError("it showed another certificate than its settings say")
    return below


async def _connected(peer: Peer, tls: ssl.SSLContext | None) -> Line:
    family = socket.AF_INET6 if ":" in peer.address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)  # noqa: FBT003  a method of the standard library
    with contextlib.ExitStack() as undone:  # however it ends: by a deadline, too
        undone.callback(connection.close)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (peer.address, peer.report_port))
        line = await line_over(connection, None if peer.plain else tls, is_server=False)
        undone.pop_all()
    return line


async def relayed_outward(below: Line, peer: Peer, ours: socket.socket) -> None:
    """Carry between the worker, which holds the other end of `ours`, and the peer, until it ends.

    Raises:
        CutError: The peer broke a limit.
    """
    above = await line_over(ours, None)
    try:
        await Relay(below, above, peer, pdu.ACCEPTOR).carry(b"", above.close)
    finally:
        above.close()
        below.close()

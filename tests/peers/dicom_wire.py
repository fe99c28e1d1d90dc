"""A modality down to its bytes: for what a well-made one never sends."""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import encode
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)
from pynetdicom.presentation import build_context

from tests.peers.dicom_clinic import OURS, THEIRS, Identity, Site
from tests.peers.dicom_objects import announced, data_set_of

_VERIFICATION = "1.2.840.10008.1.1"
_CONTEXT = 1
ABORT = struct.pack(">BxIxxBB", 7, 4, 0, 0)
RELEASE = struct.pack(">BxI4x", 5, 4)


def association_request(
    abstract: str = _VERIFICATION, transfer: str = "1.2.840.10008.1.2",
    called: str = OURS, calling: str = THEIRS,
) -> bytes:  # fmt: skip
    asked = A_ASSOCIATE()
    asked.application_context_name = "1.2.840.10008.3.1.1.1"
    asked.calling_ae_title, asked.called_ae_title = calling, called
    longest, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    longest.maximum_length_received = 16384
    implementation.implementation_class_uid = "1.2.3.4"
    asked.user_information = [longest, implementation]
    context = build_context(abstract, transfer)
    context.context_id = _CONTEXT
    asked.presentation_context_definition_list = [context]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(asked)
    return pdu.encode()


def fragments(content: bytes, control: int, size: int = 16000) -> Iterator[bytes]:
    """Yield P-DATA-TF PDUs; `control` is 1 for a command, 0 for a data set."""
    for start in range(0, len(content), size):
        part = content[start : start + size]
        last = 2 if start + size >= len(content) else 0
        item = struct.pack(">IBB", len(part) + 2, _CONTEXT, control | last) + part
        yield struct.pack(">BxI", 4, len(item)) + item


def echo_request() -> bytes:
    command = struct.pack("<HHIH", 0, 0x0100, 2, 0x30) + struct.pack("<HHIH", 0, 0x0110, 2, 1)
    command += struct.pack("<HHIH", 0, 0x0800, 2, 0x0101)
    uid = _VERIFICATION.encode() + b"\0"
    command = struct.pack("<HHI", 0, 2, len(uid)) + uid + command
    command = struct.pack("<HHII", 0, 0, 4, len(command)) + command
    return b"".join(fragments(command, 1))


def store_request(path: Path, data_set: bytes | None = None) -> tuple[bytes, list[bytes]]:
    """Return association request and the PDUs that store the object, or other bytes for it."""
    said = announced(path)
    request = C_STORE()
    request.MessageID = 1
    request.AffectedSOPClassUID = said.sop_class
    request.AffectedSOPInstanceUID = said.sop_instance
    request.Priority = 0
    message = C_STORE_RQ()
    message.primitive_to_message(request)
    message.command_set.CommandDataSetType = 1
    command = encode(message.command_set, is_implicit_vr=True, is_little_endian=True)
    content = data_set_of(path) if data_set is None else data_set
    pdus = [*fragments(command, 1), *fragments(content, 0)]
    return association_request(said.sop_class, said.transfer_syntax), pdus


@contextmanager
def connected(
    site: Site, identity: Identity | None = None, source: str = "127.0.0.1"
) -> Iterator[socket.socket]:
    raw = socket.create_connection(("127.0.0.1", site.port), timeout=60, source_address=(source, 0))
    with raw:
        if identity is None:
            yield raw
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(identity.certificate, identity.key)
        with context.wrap_socket(raw) as wrapped:
            yield wrapped


def received(wire: socket.socket) -> tuple[int, bytes]:
    """Return type and body of the next PDU, or (0, b"") where the other side hung up."""
    try:
        head = _exactly(wire, 6)
        kind, length = struct.unpack(">BxI", head)
        return kind, _exactly(wire, length)
    except (ConnectionError, EOFError, ssl.SSLError):
        return 0, b""


def status_of(body: bytes) -> int:
    """Return the status (0000,0900) of a response."""
    place = body.index(struct.pack("<HHI", 0, 0x0900, 2))
    return int(struct.unpack_from("<H", body, place + 8)[0])


def stored(wire: socket.socket, path: Path, data_set: bytes | None = None) -> int:
    """Return the status that the receiver gives to an object, sent in one association."""
    request, pdus = store_request(path, data_set)
    wire.sendall(request)
    assert received(wire)[0] == 2
    for pdu in pdus:
        wire.sendall(pdu)
    kind, body = received(wire)
    assert kind == 4
    status = status_of(body)
    wire.sendall(RELEASE)
    return status


def _exactly(wire: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = wire.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found

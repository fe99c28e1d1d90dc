"""A stream to a peer or to the worker."""

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass

from hardware.dicom_receiver import pdu

_FAREWELL_S = 1.0
_READ_AHEAD = 64 << 10


class CutError(Exception):
    """The peer is cut off; the words say why, without what it sent."""


@dataclass(frozen=True, slots=True)
class Line:
    """Both directions of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def certificate(self) -> bytes | None:
        """What the other side proved to be (DER), where it did."""
        tls = self.writer.get_extra_info("ssl_object")
        found: bytes | None = tls.getpeercert(binary_form=True) if tls else None
        return found

    async def request(self) -> bytes:
        """Return the whole association request that a peer must begin with.

        Raises:
            CutError: It begins with something else, or ends.
        """
        try:
            head = await self.reader.readexactly(pdu.HEAD)
            kind, length = pdu.length_of(head)
            if kind is not pdu.PduType.ASSOCIATE_RQ:
                raise CutError("it did not begin with an association request")
            return head + await self.reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise CutError("it ended before an association request") from error
        except pdu.PduRefusedError as error:
            raise CutError(f"it sent {error}") from error

    def say(self, answer: bytes) -> None:
        """Send a last word; it may be lost."""
        with contextlib.suppress(OSError):
            self.writer.write(answer)

    def close(self) -> None:
        """Close the connection, by force where the other side does not take it."""
        transport = self.writer.transport
        transport.close()
        asyncio.get_running_loop().call_later(_FAREWELL_S, transport.abort)


async def line_over(
    connection: socket.socket, tls: ssl.SSLContext | None, *, is_server: bool = True
) -> Line:
    """Return a line over a connection, after its TLS where it has some; raises OSError."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(_READ_AHEAD, loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    if is_server:
        made = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)
    else:
        name = "" if tls else None  # the fingerprint is compared, not the name
        made = await loop.create_connection(
            lambda: protocol, sock=connection, ssl=tls, server_hostname=name
        )
    return Line(reader, asyncio.StreamWriter(made[0], protocol, reader, loop))

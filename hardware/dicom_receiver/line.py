"""A stream to a peer or to the worker."""

import asyncio
import contextlib
from dataclasses import dataclass

from hardware.dicom_receiver import pdu

_FAREWELL_S = 1.0


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

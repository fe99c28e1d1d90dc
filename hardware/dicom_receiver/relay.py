"""One association: whole PDUs up to the worker, answers down to the peer, each in its time."""

import asyncio
import contextlib
from collections.abc import Callable

from hardware.dicom_receiver import limits, pdu
from hardware.dicom_receiver.deadline import Deadline
from hardware.dicom_receiver.line import CutError, Line
from hardware.dicom_receiver.messages import Carried, Messages
from hardware.dicom_receiver.settings import Peer

_CHUNK = 64 << 10


class Relay:
    """Carries between `below`, the peer, and `above`, the worker."""

    def __init__(
        self, below: Line, above: Line, peer: Peer, senders: frozenset[pdu.PduType] = pdu.REQUESTOR
    ) -> None:
        self._below, self._above = below, above
        self._senders = senders
        self._messages = Messages()
        self._idle_s = peer.idle_s
        self._clock = asyncio.get_running_loop().time
        self._deadline = Deadline(lambda: None)
        self._why = ""
        self._is_missed = False
        self._is_between = True  # two PDUs
        self._awaits_answer = False
        self._pace = _Pace(self._clock)

    async def carry(self, request: bytes, hangs: Callable[[], None]) -> None:
        """Carry from the association request on, until either side ends it.

        The request is empty where it comes from the worker. `hangs` is called where the worker
        does not say its first word in time.

        Raises:
            CutError: The peer broke a limit.
        """
        self._above.writer.write(request)
        up = asyncio.ensure_future(self._up())
        down = asyncio.ensure_future(self._down(hangs))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            ended = await asyncio.gather(up, down, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _up(self) -> None:
        task = asyncio.current_task()

        def missed() -> None:
            self._is_missed = True
            if task:
                task.cancel()

        self._deadline = Deadline(missed)
        until = self._clock() + limits.ASSOCIATION_S
        try:
            while (left := until - self._clock()) > 0:
                await self._carry_one(left)
        except asyncio.CancelledError:
            if not self._is_missed:
                raise
        except pdu.PduRefusedError as error:
            raise CutError(f"it sent {error}") from error
        except (OSError, asyncio.IncompleteReadError):
            return  # it hung up; the worker sees it too
        finally:
            self._deadline.end()
        raise CutError(self._why)

    async def _carry_one(self, left_s: float) -> None:
        self._is_between, self._why = True, "it was idle for too long"
        wait_s = limits.WORK_S if self._awaits_answer else self._idle_s
        self._deadline.within(min(wait_s, left_s))
        first = await self._below.reader.readexactly(1)
        self._is_between, self._why = False, "it was too slow"
        self._deadline.within(limits.PDU_S)
        head = first + await self._below.reader.readexactly(pdu.HEAD - 1)
        kind, length = pdu.length_of(head, self._senders)
        if kind is pdu.PduType.ASSOCIATE_RQ:
            raise pdu.PduRefusedError("a second association request")
        body = await self._below.reader.readexactly(length)
        if kind is pdu.PduType.P_DATA:
            brought = self._messages.take(body)
            self._pace.count(brought, len(body))
            self._awaits_answer = brought.asks
        self._deadline.within(limits.WORK_S)
        self._above.writer.write(head + body)
        await self._above.writer.drain()
        await self._pace.kept()

    async def _down(self, hangs: Callable[[], None]) -> None:
        task = asyncio.current_task()
        unread = Deadline(lambda: task.cancel() if task else None)
        unanswered = Deadline(hangs)
        unanswered.within(limits.ANSWER_S)
        try:
            with contextlib.suppress(OSError):
                while answer := await self._above.reader.read(_CHUNK):
                    unanswered.end()
                    self._answered()
                    unread.within(limits.WRITE_S)
                    self._below.writer.write(answer)
                    await self._below.writer.drain()
                    unread.end()
        finally:
            unread.end()
            unanswered.end()

    def _answered(self) -> None:
        if self._awaits_answer:
            self._awaits_answer = False
            if self._is_between:
                self._deadline.within(self._idle_s)


class _Pace:
    """Refuses what comes too slowly, and slows down what comes too fast."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._is_open = False
        self._since, self._bytes = clock(), 0
        self._second, self._pdus = clock(), 0

    def count(self, brought: Carried, size: int) -> None:
        """Count one P-DATA-TF; raises PduRefusedError."""
        now = self._clock()
        self._bytes += size
        if brought.ended or not self._is_open or self._bytes >= limits.PROGRESS_BYTES:
            self._since, self._bytes = now, 0
        elif now - self._since > limits.PROGRESS_S:
            raise pdu.PduRefusedError("an object too slowly")
        self._is_open = brought.is_open

    async def kept(self) -> None:
        """Return when the next PDU may come."""
        self._pdus += 1
        now = self._clock()
        if now - self._second >= 1:
            self._second, self._pdus = now, 0
        elif self._pdus >= limits.PDUS_A_SECOND:
            await asyncio.sleep(self._second + 1 - now)

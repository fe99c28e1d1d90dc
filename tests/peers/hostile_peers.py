"""Peers that mean harm, in a process of their own; the answer is how long each kind lived.

`python -m tests.peers.hostile_peers PORT SECONDS`: prints the longest life of each kind.
"""

import asyncio
import contextlib
import json
import random
import ssl
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable

from tests.peers.dicom_wire import association_request

GOOD = "127.0.0.1"
ROGUES = {f"127.0.0.{n}": f"ROGUE{n}" for n in range(2, 6)}
UNLISTED = "127.0.0.99"
_PAUSE_S = 1.0

Harm = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]


async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter, source: str) -> None:
    await asyncio.sleep(3600)


async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    for byte in association_request(calling=ROGUES.get(source, "US2")):
        writer.write(bytes([byte]))
        await asyncio.sleep(1)


async def half_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    """Greet as TLS does, and never answer."""
    context, sent = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.MemoryBIO()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent).do_handshake()
    writer.write(sent.read())
    while await reader.read(1 << 16):
        pass


async def flooded(writer: asyncio.StreamWriter) -> None:
    for _ in range(512):
        writer.write(bytes(1 << 20))
        await writer.drain()


async def giant_first(_: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    writer.write(struct.pack(">BxI", 1, 0xFFFFFFFF))
    await flooded(writer)


async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    writer.write(random.randbytes(1 << 16))  # noqa: S311  no secret
    await asyncio.sleep(3600)


async def associated(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
) -> None:
    writer.write(association_request(calling=ROGUES[source]))
    await reader.readexactly(6)


async def giant_later(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
) -> None:
    await associated(reader, writer, source)
    writer.write(struct.pack(">BxI", 4, 0xFFFFFFFF))
    await flooded(writer)


async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    await associated(reader, writer, source)
    writer.write(struct.pack(">BxI", 4, 200_000))
    while True:
        writer.write(b"x")
        await asyncio.sleep(1)


async def tiny(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    await associated(reader, writer, source)
    while True:
        writer.write(struct.pack(">BxI", 4, 7) + struct.pack(">IBBB", 3, 1, 1, 0))
        await asyncio.sleep(1)


async def idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str) -> None:
    await associated(reader, writer, source)
    while await reader.read(1 << 16):
        pass


ROUNDS: list[tuple[str, Harm, str]] = [
    *[("slow", slow, source) for source in ROGUES for _ in range(12)],
    *[("silent", silent, GOOD) for _ in range(8)],
    *[("slow", slow, GOOD) for _ in range(16)],
    *[("giant first", giant_first, source) for source in ROGUES for _ in range(12)],
    *[("giant later", giant_later, source) for source in ROGUES for _ in range(4)],
    *[("half tls", half_tls, source) for source in ROGUES for _ in range(8)],
    *[("garbage", garbage, source) for source in (*ROGUES, UNLISTED) for _ in range(3)],
    *[(harm.__name__, harm, s) for harm in (dribble, tiny, idle) for s in ROGUES for _ in range(2)],
]


async def _lives(kind: str, harm: Harm, source: str, port: int, until: float) -> None:
    while time.monotonic() < until:
        begin = time.monotonic()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection(
                GOOD, port, local_addr=(source, 0), limit=1 << 16
            )
            await _one(harm, reader, writer, source)
        LIVED[kind].append(time.monotonic() - begin)
        await asyncio.sleep(_PAUSE_S * random.uniform(0.5, 1.5))  # noqa: S311  no secret


async def _one(
    harm: Harm, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str
) -> None:
    doing = asyncio.ensure_future(harm(reader, writer, source))
    try:
        while not writer.is_closing() and not doing.done():
            await asyncio.sleep(0.05)
            if reader.at_eof():
                break
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        writer.transport.abort()


LIVED: dict[str, list[float]] = defaultdict(list)


async def _main(port: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    running = [asyncio.create_task(_lives(*each, port, until), name=each[0]) for each in ROUNDS]
    _, late = await asyncio.wait(running, timeout=seconds + 40)
    longest = {kind: round(max(times), 1) for kind, times in LIVED.items()}
    never = sorted({task.get_name() for task in late})
    sys.stdout.write(json.dumps({"longest": longest, "never cut": never}) + "\n")
    for task in late:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))

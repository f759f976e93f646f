"""Asks a web dyno that has opened its port for a first answer.

Servers open their port before they load the app: with the port alone a release whose app can't be
loaded would replace one that works. Any answer at all counts.
"""

from __future__ import annotations

import asyncio
import contextlib

# Longer than any server takes from its port to its workers; after it the port alone counts.
LIMIT_SECONDS = 20.0
_AGAIN_SECONDS = 0.02
_REQUEST = (
    b"HEAD / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: hatoba-boot-probe\r\n"
    b"Connection: close\r\n\r\n"
)


async def first_answer(address: str) -> None:
    """Wait until something answers at ``host:port``, at most 20 s."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_SECONDS):
            while not await _answers(host, int(port)):
                await asyncio.sleep(_AGAIN_SECONDS)


async def _answers(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(_REQUEST)
        return bool(await reader.read(1))
    except OSError:
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

"""Asks a web dyno that has opened its port for a first answer.

Servers open their port before they load the app: with the port alone a release whose app can't be
loaded would replace one that works. Any answer at all counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import re

# Longer than any server takes from its port to its workers; after it the port alone counts.
LIMIT_SECONDS = 20.0
_AGAIN_SECONDS = 0.02
# What is read of an answer whose status is known. To hang up in the middle of it would be told as
# an error (H27) in the app's log, but a page may have no end.
_REST_BYTES = 4 * 1024 * 1024
_REST_SECONDS = 2.0
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})")


def _request(method: str, host: str) -> bytes:
    return (
        f"{method} / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: hatoba-boot-probe\r\n"
        "Connection: close\r\n\r\n"
    ).encode()


async def first_answer(address: str) -> None:
    """Wait until something answers at ``host:port``, at most 20 s."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_SECONDS):
            while not await _answers(host, int(port)):
                await asyncio.sleep(_AGAIN_SECONDS)


async def status(address: str, port: int, host: str) -> int | None:
    """Return the status with which ``host`` answers there, None without one within 20 s."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_SECONDS):
            request = _request("GET", host)
            found = _STATUS_LINE.match(await _asked(address, port, request, 12, whole=True))
            return int(found[1]) if found else None
    return None


async def _answers(host: str, port: int) -> bool:
    return bool(await _asked(host, port, _request("HEAD", "localhost"), 1))


async def _asked(host: str, port: int, request: bytes, size: int, *, whole: bool = False) -> bytes:
    """Return the beginning of the answer, empty without one; take in the ``whole`` of it."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return b""
    try:
        writer.write(request)
        beginning = await reader.readexactly(size)
        if whole:
            await _take_in(reader)
    except asyncio.IncompleteReadError as error:
        return error.partial
    except OSError:
        return b""
    else:
        return beginning
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _take_in(reader: asyncio.StreamReader) -> None:
    left = _REST_BYTES
    with contextlib.suppress(TimeoutError, OSError):
        async with asyncio.timeout(_REST_SECONDS):
            while left > 0 and (piece := await reader.read(left)):
                left -= len(piece)

"""Run sessions: a TLS port on which a client meets the one-off dyno that it asked for.

The client sends the session's secret and a newline, the platform answers ``rendezvous``, then
bytes go both ways until the dyno has closed its output. The official command drops the whole first
piece that it receives, and forwards input only after it; it sends 0x04 when its own input has
ended, because it does not half-close the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from hatoba.kit.scrub import Scrubber

log = structlog.get_logger("rendezvous")

BANNER = b"rendezvous\r\n"
_END_OF_INPUT = b"\x04"
_MARK = "\ufffd".encode()
_SECRET_BYTES = 256
_HELLO_SECONDS = 30.0
# https://devcenter.heroku.com/articles/one-off-dynos: a session ends after an hour without a byte.
_IDLE_SECONDS = 3600.0


class Streams(Protocol):
    """The standard streams of the dyno (``engines.base.Attachment``)."""

    async def read(self) -> bytes:
        """Return the next output; empty when the dyno has closed it."""
        ...

    async def write(self, data: bytes) -> None:
        """Send input; raises ConnectionError when the dyno is gone."""
        ...

    async def end_input(self) -> None:
        """Close the dyno's standard input."""
        ...

    async def close(self) -> None:
        """Let go of the streams."""
        ...


@dataclass(frozen=True)
class Meeting:
    """What a secret opens."""

    streams: Streams
    terminal: bool
    scrubber: Scrubber


Connect = Callable[[str], Awaitable[Meeting | None]]


class Rendezvous:
    """The server of run sessions. ``connect`` turns a secret into a meeting, once."""

    def __init__(self, connect: Connect, *, certificate: Path, key: Path) -> None:
        self._connect = connect
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=self._context)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End every session and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)
        try:
            await self._meet(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            log.debug("a run session ended early")
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
                await asyncio.wait_for(writer.wait_closed(), 5)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HELLO_SECONDS):
            line = await reader.readuntil(b"\n")
        secret = line[:_SECRET_BYTES].decode(errors="replace").strip()
        meeting = await self._connect(secret)
        if meeting is None:
            return
        try:
            writer.write(BANNER)
            await writer.drain()
            await _carry(meeting, reader, writer)
        finally:
            await meeting.streams.close()


async def _carry(
    meeting: Meeting, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Carry bytes both ways until the dyno has closed its output or the client has gone."""
    typing = asyncio.create_task(_input(meeting, reader))
    printing = asyncio.create_task(_output(meeting, writer))
    try:
        await asyncio.wait({typing, printing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (typing, printing):
            task.cancel()
        await asyncio.gather(typing, printing, return_exceptions=True)


async def _input(meeting: Meeting, reader: asyncio.StreamReader) -> None:
    """Carry input until the client has gone; what is typed to a dyno that ended is dropped."""
    while True:
        async with asyncio.timeout(_IDLE_SECONDS):
            data = await reader.read(65536)
        if not data:
            return
        ends = not meeting.terminal and data.endswith(_END_OF_INPUT)
        with contextlib.suppress(ConnectionError):
            if typed := data[:-1] if ends else data:
                await meeting.streams.write(typed)
            if ends:
                await meeting.streams.end_input()


async def _output(meeting: Meeting, writer: asyncio.StreamWriter) -> None:
    """Carry output; a line that begins with the exit status' mark goes in one piece."""
    held = b""
    while data := await meeting.streams.read():
        shown = held + meeting.scrubber.feed(data)
        mark = shown.rfind(_MARK)
        held = shown[mark:] if mark >= 0 and b"\n" not in shown[mark:] else b""
        if ready := shown[: len(shown) - len(held)]:
            writer.write(ready)
            await writer.drain()
    if rest := held + meeting.scrubber.close():
        writer.write(rest)
        await writer.drain()

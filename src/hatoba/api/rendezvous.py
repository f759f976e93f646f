"""Run sessions: a TLS port on which a client meets the one-off dyno that it asked for.

The client sends the session's secret and a newline (heroku3 leaves that out), the platform answers
``rendezvous``, then bytes go both ways until the dyno has closed its output. The official command
drops the whole first piece that it receives, and forwards input only after it; it sends 0x04 when
its own input has ended, because it does not half-close the connection.
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

from hatoba.control.sessions import SECRET_LENGTH
from hatoba.errors import HatobaError
from hatoba.kit.scrub import Scrubber

log = structlog.get_logger("rendezvous")

BANNER = b"rendezvous\r\n"
_END_OF_INPUT = b"\x04"
# The official command finds the exit status only if its line, which begins with this, comes whole.
_MARK = "\uffff".encode()
_MARKED_LINE_BYTES = 256
_SECRET_BYTES = 256
_HELLO_SECONDS = 30.0
_NEWLINE_SECONDS = 1.0
# https://devcenter.heroku.com/articles/one-off-dynos: a session ends after an hour without a byte.
_IDLE_SECONDS = 3600.0
# The official command breaks when it tells the end of its input to a connection that is closed
# already: after a short command it is waited for so long.
_LAST_INPUT_SECONDS = 0.5


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
    """What a secret opens. ``raw`` means that no byte ends the input; ``leave`` ends it all."""

    streams: Streams
    terminal: bool
    scrubber: Scrubber
    raw: bool = False
    leave: Callable[[], None] = lambda: None


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
        except (OSError, EOFError, asyncio.LimitOverrunError, HatobaError) as error:
            log.debug("a run session ended early", why=type(error).__name__)
        finally:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
                await asyncio.wait_for(writer.wait_closed(), 5)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HELLO_SECONDS):
            line = await _hello(reader)
        secret = line[:_SECRET_BYTES].decode(errors="replace").strip()
        meeting = await self._connect(secret)
        if meeting is None:
            return
        try:
            writer.write(BANNER)
            await writer.drain()
            await _carry(meeting, reader, writer)
        finally:
            meeting.leave()
            await meeting.streams.close()


async def _hello(reader: asyncio.StreamReader) -> bytes:
    """Return the secret, which has a newline after it in the same packet, or none at all."""
    try:
        return await asyncio.wait_for(reader.readuntil(b"\n"), _NEWLINE_SECONDS)
    except TimeoutError:
        return await reader.readexactly(SECRET_LENGTH)


async def _carry(
    meeting: Meeting, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Carry bytes both ways until the dyno has closed its output or the client has gone."""
    async with asyncio.timeout(_IDLE_SECONDS) as idle:
        told = asyncio.Event()
        typing = asyncio.create_task(_input(meeting, reader, idle, told))
        printing = asyncio.create_task(_output(meeting, writer, idle))
        try:
            await asyncio.wait({typing, printing}, return_when=asyncio.FIRST_COMPLETED)
            if printing.done():
                await printing
            if not meeting.terminal and not meeting.raw:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(told.wait(), _LAST_INPUT_SECONDS)
        finally:
            for task in (typing, printing):
                task.cancel()
            await asyncio.gather(typing, printing, return_exceptions=True)


def _put_off(idle: asyncio.Timeout) -> None:
    idle.reschedule(asyncio.get_running_loop().time() + _IDLE_SECONDS)


async def _input(
    meeting: Meeting, reader: asyncio.StreamReader, idle: asyncio.Timeout, told: asyncio.Event
) -> None:
    """Carry input until the client has gone; ``told`` is set once it has told its end."""
    ended = False
    while data := await reader.read(65536):
        _put_off(idle)
        if ended:
            continue
        ended = not meeting.terminal and not meeting.raw and data.endswith(_END_OF_INPUT)
        # A dyno that takes no more input may still have output to show.
        with contextlib.suppress(ConnectionError):
            if typed := data[:-1] if ended else data:
                await meeting.streams.write(typed)
            if ended:
                told.set()
                await meeting.streams.end_input()


async def _output(meeting: Meeting, writer: asyncio.StreamWriter, idle: asyncio.Timeout) -> None:
    """Carry output at the client's pace; a line that begins with the mark goes in one piece."""
    held = b""
    while data := await meeting.streams.read():
        _put_off(idle)
        shown = held + meeting.scrubber.feed(data)
        ready = _ready(shown)
        held = shown[ready:]
        if ready:
            writer.write(shown[:ready])
            await writer.drain()
    if rest := held + meeting.scrubber.close():
        writer.write(rest)
        await writer.drain()


def _ready(shown: bytes) -> int:
    """Return how many bytes may go: up to a marked line, or a cut mark, without its end."""
    mark = shown.rfind(_MARK)
    if mark >= 0 and b"\n" not in shown[mark:] and len(shown) - mark < _MARKED_LINE_BYTES:
        return mark
    cut = next((n for n in (2, 1) if shown.endswith(_MARK[:n])), 0)
    return len(shown) - cut

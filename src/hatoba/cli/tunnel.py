"""A port of this machine that leads to a platform elsewhere, over TLS.

The official command gives its token to localhost or Heroku's own hosts only, and wants plain HTTP
for the API, TLS for git and TLS without a server name for run sessions. All of them come in by
one port here, told apart by their first bytes, and go out as TLS whose certificate is checked.
Nothing is read of them but that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from hatoba.client.errors import ClientError
from hatoba.client.origin import Origin

_TLS_HANDSHAKE = b"\x16"
_REQUEST_LINE = re.compile(rb"([A-Z]+ \S+ HTTP/1\.[01]|PRI \* HTTP/2\.0)\r\n")
_FIRST_LINE_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
_PIECE = 65536

Pipe = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Ends:
    """Where a tunnel leads: the API, its run sessions, and how their certificates are checked.

    ``served`` is what TLS is answered with on this side.
    """

    api: Origin
    terminals: Origin
    checked: ssl.SSLContext
    served: ssl.SSLContext


class Tunnel:
    """The port, served by a thread of its own between ``open`` and ``close``."""

    def __init__(self, ends: Ends, port: int) -> None:
        self._ends = ends
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Listen. Raises ClientError when the port is taken."""
        try:
            listener = socket.create_server(("127.0.0.1", self._port))
        except OSError as error:
            raise ClientError(
                f"Port {self._port} can't be opened: {error.strerror}. Choose another with --port."
            ) from error
        listener.setblocking(False)
        self._listener = listener
        self._thread.start()
        self._call(self._begin(listener))

    def close(self) -> None:
        """End the port and everything that goes through it."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._listener is not None:
            self._listener.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _begin(self, listener: socket.socket) -> None:
        self._accepting = asyncio.create_task(self._accept(listener))

    async def _end(self) -> None:
        tasks = [*self._links, *([self._accepting] if self._accepting else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listener)
            link = asyncio.create_task(self._serve(connection))
            self._links.add(link)
            link.add_done_callback(self._links.discard)

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            reader, writer, secured = await self._taken(connection)
            try:
                first = await _first_line(reader) if secured else b""
                is_session = secured and not _REQUEST_LINE.fullmatch(first)
                if is_session:
                    await self._carry(reader, writer, first, self._ends.terminals, _answer)
                else:
                    await self._carry(reader, writer, first, self._ends.api, _pipe)
            finally:
                writer.close()

    async def _taken(
        self, connection: socket.socket
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bool]:
        """Return the client's streams, after TLS where it begins with that."""
        loop = asyncio.get_running_loop()
        secured = await _peeked(connection) == _TLS_HANDSHAKE
        reader = asyncio.StreamReader(limit=_PIECE)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, connection, ssl=self._ends.served if secured else None
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop), secured

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        first: bytes,
        end: Origin,
        carried_back: Pipe,
    ) -> None:
        try:
            there, back = await asyncio.wait_for(
                asyncio.open_connection(
                    end.address, end.port, ssl=self._ends.checked, server_hostname=end.host
                ),
                _CONNECT_SECONDS,
            )
        except (OSError, TimeoutError) as error:
            writer.write(_bad_gateway(end, error))
            await writer.drain()
            return
        back.write(first)
        ways = [
            asyncio.create_task(_pipe(reader, back)),
            asyncio.create_task(carried_back(there, writer)),
        ]
        try:
            # Neither side of TLS can half-close: when one has ended, so has the other.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.close()


async def _peeked(connection: socket.socket) -> bytes:
    """Return the first byte that a client sends, without taking it."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, _settle, ready)
    try:
        await asyncio.wait_for(ready, _FIRST_LINE_SECONDS)
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def _first_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.readuntil(b"\n"), _FIRST_LINE_SECONDS)
    except asyncio.LimitOverrunError:
        return b""


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry a session's first line by itself: the official command drops what comes with it."""
    with contextlib.suppress(OSError, ValueError):
        writer.write(await reader.readline())
        await writer.drain()
        await _pipe(reader, writer)


def _bad_gateway(end: Origin, error: Exception) -> bytes:
    reason = str(error) or "it took too long"
    said = {"id": "bad_gateway", "message": f"{end} does not answer: {reason}"}
    body = json.dumps(said).encode()
    head = (
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body

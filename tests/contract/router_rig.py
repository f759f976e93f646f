"""A real Envoy with small servers behind it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hatoba.model.route import AppRoute, Endpoint, RouteMode
from hatoba.router.base import RouterLine
from hatoba.router.driver import EnvoyRouter, RouterPlace

Handler = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
KEY = "7d1c1a3e-0000-4000-8000-000000000001"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def route(
    *endpoints: Endpoint, key: str = KEY, app: str = "wharf", mode: RouteMode = RouteMode.SERVING
) -> AppRoute:
    return AppRoute(key, app, (f"{app}.localhost",), mode, tuple(endpoints))


def answer(body: bytes) -> Handler:
    """Answer every request with its own body."""

    async def handle(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = body or head
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(sent), sent))

    return handle


@asynccontextmanager
async def dyno(handler: Handler, name: str = "web.1") -> AsyncIterator[Endpoint]:
    """Run a server whose handler is given each request's head; it ends with its test."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                await handler(await reader.readuntil(b"\r\n\r\n"), reader, writer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Endpoint(f"id-{name}", name, "127.0.0.1", port)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Rig:
    """A router of its own folder and port, with its log read."""

    place: RouterPlace
    router: EnvoyRouter
    notices: list[str]
    log: list[RouterLine] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    def read_log(self) -> None:
        async def read() -> None:
            async for batch in self.router.lines():
                self.log.extend(batch)

        self._reading = asyncio.create_task(read())

    async def stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def get(
        self,
        host: str = "wharf.localhost",
        path: str = "/",
        *,
        headers: str = "",
        tls: bool = False,
    ) -> Answer:
        return parsed(
            await self.send(
                f"GET {path} HTTP/1.1\r\nhost: {host}:{self.place.port}\r\nconnection: close\r\n"
                f"{headers}\r\n",
                tls=tls,
            )
        )

    async def send(self, request: str, *, tls: bool = False) -> bytes:
        reader, writer = await self.connect(tls=tls)
        try:
            writer.write(request.encode())
            await writer.drain()
            async with asyncio.timeout(40):
                return await reader.read()
        finally:
            writer.close()

    async def connect(
        self, *, tls: bool = False
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = None
        if tls:
            context = ssl.create_default_context(cafile=self.router.certificates.ca)
        return await asyncio.open_connection(
            "127.0.0.1",
            self.place.port,
            ssl=context,
            server_hostname="localhost" if tls else None,
        )

    async def line(self, part: str) -> str:
        """Wait for a log line with this in it."""
        async with asyncio.timeout(10):
            while True:
                for found in self.log:
                    if part in found.text:
                        return found.text
                await asyncio.sleep(0.02)


def parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    pairs = (line.partition(": ") for line in rest)
    return Answer(int(first.split()[1]), {k.lower(): v for k, _, v in pairs}, body)


@asynccontextmanager
async def rig_place() -> AsyncIterator[RouterPlace]:
    folder = Path(tempfile.mkdtemp(prefix="hatoba-rt-"))
    yield RouterPlace(folder / "d", folder / "r", folder / "api.sock", free_port(), concurrency=1)
    shutil.rmtree(folder)


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    async with rig_place() as place:
        notices: list[str] = []
        made = Rig(place, EnvoyRouter(place, notice=notices.append), notices)
        try:
            await made.router.start()
            made.read_log()
            yield made
        finally:
            await made.stop_reading()
            await made.router.stop()

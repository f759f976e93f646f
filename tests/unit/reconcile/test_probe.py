"""What a visit reads of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hatoba.control.reconcile import probe


class Server:
    """Begins an answer at once, and ends it once it is told to."""

    def __init__(self) -> None:
        self.ends = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\n")
        await writer.drain()
        leaving = asyncio.create_task(reader.read())
        leaving.add_done_callback(lambda _: self.hung_up.set())
        await self.ends.wait()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    async with await asyncio.start_server(made.answer, "127.0.0.1", 0) as listening:
        made.port = listening.sockets[0].getsockname()[1]
        yield made
        made.ends.set()


async def test_an_answer_is_heard_to_its_end(server: Server) -> None:
    visit = asyncio.create_task(probe.status("127.0.0.1", server.port, "harbour.localhost"))
    left = asyncio.create_task(server.hung_up.wait())
    done, _ = await asyncio.wait({visit, left}, timeout=0.3)
    assert not done
    server.ends.set()
    assert await visit == 503
    left.cancel()


async def test_an_answer_without_an_end_is_left(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_REST_SECONDS", 0.0)
    assert await probe.status("127.0.0.1", server.port, "harbour.localhost") == 503
    await server.hung_up.wait()

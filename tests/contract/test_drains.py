"""Log drains against real receivers: order, framing, outages, refusals, restarts."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hatoba.kit import authority
from hatoba.kit.clock import SystemClock
from hatoba.logs.base import LogFilter
from hatoba.logs.drains.courier import Courier, Cursor
from hatoba.logs.drains.frames import frame
from hatoba.logs.hub import LogHub
from hatoba.model.drain import Drain

APP = UUID("7d1c1a3e-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class QuickClock(SystemClock):
    """Waits are over at once, and counted."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


class Receiver:
    """A log server; ``answer`` is the status of its HTTP answers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.heads: list[str] = []
        self.answer = 204
        self.more = asyncio.Event()

    def take(self, data: bytes) -> bytes:
        """Take whole counted messages; return what is left."""
        while match := re.match(rb"(\d+) ", data):
            end = match.end() + int(match[1])
            if len(data) < end:
                break
            message = data[match.end() : end]
            assert message.endswith(b"\n")
            self.texts.append(message.decode().rstrip("\n"))
            data = data[end:]
        self.more.set()
        return data

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(20):
            while len(self.texts) < count:
                self.more.clear()
                await self.more.wait()
        return self.texts

    async def syslog(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest = b""
        while data := await reader.read(65536):
            rest = self.take(rest + data)
        writer.close()

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = int(re.search(r"content-length: (\d+)", head, re.I)[1])  # type: ignore[index]
                body = await reader.readexactly(size)
                self.heads.append(head)
                if self.answer < 300:
                    assert self.take(body) == b""
                self.more.set()
                writer.write(b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handler: Handler, port: int = 0) -> AsyncIterator[int]:
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await handler(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in writers:
            writer.close()


@asynccontextmanager
async def carried(
    hub: LogHub, url: str, folder: Path, clock: SystemClock
) -> AsyncIterator[Courier]:
    drain = Drain(uuid4(), APP, url, NOW, NOW)
    courier = Courier(drain, hub, Cursor(folder / "cursor"), clock)
    task = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def hub(tmp_path: Path) -> LogHub:
    return LogHub(tmp_path / "logs", SystemClock())


def said(hub: LogHub) -> list[str]:
    return [line.text.decode() for line in hub.recent(APP, 50, LogFilter(source="heroku"))]


async def test_syslog_takes_lines_in_order_from_now_on(hub: LogHub, tmp_path: Path) -> None:
    hub.event(APP, "before the drain", at=NOW)
    receiver = Receiver()
    async with (
        listening(receiver.syslog) as port,
        carried(hub, f"syslog://127.0.0.1:{port}", tmp_path, SystemClock()),
    ):
        for number in range(1200):
            hub.platform(APP, "web.1", f"line {number}", at=NOW)
        texts = await receiver.until(1200)
    assert [t.rpartition(" ")[2] for t in texts] == [str(n) for n in range(1200)]
    token = r"d\.[0-9a-f-]{36}"
    assert re.fullmatch(rf"<45>1 2026-11-23T\S+ {token} heroku web\.1 - line 0", texts[0])


async def test_https_format_is_logplex_own(hub: LogHub, tmp_path: Path) -> None:
    receiver = Receiver()
    async with (
        listening(receiver.http) as port,
        carried(hub, f"http://me:p%40ss@127.0.0.1:{port}/in?k=v", tmp_path, SystemClock()) as it,
    ):
        hub.event(APP, "Release v2 created", at=NOW)
        await receiver.until(1)
    assert receiver.texts == [
        "<190>1 2026-11-23T00:00:00.000000+00:00 host app api - Release v2 created"
    ]
    head = receiver.heads[0].lower()
    assert head.startswith("post /in?k=v http/1.1")
    assert "content-type: application/logplex-1" in head
    assert "logplex-msg-count: 1\r" in head
    assert "logplex-drain-token: d." in head
    assert "authorization: basic bwu6cebzcw==" in head
    assert it.problem is None


async def test_lines_wait_for_a_receiver_that_is_away(hub: LogHub, tmp_path: Path) -> None:
    async with listening(Receiver().http) as port:
        pass
    clock = QuickClock()
    receiver = Receiver()
    async with carried(hub, f"http://127.0.0.1:{port}/", tmp_path, clock) as courier:
        hub.platform(APP, "web.1", "waits", at=NOW)
        async with asyncio.timeout(20):
            while len(clock.waits) < 3:
                await asyncio.sleep(0)
        assert courier.problem
        async with listening(receiver.http, port):
            texts = await receiver.until(3)
    assert [t.partition(" - ")[2].split(" ", 2)[-1] for t in texts[:1]] == ["waits"]
    assert sum("takes no lines: it can't be reached" in line for line in said(hub)) == 1
    assert sum("takes lines again" in line for line in said(hub)) == 1


async def test_what_is_refused_for_good_is_dropped_and_counted(hub: LogHub, tmp_path: Path) -> None:
    receiver = Receiver()
    receiver.answer = 400
    clock = QuickClock()
    async with (
        listening(receiver.http) as port,
        carried(hub, f"http://127.0.0.1:{port}/", tmp_path, clock) as courier,
    ):
        hub.platform(APP, "web.1", "refused", at=NOW)
        async with asyncio.timeout(20):
            while courier.problem is None or not clock.waits:
                await asyncio.sleep(0)
        receiver.answer = 204
        hub.platform(APP, "web.1", "taken", at=NOW)
        async with asyncio.timeout(20):
            while not any("L10" in text for text in receiver.texts):
                receiver.more.clear()
                await receiver.more.wait()
    assert any(t.endswith("taken") for t in receiver.texts)
    assert not any(t.endswith("- refused") for t in receiver.texts)
    assert any("Error L10 (output buffer overflow) -> drain 'd." in line for line in said(hub))


async def test_goes_on_where_it_left_off(hub: LogHub, tmp_path: Path) -> None:
    first, second = Receiver(), Receiver()
    async with listening(first.syslog) as port:
        url = f"syslog://127.0.0.1:{port}"
        async with carried(hub, url, tmp_path, SystemClock()) as courier:
            hub.platform(APP, "web.1", "one", at=NOW)
            await first.until(1)
            async with asyncio.timeout(5):
                while not courier.delivered:
                    await asyncio.sleep(0)
    hub.platform(APP, "web.1", "while nobody carried", at=NOW)
    async with (
        listening(second.syslog) as port,
        carried(hub, f"syslog://127.0.0.1:{port}", tmp_path, SystemClock()),
    ):
        texts = await second.until(1)
    assert texts[0].endswith("while nobody carried")


async def test_one_that_hangs_slows_nobody_and_loses_nothing(
    hub: LogHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hatoba.logs.tails.BUFFER_BYTES", 20_000)
    receiver, go = Receiver(), asyncio.Event()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        await receiver.http(reader, writer)

    async with (
        listening(late) as port,
        carried(hub, f"http://127.0.0.1:{port}/", tmp_path, SystemClock()),
    ):
        for number in range(3000):
            hub.platform(APP, "web.1", f"line {number}", at=NOW)
            if number % 100 == 0:
                await asyncio.sleep(0)
        assert not receiver.texts
        go.set()
        texts = await receiver.until(3000)
    assert [t.rpartition(" ")[2] for t in texts] == [str(n) for n in range(3000)]
    assert not any("L10" in line for line in said(hub))


async def test_a_certificate_that_nobody_vouches_for(hub: LogHub, tmp_path: Path) -> None:
    files = authority.ensure(tmp_path / "ca", datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.key)
    server = await asyncio.start_server(Receiver().syslog, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    clock = QuickClock()
    async with carried(hub, f"syslog+tls://localhost:{port}", tmp_path, clock):
        hub.platform(APP, "web.1", "secret line", at=NOW)
        async with asyncio.timeout(20):
            while not clock.waits:
                await asyncio.sleep(0)
    server.close()
    assert any("Error L14 (Certificate validation error)" in line for line in said(hub))


def test_a_frame_counts_its_bytes() -> None:
    line = "2026-11-23T14:00:00.000000+00:00 app[web.1]: grüße: 1".encode()
    count, _, message = frame(line).partition(b" ")
    assert int(count) == len(message)
    assert message.decode() == "<190>1 2026-11-23T14:00:00.000000+00:00 host app web.1 - grüße: 1\n"

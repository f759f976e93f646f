"""The router's contract, over a real Envoy."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hatoba.errors import StartupError
from hatoba.model.route import Endpoint, OwnPages, RouteMode
from hatoba.router.driver import EnvoyRouter
from tests.contract.router_rig import KEY, Rig, answer, dyno, free_port, rig, rig_place, route


@pytest.fixture
async def router() -> AsyncIterator[Rig]:
    async with rig() as made:
        await made.router.load([])
        yield made


async def test_carries_requests_to_a_dyno(router: Rig) -> None:
    async with dyno(answer(b"hello")) as web:
        await router.router.publish(route(web))
        got = await router.get(path="/a?b=1")
        assert (got.status, got.body) == (200, b"hello")
        line = await router.line('path="/a?b=1"')
    assert line.startswith('at=info method=GET path="/a?b=1" host=wharf.localhost')
    assert " dyno=web.1 connect=" in line
    assert " status=200 " in line


async def test_unknown_host(router: Rig) -> None:
    got = await router.get("nobody.localhost")
    assert got.status == 404
    assert b"No such app" in got.body


@pytest.mark.parametrize(
    ("mode", "status", "page", "code"),
    [
        (RouteMode.MAINTENANCE, 503, b"Offline for maintenance", "at=info code=H80"),
        (RouteMode.CRASHED, 503, b"Application error", "at=error code=H10"),
        (RouteMode.NO_WEB, 503, b"Application error", "at=error code=H14"),
        (RouteMode.BLANK, 502, b"There&#x27;s nothing here, yet.", "at=info code=H81"),
    ],
)
async def test_answers_in_place_of_the_app(
    router: Rig, mode: RouteMode, status: int, page: bytes, code: str
) -> None:
    await router.router.publish(route(mode=mode))
    got = await router.get()
    assert got.status == status
    assert page in got.body
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert (await router.line("code=")).startswith(code)


async def test_an_app_has_pages_of_its_own(router: Rig) -> None:
    pages = OwnPages("https://pages.example/soon?a=1&b=%41", 'https://pages.example/oh">.html')
    for mode, own in (
        (RouteMode.MAINTENANCE, b'<iframe src="https://pages.example/soon?a=1&amp;b=%41"'),
        (RouteMode.CRASHED, b'<iframe src="https://pages.example/oh&quot;&gt;.html"'),
        (RouteMode.NO_WEB, b'<iframe src="https://pages.example/oh&quot;&gt;.html"'),
    ):
        await router.router.publish(replace(route(mode=mode), pages=pages))
        got = await router.get()
        assert (got.status, got.body.count(own)) == (503, 1)

    async def hangs_up(_: bytes, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        del reader
        out.close()

    async with dyno(hangs_up) as web:
        await router.router.publish(replace(route(web), pages=pages))
        got = await router.get()
        assert (got.status, got.body.count(b"oh&quot;&gt;.html")) == (503, 1)
        await router.router.publish(route(web))
        plain = await router.get()
        assert (plain.status, b"iframe" in plain.body) == (503, False)
        assert b"could not answer" in plain.body
        assert b"</main></body>" in plain.body


async def test_holds_requests_until_the_first_dyno_accepts_them(router: Rig) -> None:
    async def echo(head: bytes, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        body = await reader.readexactly(5)
        out.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + body)

    await router.router.publish(route(mode=RouteMode.STARTING))
    reader, writer = await router.connect()
    writer.write(b"POST /held HTTP/1.1\r\nhost: wharf.localhost\r\ncontent-length: 5\r\n\r\nhello")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 1)
    async with dyno(echo) as web:
        await router.router.publish(route(web))
        async with asyncio.timeout(10):
            got = await reader.readuntil(b"hello")
        writer.close()
        line = await router.line('path="/held"')
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert line.startswith("at=info method=POST")
    assert " dyno=web.1 " in line


async def test_forgets_an_app(router: Rig) -> None:
    async with dyno(answer(b"hello")) as web:
        await router.router.publish(route(web))
        await router.router.withdraw(KEY)
        assert (await router.get()).status == 404
        await router.router.publish(route(web))
        assert (await router.get()).body == b"hello"


async def test_a_host_goes_to_the_app_published_last(router: Rig) -> None:
    async with dyno(answer(b"old")) as old, dyno(answer(b"new")) as new:
        await router.router.publish(route(old))
        await router.router.publish(route(new, key="another"))
        assert (await router.get()).body == b"new"
        await router.router.withdraw(KEY)
        assert (await router.get()).body == b"new"


async def test_speaks_tls_on_the_same_port(router: Rig) -> None:
    async with dyno(answer(b"")) as web:
        await router.router.publish(route(web))
        got = await router.get(tls=True)
        assert b"x-forwarded-proto: https" in got.body
        assert "tls=true tls_version=tls1.3" in await router.line("tls=true")


async def test_headers_that_the_app_gets(router: Rig) -> None:
    given = "0123456789-abcdefghij"
    async with dyno(answer(b"")) as web:
        await router.router.publish(route(web))
        sent = f"x-request-id: {given}\r\nx-forwarded-for: 203.0.113.7\r\n"
        head = (await router.get(headers=sent)).body.decode().lower()
        other = (await router.get(headers="x-request-id: bad id\r\n")).body.decode().lower()
    assert f"x-request-id: {given}" in head
    assert "x-forwarded-for: 203.0.113.7, 127.0.0.1" in head
    assert "x-forwarded-proto: http\r" in head
    assert f"x-forwarded-port: {router.place.port}" in head
    assert re.search(r"x-request-start: \d{13}\r", head)
    assert "via: 1.1 hatoba" in head
    assert "bad id" not in other
    assert re.search(r"x-request-id: [0-9a-f-]{36}\r", other)
    assert "x-envoy" not in head + other
    assert "x-hatoba" not in head + other


async def test_drains_without_losing_a_request(router: Rig) -> None:
    arrived, finish = asyncio.Event(), asyncio.Event()

    async def slow(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await finish.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nold")

    async with dyno(slow) as old, dyno(answer(b"new"), "web.2") as new:
        await router.router.publish(route(old))
        request = asyncio.create_task(router.get())
        await arrived.wait()
        draining = replace(old, draining=True)
        await router.router.publish(route(draining, new))
        assert {(await router.get()).body for _ in range(10)} == {b"new"}
        assert not await router.router.idle(KEY, old, timeout=0.2)
        finish.set()
        assert await router.router.idle(KEY, old, timeout=10)
        assert (await request).body == b"old"


async def test_retries_on_another_dyno_when_others_refuse(router: Rig) -> None:
    refusing = [Endpoint(f"gone{n}", f"web.{n}", "127.0.0.1", free_port()) for n in (2, 3)]
    async with dyno(answer(b"hello")) as web:
        await router.router.publish(route(web, *refusing))
        assert {(await router.get()).status for _ in range(200)} == {200}


async def test_codes_of_what_goes_wrong(router: Rig) -> None:
    async def close(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def garbage(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"nonsense\r\n\r\n")

    async def cut(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart")
        await writer.drain()
        writer.close()

    for handler, path, code in (
        (close, "/close", "H13"),
        (garbage, "/garbage", "H17"),
        (cut, "/cut", "H18"),
    ):
        async with dyno(handler) as web:
            await router.router.publish(route(web))
            got = await router.get(path=path)
            line = await router.line(f'path="{path}"')
        assert f"at=error code={code} " in line
        assert got.status == (200 if code == "H18" else 503)
    await router.router.publish(route(Endpoint("gone", "web.1", "127.0.0.1", free_port())))
    got = await router.get(path="/refused")
    assert (got.status, b"Application error" in got.body) == (503, True)
    assert 'code=H21 desc="Backend connection refused"' in await router.line('"/refused"')


async def test_websockets(router: Rig) -> None:
    async def echo(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up = (
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
        )
        writer.write(up)
        writer.write(await reader.readexactly(4))
        await writer.drain()
        writer.close()

    async with dyno(echo) as web:
        await router.router.publish(route(web))
        head = "GET /ws HTTP/1.1\r\nhost: wharf.localhost\r\nconnection: upgrade\r\n"
        raw = await router.send(f"{head}upgrade: websocket\r\n\r\nping")
        line = await router.line('path="/ws"')
    assert raw.startswith(b"HTTP/1.1 101")
    assert raw.endswith(b"ping")
    assert line.startswith("at=info method=GET")


async def test_front_door_leads_to_the_daemon(router: Rig) -> None:
    seen: list[int] = []

    async def api(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        size = 0
        while size < 20_000_000:
            size += len(await reader.read(1 << 20))
        seen.append(size)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(api, str(router.place.daemon)):
        head = "POST / HTTP/1.1\r\nhost: localhost:1\r\nconnection: close\r\n"
        body = "x" * 20_000_000
        raw = await router.send(f"{head}content-length: {len(body)}\r\n\r\n{body}")
    assert raw.endswith(b"ok")
    assert seen == [20_000_000]
    assert router.log == []


async def test_heals_after_envoy_is_killed(router: Rig) -> None:
    async with dyno(answer(b"hello")) as web:
        await router.router.publish(route(web))
        old = router.router.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)
        async with asyncio.timeout(15):
            while router.router.pid in (None, old) or not await router.router.healthy():
                await asyncio.sleep(0.05)
            await router.router.publish(route(web, mode=RouteMode.MAINTENANCE))
        assert (await router.get()).status == 503
        assert router.notices == ["Envoy had ended; it was started again."]


async def test_a_new_daemon_takes_over_without_losing_a_request(router: Rig) -> None:
    async with dyno(answer(b"hello")) as web:
        await router.router.publish(route(web))
        await router.stop_reading()
        await router.router.release()
        assert {(await router.get(path="/away")).status for _ in range(20)} == {200}
        following = EnvoyRouter(router.place, notice=router.notices.append)
        old = router.router.pid
        router.router = following
        await following.start()
        assert following.pid == old
        assert (await router.get()).status == 200
        await following.load([route(web)])
        router.read_log()
        await router.line('path="/away"')
        await following.publish(route(web, mode=RouteMode.MAINTENANCE))
        assert (await router.get()).status == 503
        assert sum('"/away"' in line.text for line in router.log) == 20


async def test_a_taken_port_is_one_clear_line(router: Rig) -> None:
    async with rig_place() as place:
        taken = replace(place, port=router.place.port)
        second = EnvoyRouter(taken, notice=router.notices.append)
        with pytest.raises(StartupError, match=r"Port \d+ is already in use"):
            await second.start()
        await second.stop()


async def test_many_apps_and_a_change_among_them(router: Rig) -> None:
    async with dyno(answer(b"hello")) as web:
        many = [route(web, key=f"key-{n}", app=f"app-{n}") for n in range(1000)]
        await router.router.load(many)
        assert (await router.get("app-777.localhost")).body == b"hello"
        await router.router.publish(replace(many[777], mode=RouteMode.MAINTENANCE))
        assert (await router.get("app-777.localhost")).status == 503
        assert (await router.get("app-778.localhost")).body == b"hello"

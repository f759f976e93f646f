"""The embedded Postgres: set up, found again, healed, as root and as another user."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from hatoba.errors import StartupError
from hatoba.kit import process
from hatoba.settings import Settings
from hatoba.store.embedded import EmbeddedPostgres


@pytest.fixture
def settings() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="hatoba-pg-"))
    folder.chmod(0o755)
    chosen = Settings(data_dir=folder, port=1, engine="local", database_url=None)
    yield chosen
    shutil.rmtree(folder)
    shutil.rmtree(chosen.runtime_dir, ignore_errors=True)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[EmbeddedPostgres]:
    notices: list[str] = []
    postgres = EmbeddedPostgres(settings, notice=notices.append)
    await postgres.start()
    yield postgres
    await postgres.stop()


async def query(server: EmbeddedPostgres, text: str) -> list[tuple[object, ...]]:
    url = server.url.replace("+psycopg", "")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        cursor = await conn.execute(text.encode())
        return await cursor.fetchall() if cursor.description else []


async def healed(server: EmbeddedPostgres, old: int) -> None:
    async with asyncio.timeout(15):
        while server.pid in (None, old) or not await server.healthy():
            await asyncio.sleep(0.05)


async def test_listens_on_a_private_socket_only(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    assert await query(server, "show listen_addresses") == [("",)]
    assert await query(server, "show fsync") == [("on",)]
    assert (settings.runtime_dir / "pg").stat().st_mode & 0o777 == 0o700
    assert (settings.data_dir / "postgres.password").stat().st_mode & 0o777 == 0o600


async def test_refuses_a_wrong_password(server: EmbeddedPostgres, settings: Settings) -> None:
    (settings.data_dir / "postgres.password").write_text("wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await query(server, "select 1")


async def test_heals_after_kill(server: EmbeddedPostgres) -> None:
    await query(server, "create table kept (n int)")
    await query(server, "insert into kept values (7)")
    old = server.pid
    assert old is not None
    os.kill(old, signal.SIGKILL)
    await healed(server, old)
    assert await query(server, "select n from kept") == [(7,)]


async def test_next_daemon_adopts_it(server: EmbeddedPostgres, settings: Settings) -> None:
    following = EmbeddedPostgres(settings, notice=lambda _: None)
    await following.start()
    assert following.pid == server.pid


async def test_stops_and_starts_with_its_data(server: EmbeddedPostgres) -> None:
    await query(server, "create table kept (n int)")
    old = server.pid
    await server.stop()
    assert old is not None
    assert process.identify(old) is None
    await server.start()
    assert await query(server, "select count(*) from kept") == [(0,)]


async def test_says_what_is_left_of_a_platform_whose_folder_was_deleted(
    server: EmbeddedPostgres, settings: Settings
) -> None:
    await server.stop()
    (settings.data_dir / "postgres.password").unlink()
    with pytest.raises(StartupError, match="Move it away to begin anew: mv "):
        await server.start()

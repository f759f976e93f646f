"""Customers' Postgres servers: databases and roles that reach no other, limits in force."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from hatoba.addons.postgres import admin, facts, installations
from hatoba.addons.postgres.place import ServersPlace
from hatoba.addons.postgres.servers import Servers
from hatoba.kit import process
from hatoba.model.database import (
    Credential,
    Database,
    DatabaseServer,
    State,
    new_name,
    new_password,
)


@pytest.fixture(scope="module")
def place() -> Iterator[ServersPlace]:
    folder = Path(tempfile.mkdtemp(prefix="hatoba-db-"))
    folder.chmod(0o755)
    yield ServersPlace(folder, folder / "work", folder / "run")
    shutil.rmtree(folder)


@pytest.fixture
async def servers(place: ServersPlace) -> AsyncIterator[Servers]:
    made = Servers(place, notice=lambda _: None)
    yield made
    await made.close()


@pytest.fixture
async def server(servers: Servers) -> DatabaseServer:
    major = installations.preferred(await servers.installed()).major
    return DatabaseServer(uuid4(), True, await servers.free_port(frozenset(), 77), major)


def database_on(server: DatabaseServer, plan: str = "essential-0") -> tuple[Database, Credential]:
    made = Database(uuid4(), plan, server, new_name("d"), State.CREATING, datetime.now(UTC))
    return made, Credential(made.id, "default", new_name("u"), new_password())


async def connect(database: Database, credential: Credential) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(credential.url(database), autocommit=True)


async def run(database: Database, credential: Credential, text: str) -> list[tuple[object, ...]]:
    async with await connect(database, credential) as conn:
        found = await conn.execute(text.encode())
        return await found.fetchall() if found.description else []


async def test_a_role_owns_its_database_and_reaches_no_other(
    servers: Servers, server: DatabaseServer
) -> None:
    (one, mine), (two, theirs) = database_on(server), database_on(server)
    for database, owner in ((one, mine), (two, theirs)):
        await admin.make(servers, database, owner)
        # A kill between the steps has the whole done once more.
        await admin.make(servers, database, owner)
    await run(one, mine, "CREATE TABLE boats (name text)")
    await run(one, mine, "CREATE EXTENSION hstore")
    assert await run(one, mine, "SELECT count(*) FROM boats") == [(0,)]
    for target in (two, replace(one, name="postgres"), replace(one, name="template1")):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            await run(target, mine, "SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await run(one, replace(mine, password="wrong"), "SELECT 1")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run(one, mine, "CREATE DATABASE more")


async def test_the_plans_number_of_connections_is_in_force(
    servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server)
    await admin.make(servers, database, owner)
    held = [await connect(database, owner) for _ in range(database.limits.connections)]
    with pytest.raises(psycopg.OperationalError, match="too many connections for database"):
        await connect(database, owner)
    for conn in held:
        await conn.close()


async def test_a_credential_gets_in_and_its_things_go_to_the_owner_when_it_goes(
    servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server)
    await admin.make(servers, database, owner)
    analyst = Credential(database.id, "analyst", new_name("u"), new_password())
    await admin.add_credential(servers, database, owner, analyst)
    await run(database, owner, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await run(database, analyst, "SELECT * FROM boats")
    await run(database, owner, f"GRANT CREATE ON SCHEMA public TO {analyst.role}")
    await run(database, analyst, "CREATE TABLE notes AS SELECT 1 AS n")
    await admin.drop_credential(servers, database, owner, analyst)
    await admin.drop_credential(servers, database, owner, analyst)
    assert await run(database, owner, "SELECT n FROM notes") == [(1,)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await connect(database, analyst)


async def test_a_rotated_password_is_the_only_one(servers: Servers, server: DatabaseServer) -> None:
    database, owner = database_on(server)
    await admin.make(servers, database, owner)
    open_session = await connect(database, owner)
    fresh = replace(owner, password=new_password())
    await admin.rotate(servers, database, fresh, end_now=False)
    assert await (await open_session.execute("SELECT 1")).fetchone() == (1,)
    await admin.rotate(servers, database, fresh, end_now=True)
    with pytest.raises(psycopg.OperationalError):
        await open_session.execute("SELECT 1")
    assert await run(database, fresh, "SELECT 1") == [(1,)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await connect(database, owner)


async def test_what_was_set_aside_comes_back_whole(
    servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server)
    await admin.make(servers, database, owner)
    await run(database, owner, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    aside = new_name("t")
    async with servers.session(server) as conn:
        await admin.set_aside(conn, database.name, aside)
    await admin.make(servers, database, owner)
    assert await run(database, owner, "SELECT to_regclass('boats')") == [(None,)]
    async with servers.session(server) as conn:
        await admin.drop(conn, database.name)
        await admin.take_back(conn, aside, database.name)
        await admin.take_back(conn, aside, database.name)
    assert await run(database, owner, "SELECT name FROM boats") == [("Kaiyo",)]


async def test_a_database_over_its_size_refuses_writes_and_can_be_read(
    servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server)
    await admin.make(servers, database, owner)
    await run(database, owner, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    async with servers.session(server) as conn:
        await admin.only_read(conn, database.name, on=True)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await run(database, owner, "INSERT INTO boats VALUES ('Tsubasa')")
        assert await run(database, owner, "SELECT name FROM boats") == [("Kaiyo",)]
        await admin.only_read(conn, database.name, on=False)
    await run(database, owner, "INSERT INTO boats VALUES ('Tsubasa')")


async def test_a_killed_server_is_started_again_and_found_by_the_next_daemon(
    place: ServersPlace, servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server)
    await admin.make(servers, database, owner)
    (first,) = servers.pids()
    killed = process.identify(first)
    assert killed is not None
    assert process.send(killed, signal.SIGKILL)
    async with asyncio.timeout(20):
        while True:
            try:
                assert await run(database, owner, "SELECT 1") == [(1,)]
                break
            except psycopg.OperationalError:
                await asyncio.sleep(0.05)
    (second,) = servers.pids()
    assert second != first
    await servers.release()
    successor = Servers(place, notice=lambda _: None)
    await successor.start(server)
    assert successor.pids() == [second]
    await successor.close()


async def test_no_file_of_a_server_is_for_others(
    place: ServersPlace, servers: Servers, server: DatabaseServer
) -> None:
    plan = (await servers.start(server)).plan
    assert plan.folder.stat().st_mode & 0o777 == 0o700
    assert plan.socket_dir.stat().st_mode & 0o777 == 0o700
    assert plan.password_file.stat().st_mode & 0o777 == 0o600
    argv = Path(f"/proc/{servers.pids()[0]}/cmdline").read_text()
    assert plan.password_file.read_text() not in argv


async def test_a_follower_shows_what_is_written_and_takes_writes_once_it_follows_no_more(
    servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server, "standard-0")
    await admin.make(servers, database, owner)
    port = await servers.free_port(frozenset({server.port}), 77)
    follower = replace(database, server=replace(server, id=uuid4(), port=port))
    await servers.copy(server, follower.server, follow=True)
    await servers.copy(server, follower.server, follow=True)
    await run(database, owner, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    async with asyncio.timeout(20):
        while await run(follower, owner, "SELECT to_regclass('boats') IS NOT NULL") != [(True,)]:
            await asyncio.sleep(0.05)
    assert (await facts.of(servers, follower)).behind is not None
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await run(follower, owner, "CREATE TABLE other ()")
    await servers.promote(follower.server)
    await servers.promote(follower.server)
    await run(follower, owner, "INSERT INTO boats VALUES ('Tsubasa')")
    assert await run(database, owner, "SELECT count(*) FROM boats") == [(1,)]
    assert (await facts.of(servers, follower)).behind is None


async def test_a_fork_has_what_the_original_had_and_goes_its_own_way(
    servers: Servers, server: DatabaseServer
) -> None:
    database, owner = database_on(server, "standard-0")
    await admin.make(servers, database, owner)
    await run(database, owner, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    port = await servers.free_port(frozenset({server.port}), 77)
    fork = replace(database, server=replace(server, id=uuid4(), port=port))
    await servers.copy(server, fork.server, follow=False)
    await run(fork, owner, "INSERT INTO boats VALUES ('Tsubasa')")
    assert await run(database, owner, "SELECT count(*) FROM boats") == [(1,)]
    seen = await facts.of(servers, fork)
    assert seen.tables == 1
    assert seen.size_bytes > 1_000_000
    assert seen.version.startswith(str(server.major))

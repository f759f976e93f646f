"""Databases brought to a newer version of Postgres, with the way back kept open."""

from __future__ import annotations

from typing import cast
from unittest.mock import AsyncMock
from uuid import UUID, uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.addons.postgres import upgrading
from hatoba.control import (
    databases,
    databases_credentials,
    databases_followers,
    databases_upgrade,
    databases_upgrade_kept,
    databases_upgrade_move,
    databases_watch,
)
from hatoba.control.databases import Wanted
from hatoba.control.platform import Platform
from hatoba.model.database import Database
from hatoba.model.database import State as DatabaseState
from hatoba.model.database_upgrade import State, Upgrade
from hatoba.store import databases as rows

from .api_platform import Api
from .still import StillJobs


@pytest.fixture
async def p(api: Api) -> Platform:
    if len(await api.platform.databases.installed()) < 2:
        pytest.skip("this machine has one version of Postgres only; install postgresql")
    return api.platform


async def made(p: Platform, plan: str, *, follow: UUID | None = None) -> Database:
    async with p.store.begin() as conn:
        oldest = min(await p.databases.installed())
        wanted = Wanted(uuid4(), plan, follow=follow, major=None if follow else oldest)
        database = await databases.reserve(p, conn, wanted)
    return await databases.build(p, database.id)


async def run(p: Platform, database: Database, text: str, name: str = "default") -> object:
    url = await databases_credentials.url(p, database, name)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await conn.execute(text.encode())
        row = await found.fetchone() if found.description else None
    return row[0] if row else None


async def ended(p: Platform, upgrade: Upgrade) -> tuple[Upgrade, Database]:
    await databases_upgrade.settled(upgrade.id)
    database = await databases.find(p, upgrade.database_id)
    found = await databases_upgrade.latest(p, database)
    assert found is not None
    return found, database


async def test_a_server_moves_to_the_newer_version_under_the_same_url_and_back(
    p: Platform,
) -> None:
    database = await made(p, "standard-0")
    await databases_credentials.create(p, database, "analyst")
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    await run(p, database, "CREATE EXTENSION hstore")
    url = await databases_credentials.url(p, database)
    with pytest.raises(errors.Conflict, match="prepare"):
        await databases_upgrade.run(p, database, None)
    await databases_upgrade.prepare(p, database, None)
    done, after = await ended(p, await databases_upgrade.run(p, database, None))
    assert (done.state, done.problem) == (State.SUCCEEDED, None)
    assert after.state is DatabaseState.AVAILABLE
    assert after.server.major == max(await p.databases.installed())
    assert await databases_credentials.url(p, after) == url
    assert await run(p, after, "SELECT name FROM boats") == "Kaiyo"
    assert await run(p, after, "SELECT 1", "analyst") == 1
    await run(p, after, "INSERT INTO boats VALUES ('Tsubasa')")
    await databases_credentials.rotate(p, after, "default", end_now=True)
    await databases_upgrade.undo(p, after)
    back = await databases.find(p, database.id)
    assert back.server.major == database.server.major
    assert await run(p, back, "SELECT count(*) FROM boats") == 1
    await run(p, back, "INSERT INTO boats VALUES ('Hayate')")
    # What was written since the upgrade is kept in turn, and goes with the database at last.
    found = await databases_upgrade.latest(p, back)
    kept = await databases_upgrade_kept.kept_server(p, found)
    assert kept is not None
    files = (await p.databases.plan(kept)).folder
    assert files.exists()
    await databases_upgrade_kept.forget(p, back)
    assert not files.exists()


async def test_an_essential_database_moves_to_another_shared_server_and_back(p: Platform) -> None:
    database, other = await made(p, "essential-0"), await made(p, "essential-0")
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    done, after = await ended(p, await databases_upgrade.run(p, database, None))
    assert (done.state, done.problem) == (State.SUCCEEDED, None)
    assert after.server.shared
    assert after.server.major > database.server.major
    await run(p, after, "INSERT INTO boats VALUES ('Tsubasa')")
    assert await run(p, other, "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        await run(p, database, "SELECT 1")
    await databases_upgrade.undo(p, after)
    back = await databases.find(p, database.id)
    assert await run(p, back, "SELECT count(*) FROM boats") == 1
    await run(p, back, "INSERT INTO boats VALUES ('Hayate')")
    await databases_upgrade_kept.forget(p, back)


async def test_a_trial_tells_how_it_went_and_leaves_nothing(p: Platform) -> None:
    database = await made(p, "standard-0")
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    begun = await databases_upgrade.try_out(p, database, None)
    assert await run(p, database, "SELECT name FROM boats") == "Kaiyo"
    done, after = await ended(p, begun)
    assert (done.state, done.problem) == (State.SUCCEEDED, None)
    assert done.step.startswith("1 table")
    assert after.server == database.server


async def test_what_fails_leaves_the_database_as_it_was(
    p: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await made(p, "standard-0")
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")

    async def fails(*_: object) -> None:
        raise errors.Unavailable("the disk is full")

    monkeypatch.setattr(upgrading, "upgrade", fails)
    await databases_upgrade.prepare(p, database, None)
    done, after = await ended(p, await databases_upgrade.run(p, database, None))
    assert (done.state, done.problem) == (State.FAILED, "the disk is full")
    assert after.state is DatabaseState.AVAILABLE
    await run(p, after, "INSERT INTO boats VALUES ('Tsubasa')")
    with pytest.raises(errors.Conflict):
        await databases_upgrade.undo(p, after)


async def test_an_upgrade_that_was_cut_off_after_the_move_is_finished_at_the_next_start(
    p: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await made(p, "essential-0")
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")

    async def killed(*_: object) -> None:
        raise errors.Unavailable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(databases_upgrade_move, "finish", killed)
        cut, moved = await ended(p, await databases_upgrade.run(p, database, None))
    assert cut.state is State.MOVED
    assert moved.state is DatabaseState.UPGRADING
    with pytest.raises(errors.Conflict, match="upgrading"):
        await databases.available(p, database.id)
    await databases_watch.begin(p)
    done, after = await ended(p, cut)
    assert done.state is State.SUCCEEDED
    await run(p, after, "INSERT INTO boats VALUES ('Tsubasa')")


async def test_followers_go_with_their_leader_and_back_under_their_urls(
    p: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = await made(p, "standard-0")
    follower = await made(p, "standard-0", follow=leader.id)
    url = await databases_credentials.url(p, follower)
    await run(p, leader, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    await databases_upgrade.prepare(p, leader, None)
    with monkeypatch.context() as patch:
        away = AsyncMock(side_effect=errors.Unavailable("away"))
        patch.setattr(databases_followers, "_copy_anew", away)
        done, leader = await ended(p, await databases_upgrade.run(p, leader, None))
    assert (done.state, done.problem) == (State.SUCCEEDED, None)
    # One that could not be copied then is by a job of its own; looking at databases goes on.
    assert (await databases.find(p, follower.id)).server == follower.server
    await databases_watch._look_at(p, leader)
    assert cast(StillJobs, p.jobs).leaders == [leader.id]
    await databases_followers.carry_out(p, leader.id)
    await databases_watch._look_at(p, leader)
    assert cast(StillJobs, p.jobs).leaders == [leader.id]
    for undone in (False, True):
        if undone:
            await databases_upgrade.undo(p, leader)
            leader = await databases.find(p, leader.id)
        await run(p, leader, "INSERT INTO boats VALUES ('Tsubasa')")
        now = await databases.find(p, follower.id)
        assert (now.following, now.server.major) == (leader.id, leader.server.major)
        assert await databases_credentials.url(p, now) == url
        while await run(p, now, "SELECT count(*) FROM boats") != 2:
            await run(p, now, "SELECT pg_sleep(0.05)")
        with pytest.raises(psycopg.Error, match="read-only"):
            await run(p, now, "DELETE FROM boats")
    async with p.store.begin() as conn:
        used = {one.server.id for one in await rows.living(conn)}
        kept = done.kept_server_id
        there = {one.id for one in await rows.servers(conn)}
    assert follower.server.id not in there
    assert not (await p.databases.plan(follower.server)).folder.exists()
    assert {leader.server.id, now.server.id} <= used <= there
    assert kept == leader.server.id


async def test_what_can_not_be_upgraded_is_refused_with_the_reason(p: Platform) -> None:
    leader = await made(p, "standard-0")
    with pytest.raises(errors.InvalidParams, match="newer one"):
        await databases_upgrade.prepare(p, leader, 99)
    await databases_upgrade.prepare(p, leader, None)
    await databases_upgrade.cancel(p, leader)
    with pytest.raises(errors.Conflict, match="no prepared"):
        await databases_upgrade.cancel(p, leader)
    newest = max(await p.databases.installed())
    lacking = (await p.databases.installed())[newest].extensions
    if "pgcrypto" not in lacking:
        await run(p, leader, "CREATE EXTENSION pgcrypto")
        with pytest.raises(errors.Conflict, match="has: pgcrypto"):
            await databases_upgrade.prepare(p, leader, None)
        await run(p, leader, "DROP EXTENSION pgcrypto")
    follower = await made(p, "standard-0", follow=leader.id)
    done, after = await ended(p, await databases_upgrade.run(p, follower, None))
    assert (done.state, after.following) == (State.SUCCEEDED, None)
    await run(p, after, "CREATE TABLE boats ()")

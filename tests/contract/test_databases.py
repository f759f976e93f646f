"""Customers' databases as the platform keeps them: made, reset, restored, over their size."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.control import (
    databases,
    databases_copies,
    databases_credentials,
    databases_quotas,
    databases_reset,
    databases_watch,
)
from hatoba.control.databases import Wanted
from hatoba.control.platform import Platform
from hatoba.model import database as rules
from hatoba.model.database import Database, State
from hatoba.store import databases as rows

from .api_platform import Api


@pytest.fixture
async def p(api: Api) -> Platform:
    return api.platform


async def made(
    p: Platform,
    plan: str = "essential-0",
    *,
    follow: UUID | None = None,
    fork: UUID | None = None,
) -> Database:
    wanted = await reserved(p, Wanted(uuid4(), plan, follow=follow, fork=fork))
    return await databases.build(p, wanted.id)


async def reserved(p: Platform, wanted: Wanted) -> Database:
    async with p.store.begin() as conn:
        return await databases.reserve(p, conn, wanted)


async def run(p: Platform, database: Database, text: str, name: str = "default") -> object:
    url = await databases_credentials.url(p, database, name)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await conn.execute(text.encode())
        row = await found.fetchone() if found.description else None
    return row[0] if row else None


async def test_essential_databases_share_a_server_and_a_standard_one_has_its_own(
    p: Platform,
) -> None:
    one, two, own = await made(p), await made(p), await made(p, "standard-0")
    assert one.server == two.server
    assert one.server.shared
    assert own.server.port != one.server.port
    assert (await databases_credentials.url(p, own)).startswith("postgres://u")
    assert await run(p, own, "SELECT 1") == 1


async def test_an_unknown_plan_is_refused_with_those_that_there_are(p: Platform) -> None:
    with pytest.raises(errors.InvalidParams, match="essential-0, essential-1"):
        await made(p, "gold-1")


async def test_a_reset_database_is_empty_and_its_content_can_be_taken_back(p: Platform) -> None:
    database = await made(p)
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    await databases_reset.reset(p, database)
    assert await run(p, database, "SELECT to_regclass('boats')") is None
    await run(p, database, "CREATE TABLE later ()")
    await databases_reset.take_back(p, database, "latest")
    assert await run(p, database, "SELECT name FROM boats") == "Kaiyo"
    # What was there meanwhile is kept in its place.
    (entry,) = await databases_reset.kept(p, database)
    await databases_reset.take_back(p, database, str(entry.id))
    assert await run(p, database, "SELECT to_regclass('later')") == "later"


async def test_a_reset_refuses_what_is_no_extension_and_changes_nothing(p: Platform) -> None:
    database = await made(p)
    await run(p, database, "CREATE TABLE boats ()")
    with pytest.raises(errors.InvalidParams, match="not available"):
        await databases_reset.reset(p, database, ("nonsense; DROP TABLE boats",))
    assert await run(p, database, "SELECT to_regclass('boats')") == "boats"


async def test_a_reset_that_was_cut_off_is_finished_at_the_next_start(p: Platform) -> None:
    database = await made(p)
    await databases_reset._set_aside(p, database)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        await run(p, database, "SELECT 1")
    await databases_watch.begin(p)
    assert await run(p, database, "SELECT 1") == 1


@pytest.mark.parametrize("plan", ["essential-0", "standard-0"])
async def test_a_destroyed_database_lets_nobody_in_until_it_is_restored(
    p: Platform, plan: str
) -> None:
    database = await made(p, plan)
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    await databases.destroy(p, database.id)
    await databases.destroy(p, database.id)
    with pytest.raises(psycopg.OperationalError):
        await run(p, database, "SELECT 1")
    with pytest.raises(errors.NotFound):
        await databases.find(p, database.id)
    restored = await databases.restore(p, database.id)
    assert await run(p, restored, "SELECT name FROM boats") == "Kaiyo"


async def test_a_database_over_its_size_takes_no_writes_until_it_is_smaller(
    p: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await made(p)
    small = rules.DatabasePlan("essential-0", rules.Tier.ESSENTIAL, 20, 1000)
    with monkeypatch.context() as patch:
        patch.setattr(rules, "PLANS", {"essential-0": small})
        await databases_quotas.check(p, database)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await run(p, database, "CREATE TABLE boats ()")
        seen = await databases.find(p, database.id)
        assert seen.over_since is not None
    await databases_quotas.check(p, seen)
    await run(p, database, "CREATE TABLE boats ()")


async def test_a_credential_is_made_rotated_and_destroyed(p: Platform) -> None:
    database = await made(p, "standard-0")
    await databases_credentials.create(p, database, "analyst")
    assert await run(p, database, "SELECT 1", "analyst") == 1
    with pytest.raises(errors.Conflict):
        await databases_credentials.create(p, database, "analyst")
    before = await databases_credentials.url(p, database, "analyst")
    await databases_credentials.rotate(p, database, "analyst", end_now=True)
    assert await databases_credentials.url(p, database, "analyst") != before
    assert await run(p, database, "SELECT 1", "analyst") == 1
    await databases_credentials.destroy(p, database, "analyst")
    with pytest.raises(errors.NotFound):
        await databases_credentials.url(p, database, "analyst")


async def test_an_essential_database_has_one_credential(p: Platform) -> None:
    with pytest.raises(errors.InvalidParams, match="standard plan"):
        await databases_credentials.create(p, await made(p), "analyst")


async def test_a_follower_can_be_made_and_let_go(p: Platform) -> None:
    leader = await made(p, "standard-0")
    await run(p, leader, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    follower = await made(p, "standard-0", follow=leader.id)
    assert await run(p, follower, "SELECT pg_is_in_recovery()") is True
    with pytest.raises(errors.Conflict, match=f"followed by {follower.name}"):
        await databases.destroy(p, leader.id)
    bigger = await databases.change_plan(p, follower.id, "standard-2")
    assert bigger == await databases.find(p, follower.id)
    fork = await made(p, "standard-0", fork=follower.id)
    assert (await databases.around(p, fork)).origin == bigger
    await run(p, fork, "INSERT INTO boats VALUES ('Sekirei')")
    assert await run(p, fork, "SELECT count(*) FROM boats") == 2
    free = await databases_copies.unfollow(p, follower)
    assert await run(p, free, "SELECT name FROM boats") == "Kaiyo"
    await run(p, free, "INSERT INTO boats VALUES ('Tsubasa')")
    with pytest.raises(errors.Conflict):
        await databases_copies.unfollow(p, free)


async def test_a_leader_whose_app_is_gone_for_good_goes_after_its_followers(p: Platform) -> None:
    leader = await made(p, "standard-0")
    follower = await made(p, "standard-0", follow=leader.id)
    for _ in range(2):
        await databases_watch.tidy(p)
    for one in (leader, follower):
        with pytest.raises(errors.NotFound):
            await databases.find(p, one.id)


@pytest.mark.parametrize("plan", ["essential-0", "standard-0"])
async def test_what_was_never_made_is_not_kept(p: Platform, plan: str) -> None:
    wanted = await reserved(p, Wanted(uuid4(), plan))
    await databases.destroy(p, wanted.id)
    with pytest.raises(errors.Conflict, match="before it was made"):
        await databases.build(p, wanted.id)
    # Whoever was making it meanwhile may go on for a while.
    await databases_watch.tidy(p)
    assert (await databases.find(p, wanted.id)).state is State.FAILED
    await databases.failed(p, wanted.id, "the disk is full")
    await databases_watch.begin(p)
    assert wanted.server.shared or not (await p.databases.plan(wanted.server)).folder.exists()
    await databases_watch.tidy(p)
    with pytest.raises(errors.NotFound):
        await databases.find(p, wanted.id)


async def test_essential_databases_can_not_be_followed(p: Platform) -> None:
    leader = await made(p)
    with pytest.raises(errors.InvalidParams, match="standard plan"):
        await made(p, "standard-0", follow=leader.id)


async def test_a_database_in_the_trash_is_deleted_for_good_after_its_time(
    p: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, own = await made(p), await made(p, "standard-0")
    for one in (database, own):
        await databases.destroy(p, one.id)
    files = (await p.databases.plan(own.server)).folder
    assert files.exists()
    monkeypatch.setattr(databases, "TRASH_DAYS", -1)
    await databases_watch.tidy(p)
    assert not files.exists()
    async with p.databases.session(database.server) as conn:
        found = await conn.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", (database.name,)
        )
        assert await found.fetchall() == []
    async with p.store.begin() as conn:
        assert await rows.find(conn, database.id) is None
    with pytest.raises(errors.NotFound):
        await databases.restore(p, database.id)


async def test_the_password_is_not_kept_in_the_clear(p: Platform, tmp_path: Path) -> None:
    database = await made(p)
    url = await databases_credentials.url(p, database)
    password = url.partition("@")[0].rpartition(":")[2]
    async with p.store.begin() as conn:
        (row,) = await rows.credentials(conn, database.id)
    assert password.encode() not in row.sealed_password
    assert password not in repr(row)
    assert database.state is State.AVAILABLE

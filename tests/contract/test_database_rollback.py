"""Databases had back as they were: base copies and log kept, and a new database made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.addons.postgres import archive
from hatoba.control import (
    databases,
    databases_archive,
    databases_credentials,
    databases_rollback,
    databases_watch,
)
from hatoba.control.databases import Wanted
from hatoba.control.databases_rollback import Rollback
from hatoba.control.platform import Platform
from hatoba.logs.base import LogFilter
from hatoba.model import database_archive as rules
from hatoba.model.database import Database

from .api_platform import Api


@pytest.fixture
async def p(api: Api) -> Platform:
    return api.platform


async def made(p: Platform, plan: str = "standard-0", rollback: Rollback | None = None) -> Database:
    async with p.store.begin() as conn:
        wanted = Wanted(uuid4(), plan, rollback=rollback)
        database = await databases.reserve(p, conn, wanted)
    return await databases.build(p, database.id)


async def run(p: Platform, database: Database, text: str) -> object:
    url = await databases_credentials.url(p, database)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await conn.execute(text.encode())
        row = await found.fetchone() if found.description else None
    return row[0] if row else None


async def moment(p: Platform, database: Database) -> datetime:
    """The server's own time, once it has moved on from what was written before."""
    found = await run(p, database, "SELECT clock_timestamp() FROM pg_sleep(0.01)")
    assert isinstance(found, datetime)
    return found


async def protected(p: Platform) -> tuple[Database, datetime]:
    """A database with a base copy, and the first moment that can be gone back to."""
    database = await made(p)
    await databases_archive.tend(p, database)
    earliest = (await databases_archive.protection(p, database)).earliest
    assert earliest is not None
    wait = (earliest - datetime.now(UTC)).total_seconds()
    await run(p, database, f"SELECT pg_sleep({max(wait, 0)})")
    return database, earliest


async def test_what_was_dropped_is_there_as_of_the_moment_before(p: Platform) -> None:
    database, _ = await protected(p)
    await run(p, database, "CREATE TABLE boats AS SELECT 'Kaiyo' AS name")
    before = await moment(p, database)
    await run(p, database, "DROP TABLE boats")
    await databases_credentials.rotate(p, database, "default", end_now=True)
    # Nothing is written after this one: the end of the log has to be made.
    after = await moment(p, database)
    back = await made(p, rollback=Rollback(database.id, before))
    assert await run(p, back, "SELECT name FROM boats") == "Kaiyo"
    await run(p, back, "INSERT INTO boats VALUES ('Tsubasa')")
    assert await run(p, database, "SELECT to_regclass('boats')") is None
    late = await made(p, rollback=Rollback(database.id, after))
    assert await run(p, late, "SELECT to_regclass('boats')") is None
    # Each keeps a log of its own, and none of it is the original's.
    await databases_archive.tend(p, back)
    assert (await databases_archive.protection(p, back)).on
    places = {await p.databases.archive(one.server) for one in (database, back, late)}
    assert len(places) == 3
    for one in (back, late):
        await p.databases.remove(one.server)
        assert not (await p.databases.archive(one.server)).exists()


async def test_a_moment_that_can_not_be_had_is_refused_and_nothing_is_made(p: Platform) -> None:
    fresh = await made(p)
    now = datetime.now(UTC)
    with pytest.raises(errors.InvalidParams, match="no base copy"):
        await made(p, rollback=Rollback(fresh.id, now))
    database, earliest = await protected(p)
    for to in (earliest - timedelta(minutes=1), datetime.now(UTC) + timedelta(hours=1)):
        with pytest.raises(errors.InvalidParams, match="at the earliest"):
            await made(p, rollback=Rollback(database.id, to))
    with pytest.raises(errors.InvalidParams, match="standard plan"):
        await made(p, "essential-0", Rollback(database.id, now))
    both = Wanted(uuid4(), "standard-0", fork=fresh.id, rollback=Rollback(fresh.id, now))
    async with p.store.begin() as conn:
        with pytest.raises(errors.InvalidParams, match="not by several"):
            await databases.reserve(p, conn, both)


async def test_times_and_durations_are_understood_as_people_write_them(p: Platform) -> None:
    source = uuid4()

    async def asked(**options: str) -> datetime:
        async with p.store.begin() as conn:
            return (await databases_rollback.asked(p, conn, source, options)).to

    half_past = datetime(2026, 6, 2, 18, 30, tzinfo=UTC)
    assert await asked(to="2026-06-02 18:30 UTC") == half_past
    assert await asked(to="2026-06-02 18:30+00") == half_past
    assert await asked(to="2026-06-02 14:30 America/New_York") == half_past
    back = datetime.now(UTC) - await asked(by="3 hours 15 minutes")
    assert timedelta(hours=3, minutes=14) < back < timedelta(hours=3, minutes=16)
    for wrong in ({"to": "noonish"}, {"by": "a while"}, {}, {"to": "now", "by": "1 hour"}):
        with pytest.raises(errors.InvalidParams):
            await asked(**wrong)


async def test_an_archive_keeps_what_it_needs_and_no_more(
    p: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = await protected(p)
    first = (await archive.bases(p.databases, database.server))[0]
    await databases_archive.tend(p, database)
    assert await archive.bases(p.databases, database.server) == [first]
    for _ in range(3):
        await run(p, database, "CREATE TABLE IF NOT EXISTS boats AS SELECT generate_series(1, 9)")
        async with p.databases.session(database.server) as conn:
            await archive.flush(conn)
    monkeypatch.setattr(rules, "BASE_EVERY", timedelta())
    monkeypatch.setattr(rules, "MAX_BYTES", 1)
    before = await archive.log_bytes(p.databases, database.server)
    await databases_archive.tend(p, database)
    (left,) = await archive.bases(p.databases, database.server)
    assert left.ended_at > first.ended_at
    wal = await p.databases.archive(database.server) / "wal"
    kept = sorted(path.name[:24] for path in wal.glob("*.gz") if len(path.name) == 27)
    assert kept[0] == left.first_wal
    assert await archive.log_bytes(p.databases, database.server) < before


async def alarms(p: Platform, name: str) -> list[str]:
    return [one for one in await databases_archive.alarms(p) if one.startswith(name)]


async def test_a_log_that_can_not_be_put_away_is_said(api: Api) -> None:
    p, app = api.platform, await api.app()
    plan = {"plan": "heroku-postgresql:standard-0"}
    addon = (await api("POST", f"/apps/{app}/addons", plan)).json
    database = await databases.available(p, UUID(addon["id"]))
    await databases_archive.tend(p, database)
    wal = await p.databases.archive(database.server) / "wal"
    wal.rename(wal.with_name("elsewhere"))
    async with p.databases.session(database.server) as conn:
        await conn.execute("SELECT pg_current_xact_id()")
        await conn.execute("SELECT pg_switch_wal()")
        while not await archive.failing(conn):
            await conn.execute("SELECT pg_sleep(0.1)")
    seen = await databases_archive.protection(p, database)
    assert not seen.on
    assert "disk full" in str(seen.problem)
    for _ in range(2):
        await databases_watch.watch(p)
        (alarm,) = await alarms(p, addon["name"])
        assert "no change can be had back, and the log grows" in alarm
        assert Path(alarm.rpartition(" ")[2]).exists()
    wal.with_name("elsewhere").rename(wal)
    async with p.databases.session(database.server) as conn:
        await archive.flush(conn)
    assert (await databases_archive.protection(p, database)).on
    await databases_watch.watch(p)
    assert not await alarms(p, addon["name"])
    said = api.logs.recent(UUID(addon["app"]["id"]), 9, LogFilter(dyno="postgres"))
    assert [line.text.decode().partition(f"{addon['name']}: ")[2] for line in said] == [
        "its log can't be put away; is the disk full?",
        "its log is put away again",
    ]

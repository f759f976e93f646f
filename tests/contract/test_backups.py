"""Backups, restores and copies, carried out against real databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.addons.postgres import admin, transfer, verify
from hatoba.control import (
    backups,
    databases,
    schedules,
    transfers,
    transfers_run,
    transfers_scratch,
)
from hatoba.control import databases_credentials as credentials
from hatoba.control.databases import Wanted
from hatoba.control.platform import Actor, Platform
from hatoba.control.transfers import Draft
from hatoba.kit import process
from hatoba.model.app import App
from hatoba.model.backup import Cause, Kind, State, Transfer
from hatoba.model.database import Database
from hatoba.store import apps as app_rows
from hatoba.store import backups as rows
from tests.contract.api_platform import Api

FILL = """
CREATE TABLE boats (id int PRIMARY KEY, name text);
INSERT INTO boats SELECT n, 'boat ' || n FROM generate_series(1, 500) n;
CREATE SCHEMA harbour;
CREATE TABLE harbour.berths AS SELECT generate_series(1, 20) AS id;
"""
COUNTS = {"harbour.berths": 20, "public.boats": 500}


@dataclass
class Yard:
    """An app with databases."""

    api: Api
    app: App

    @property
    def p(self) -> Platform:
        return self.api.platform

    @property
    def actor(self) -> Actor:
        return Actor(self.api.account)

    async def database(
        self, fill: str = "", plan: str = "essential-0", follow: UUID | None = None
    ) -> Database:
        wanted = Wanted(uuid4(), plan, follow=follow)
        async with self.p.store.begin() as conn:
            await databases.reserve(self.p, conn, wanted)
        made = await databases.build(self.p, wanted.id)
        if fill:
            await self.run(made, fill)
        return made

    async def addon(self, fill: str) -> str:
        body = {"plan": "heroku-postgresql:essential-0"}
        made = await self.api("POST", f"/apps/{self.app.name}/addons", body)
        assert made.status == 201, made
        database = await databases.build(self.p, UUID(made.json["id"]))
        await self.run(database, fill)
        return str(made.json["id"])

    async def url(self, database: Database) -> str:
        return await credentials.url(self.p, database)

    async def run(self, database: Database, text: str) -> None:
        url = await self.url(database)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            await conn.execute(text.encode())

    async def counts(self, database: Database) -> dict[str, int]:
        return await verify.count(await self.url(database))

    async def carried_out(self, begun: Transfer) -> Transfer:
        await transfers_run.carry_out(self.p, begun.id)
        return await self.look(begun)

    async def look(self, begun: Transfer) -> Transfer:
        async with self.p.store.begin() as conn:
            found = await rows.by_id(conn, begun.id)
        assert found is not None
        return found

    async def backup(self, database: Database) -> Transfer:
        return await self.carried_out(
            await backups.capture(self.p, self.app.id, database, "DATABASE")
        )

    async def begin(self, kind: Kind, target: Database, **more: Any) -> Transfer:
        draft = Draft(kind, target.id, "FROM", "TO", target.plan, **more)
        return await transfers.begin(self.p, self.app.id, draft)

    async def names(self, database: Database) -> set[str]:
        async with self.p.databases.session(database.server) as session:
            found = await session.execute("SELECT datname FROM pg_database")
            return {str(name) for (name,) in await found.fetchall()}

    def files(self) -> list[Path]:
        return [path for path in self.p.backups.folder.rglob("*") if path.is_file()]

    async def said(self, begun: Transfer) -> str:
        return "\n".join(line.message for line in await transfers.lines(self.p, begun))


@pytest.fixture
async def yard(api: Api) -> Yard:
    name = await api.app()
    info = (await api("GET", f"/apps/{name}")).json
    async with api.platform.store.begin() as conn:
        app = await app_rows.by_id(conn, UUID(info["id"]))
    assert app is not None
    return Yard(api, app)


async def test_a_backup_is_restored_and_counted_before_it_is_good(yard: Yard) -> None:
    database = await yard.database(FILL)
    before = await yard.names(database)
    done = await yard.backup(database)
    assert (done.state, done.name, done.counts) == (State.SUCCEEDED, "b001", COUNTS)
    assert done.checksum is not None
    assert done.processed_bytes > 0
    assert "Verified: 2 tables, 520 rows" in await yard.said(done)
    assert await yard.names(database) == before
    (file,) = yard.files()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"boat 17" not in file.read_bytes()


async def test_a_dump_that_lacks_rows_is_no_backup(yard: Yard) -> None:
    database = await yard.database(FILL)
    whole = transfer.dump

    other = await yard.database("CREATE TABLE boats (id int)")
    async with verify.moment(await yard.url(other)) as now:
        taken = now.snapshot
        place = await yard.url(other)
        with patch.object(
            transfer, "dump", lambda tools, url, snapshot: whole(tools, place, taken)
        ):
            done = await yard.backup(database)
    assert done.state is State.FAILED
    assert done.problem is not None
    assert "harbour.berths is missing" in done.problem
    assert "public.boats has 0 rows instead of 500" in done.problem
    assert not done.restorable
    assert yard.files() == []


async def test_a_backup_of_a_database_that_is_dropped_meanwhile_fails(yard: Yard) -> None:
    database = await yard.database(FILL)
    whole = transfer.dump

    async def dropping(tools: Any, url: str, snapshot: str) -> AsyncIterator[bytes]:
        async with yard.p.databases.session(database.server) as session:
            await admin.drop(session, database.name)
        async for piece in whole(tools, url, snapshot):
            yield piece

    with patch.object(transfer, "dump", dropping):
        done = await yard.backup(database)
    assert done.state is State.FAILED
    assert done.problem
    assert yard.files() == []


async def test_a_full_disk_at_capture_is_said(yard: Yard) -> None:
    database = await yard.database(FILL)
    full = OSError(28, "No space left on device")
    with patch("hatoba.control.backups_files._write_all", side_effect=full):
        done = await yard.backup(database)
    assert done.state is State.FAILED
    assert "no space is left for backups" in (done.problem or "")
    assert yard.files() == []


async def test_two_captures_at_once_are_one(yard: Yard) -> None:
    database = await yard.database()
    begun = await backups.capture(yard.p, yard.app.id, database, "DATABASE")
    with pytest.raises(errors.Conflict, match="b001 of this database is still going on"):
        await backups.capture(yard.p, yard.app.id, database, "DATABASE")
    others = [await yard.database() for _ in range(3)]
    racing = await asyncio.gather(
        *(backups.capture(yard.p, yard.app.id, other, "OTHER") for other in others)
    )
    assert sorted(t.num for t in racing) == [2, 3, 4]
    assert (await yard.carried_out(begun)).state is State.SUCCEEDED


async def test_a_killed_capture_starts_again_and_leaves_nothing(yard: Yard) -> None:
    database = await yard.database(FILL)
    begun = await backups.capture(yard.p, yard.app.id, database, "DATABASE")
    restoring = asyncio.Event()
    whole = transfer.restore

    async def stuck(*args: Any, **more: Any) -> None:
        del args, more
        restoring.set()
        await asyncio.Event().wait()

    with patch.object(transfer, "restore", stuck):
        task = asyncio.create_task(transfers_run.carry_out(yard.p, begun.id))
        await asyncio.wait_for(restoring.wait(), 60)
        assert any(name.startswith("scratch_") for name in await yard.names(database))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert transfer.restore is whole
    assert (await yard.look(begun)).state is State.RUNNING
    done = await yard.carried_out(begun)
    assert (done.state, done.counts) == (State.SUCCEEDED, COUNTS)
    assert "The platform was restarted; starting again" in await yard.said(done)
    assert not any(name.startswith("scratch_") for name in await yard.names(database))
    assert len(yard.files()) == 1


async def test_scratch_databases_of_a_killed_platform_are_swept(yard: Yard) -> None:
    database = await yard.database()
    left = f"scratch_{uuid4().hex}"
    async with yard.p.databases.session(database.server) as session:
        await session.execute(f"CREATE DATABASE {left}".encode())
    await transfers_scratch.sweep(yard.p)
    assert left not in await yard.names(database)


async def test_a_cancelled_backup_ends_and_is_not_carried_out(yard: Yard) -> None:
    database = await yard.database(FILL)
    begun = await backups.capture(yard.p, yard.app.id, database, "DATABASE")
    gone = await transfers.cancel(yard.p, yard.actor, yard.app, begun)
    assert gone.state is State.CANCELED
    assert (await yard.carried_out(begun)).state is State.CANCELED
    with pytest.raises(errors.Conflict, match="has ended already"):
        await transfers.cancel(yard.p, yard.actor, yard.app, begun)
    assert (await yard.backup(database)).name == "b002"


async def test_a_restore_brings_everything_back_and_keeps_what_was_there(yard: Yard) -> None:
    database = await yard.database(FILL)
    good = await yard.backup(database)
    await yard.run(database, "DROP SCHEMA harbour CASCADE; DELETE FROM boats; CREATE TABLE x ()")
    done = await yard.carried_out(await yard.begin(Kind.RESTORE, database, backup_id=good.id))
    assert (done.state, done.name, done.counts) == (State.SUCCEEDED, "r002", COUNTS)
    assert await yard.counts(database) == COUNTS
    (kept,) = [t for t in await transfers.listed(yard.p, yard.app) if t.cause is Cause.SNAPSHOT]
    assert (kept.name, kept.counts) == ("b003", {"public.boats": 0, "public.x": 0})
    assert kept.expires_at is not None
    undone = await yard.carried_out(await yard.begin(Kind.RESTORE, database, backup_id=kept.id))
    assert undone.state is State.SUCCEEDED
    assert await yard.counts(database) == {"public.boats": 0, "public.x": 0}


async def test_restoring_a_damaged_backup_changes_nothing(yard: Yard) -> None:
    database = await yard.database(FILL)
    good = await yard.backup(database)
    (file,) = yard.files()
    file.write_bytes(file.read_bytes()[:-20])
    await yard.run(database, "DELETE FROM boats WHERE id > 100")
    done = await yard.carried_out(await yard.begin(Kind.RESTORE, database, backup_id=good.id))
    assert done.state is State.FAILED
    assert "damaged or truncated" in (done.problem or "")
    assert await yard.counts(database) == {**COUNTS, "public.boats": 100}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/a.dump"
        server.shutdown()
        thread.join()


async def test_a_dump_from_elsewhere_is_tried_and_counted_first(
    yard: Yard, elsewhere: tuple[Path, str]
) -> None:
    folder, url = elsewhere
    source, target = await yard.database(FILL), await yard.database("CREATE TABLE old AS SELECT 1")
    good = await yard.backup(source)
    dump = b"".join([piece async for piece in backups.read(yard.p, good)])
    for content, counts in ((dump[:-500], {"public.old": 1}), (dump, COUNTS)):
        (folder / "a.dump").write_bytes(content)
        done = await yard.carried_out(await yard.begin(Kind.RESTORE, target, url=url))
        assert (done.state is State.SUCCEEDED) == (content is dump)
        assert await yard.counts(target) == counts
        assert done.counts == (COUNTS if content is dump else None)
        if content is not dump:
            assert "The dump is damaged or truncated" in (done.problem or "")
    (folder / "a.dump").unlink()
    done = await yard.carried_out(await yard.begin(Kind.RESTORE, target, url=url))
    assert done.problem == "The dump's URL answers 404."
    assert {path.stem for path in yard.files()} == {
        str(t.id) for t in await transfers.listed(yard.p, yard.app) if t.restorable
    }


async def test_a_copy_is_verified_before_it_is_committed(yard: Yard) -> None:
    source, target = await yard.database(FILL), await yard.database("CREATE TABLE old AS SELECT 1")
    done = await yard.carried_out(await yard.begin(Kind.COPY, target, source_id=source.id))
    assert (done.state, done.name, done.counts) == (State.SUCCEEDED, "c001", COUNTS)
    assert await yard.counts(target) == COUNTS == await yard.counts(source)
    assert len(yard.files()) == 1, "only the snapshot of the target is kept"


async def test_a_copy_from_any_url(yard: Yard) -> None:
    source, target = await yard.database(FILL), await yard.database()
    begun = await yard.begin(Kind.COPY, target, url=await yard.url(source))
    assert (await yard.carried_out(begun)).counts == COUNTS
    assert (await yard.look(begun)).sealed is None, "the password is not kept any longer"


async def test_a_copy_whose_rows_differ_is_rolled_back(yard: Yard) -> None:
    source, target = await yard.database(FILL), await yard.database("CREATE TABLE old AS SELECT 1")
    whole = transfers_run._dump

    async def miscounted(*args: Any) -> Any:
        kept, counts = await whole(*args)
        return kept, {**counts, "public.boats": 501} if "public.boats" in counts else counts

    with patch.object(transfers_run, "_dump", miscounted):
        done = await yard.carried_out(await yard.begin(Kind.COPY, target, source_id=source.id))
    assert done.state is State.FAILED
    assert "public.boats has 500 rows instead of 501" in (done.problem or "")
    assert await yard.counts(target) == {"public.old": 1}


async def test_a_copy_that_is_killed_leaves_the_target(yard: Yard) -> None:
    source, target = await yard.database(FILL), await yard.database("CREATE TABLE old AS SELECT 1")
    begun = await yard.begin(Kind.COPY, target, source_id=source.id)
    applying = asyncio.Event()
    whole = process.stream

    async def slow(argv: Any, **more: Any) -> AsyncIterator[bytes]:
        if argv[0].endswith("psql") and "dbname" not in more:
            more["stdin"] = _halting(more["stdin"], applying, more["env"]["PGDATABASE"] == wanted)
        async for piece in whole(argv, **more):
            yield piece

    wanted = target.name
    with patch.object(process, "stream", slow):
        task = asyncio.create_task(transfers_run.carry_out(yard.p, begun.id))
        await asyncio.wait_for(applying.wait(), 60)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await yard.counts(target) == {"public.old": 1}
    done = await yard.carried_out(begun)
    assert done.state is State.SUCCEEDED
    assert await yard.counts(target) == COUNTS
    snapshots = [t for t in await transfers.listed(yard.p, yard.app) if t.cause is Cause.SNAPSHOT]
    assert len(snapshots) == 1, "the one that was taken before the kill is found again"


async def _halting(
    pieces: AsyncIterator[bytes], reached: asyncio.Event, wanted: bool
) -> AsyncIterator[bytes]:
    held: list[bytes] = []
    async for piece in pieces:
        held.append(piece)
        if not wanted or not piece.rstrip().endswith(b"COMMIT;"):
            yield piece
        else:
            reached.set()
            await asyncio.Event().wait()


async def test_a_follower_is_backed_up_too(yard: Yard) -> None:
    leader = await yard.database(FILL, "standard-0")
    follower = await yard.database(plan="standard-0", follow=leader.id)
    good = await yard.backup(follower)
    assert (good.state, good.counts) == (State.SUCCEEDED, COUNTS), good.problem
    assert not any("scratch" in name for name in await yard.names(leader))
    # What is left is dropped where it can be.
    async with yard.p.databases.session(leader.server) as session:
        await session.execute(f'CREATE DATABASE "scratch_{uuid4().hex}"')
    await transfers_scratch.sweep(yard.p)
    assert not any("scratch" in name for name in await yard.names(leader))


async def test_a_destroyed_database_leaves_a_verified_snapshot(yard: Yard) -> None:
    addon = await yard.addon(FILL)
    assert (await yard.api("DELETE", f"/apps/{yard.app.name}/addons/{addon}")).status == 200
    (made,) = await transfers.listed(yard.p, yard.app)
    assert (made.state, made.cause, made.counts) == (State.SUCCEEDED, Cause.SNAPSHOT, COUNTS)
    assert made.expires_at is not None
    left = made.expires_at - yard.p.clock.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


async def test_a_reset_database_leaves_a_verified_snapshot(yard: Yard) -> None:
    addon = await yard.addon(FILL)
    assert (await yard.api("PUT", f"/client/v11/databases/{addon}/reset")).status == 200
    (made,) = await transfers.listed(yard.p, yard.app)
    assert (made.state, made.counts) == (State.SUCCEEDED, COUNTS)
    assert await yard.counts(await databases.find(yard.p, UUID(addon))) == {}


async def test_a_snapshot_that_takes_too_long_is_given_up_loudly(yard: Yard) -> None:
    addon = await yard.addon(FILL)

    async def stuck(*args: Any, **more: Any) -> None:
        del args, more
        await asyncio.Event().wait()

    with patch.object(transfer, "restore", stuck), patch.object(backups, "SNAPSHOT_PATIENCE", 1.0):
        assert await backups.before_loss(yard.p, UUID(addon)) is None
    (made,) = await transfers.listed(yard.p, yard.app)
    assert (made.state, made.problem) == (State.FAILED, "it took longer than 1 s")
    assert yard.files() == []


async def test_a_deleted_backup_is_gone_for_good(yard: Yard) -> None:
    good = await yard.backup(await yard.database(FILL))
    await backups.delete(yard.p, yard.app, good)
    assert yard.files() == []
    with pytest.raises(errors.NotFound):
        await transfers.find(yard.p, yard.app, "b001")


async def test_tidying_keeps_what_is_good_and_removes_strays(yard: Yard) -> None:
    await yard.backup(await yard.database(FILL))
    (yard.p.backups.folder / f"{uuid4()}.dump").write_bytes(b"stray")
    assert await backups.tidy(yard.p) == 1
    assert len(yard.files()) == 1


@pytest.mark.parametrize("at", [(24, "UTC"), (-1, "UTC"), (2, "Mars/Olympus")])
async def test_schedules_that_can_t_be(yard: Yard, at: tuple[int, str]) -> None:
    database = await yard.database()
    with pytest.raises(errors.InvalidParams, match=r"There is no time zone Mars|The hour must be"):
        await schedules.put(yard.p, yard.actor, yard.app, database, "DATABASE_URL", at)


async def test_a_due_backup_begins_once(yard: Yard) -> None:
    database = await yard.database(FILL)
    made = await schedules.put(
        yard.p, yard.actor, yard.app, database, "DATABASE_URL", (2, "America/New_York")
    )
    again = await schedules.put(yard.p, yard.actor, yard.app, database, "DATABASE_URL", (3, "EST"))
    assert again.id == made.id
    await schedules.tick(yard.p)
    assert await transfers.listed(yard.p, yard.app) == []
    await _due(yard, made.id, timedelta(minutes=1))
    await asyncio.gather(schedules.tick(yard.p), schedules.tick(yard.p))
    (begun,) = await transfers.listed(yard.p, yard.app)
    assert (begun.name, begun.cause) == ("a001", Cause.SCHEDULE)
    assert (await yard.carried_out(begun)).state is State.SUCCEEDED
    (after,) = await schedules.listed(yard.p, yard.app)
    assert after.next_at > yard.p.clock.now()
    assert after.succeeded_at is not None
    assert await schedules.alarms(yard.p) == []


async def test_a_missed_backup_is_loud_and_made_up_for(yard: Yard) -> None:
    database = await yard.database(FILL)
    made = await schedules.put(yard.p, yard.actor, yard.app, database, "DATABASE_URL", (2, "UTC"))
    await _due(yard, made.id, timedelta(days=2, hours=2))
    await schedules.tick(yard.p)
    (alarm,) = [a for a in await schedules.alarms(yard.p) if yard.app.name in a]
    assert "scheduled backups were missed" in alarm
    (begun,) = await transfers.listed(yard.p, yard.app)
    await yard.carried_out(begun)
    assert [a for a in await schedules.alarms(yard.p) if yard.app.name in a] == []


async def test_a_failed_scheduled_backup_is_loud(yard: Yard) -> None:
    database = await yard.database(FILL)
    made = await schedules.put(yard.p, yard.actor, yard.app, database, "DATABASE_URL", (2, "UTC"))
    await _due(yard, made.id, timedelta(minutes=1))
    await schedules.tick(yard.p)
    (begun,) = await transfers.listed(yard.p, yard.app)
    async with yard.p.databases.session(database.server) as session:
        await admin.drop(session, database.name)
    assert (await yard.carried_out(begun)).state is State.FAILED
    (alarm,) = [a for a in await schedules.alarms(yard.p) if yard.app.name in a]
    assert "a001 failed" in alarm


async def _due(yard: Yard, schedule_id: UUID, ago: timedelta) -> None:
    async with yard.p.store.begin() as conn:
        await rows.update_schedule(conn, schedule_id, next_at=yard.p.clock.now() - ago)


async def test_who_may_not_see_an_app_gets_nothing_of_its_backups(yard: Yard) -> None:
    addon = await yard.addon(FILL)
    database = await databases.find(yard.p, UUID(addon))
    good = await yard.backup(database)
    stranger = await yard.api.stranger()
    theirs = await stranger.app()
    at = f"/client/v11/apps/{yard.app.name}/transfers"
    for method, path in (
        ("GET", at),
        ("GET", f"{at}/1"),
        ("DELETE", f"{at}/1"),
        ("POST", f"{at}/1/actions/public-url"),
        ("POST", f"{at}/1/actions/cancel"),
        ("POST", f"/client/v11/databases/{addon}/backups"),
        ("GET", f"/client/v11/databases/{addon}/transfer-schedules"),
    ):
        assert (await stranger(method, path)).status in (403, 404), path
    shown = (await yard.api("GET", f"{at}/1")).json
    assert (await stranger("GET", f"/blobs/backups/{good.id}")).status == 403
    body = {"plan": "heroku-postgresql:essential-0"}
    own = (await stranger("POST", f"/apps/{theirs}/addons", body)).json["id"]
    await databases.build(yard.p, UUID(own))
    taken = await stranger(
        "POST", f"/client/v11/databases/{own}/restores", {"backup_url": shown["to_url"]}
    )
    assert taken.status in (403, 404)


async def test_a_public_url_opens_the_dump_and_nothing_else(yard: Yard) -> None:
    addon = await yard.addon(FILL)
    good = await yard.backup(await databases.find(yard.p, UUID(addon)))
    at = f"/client/v11/apps/{yard.app.name}/transfers/b001/actions/public-url"
    url = (await yard.api("POST", at)).json["url"]
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname) == ("https", "127.0.0.1"), "as the caller reached it"
    path = f"{parts.path}?{parts.query}"
    got = await yard.api("GET", path, Authorization="")
    assert (got.status, len(got.body)) == (200, good.processed_bytes)
    assert got.body.startswith(b"PGDMP")
    other = path.replace(str(good.id), str(uuid4()))
    assert (await yard.api("GET", other, Authorization="")).status == 403
    await backups.delete(yard.p, yard.app, good)
    assert (await yard.api("GET", path, Authorization="")).status == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"backup_url": "ftp://files.example/x"}, "must begin with http"),
        ({"backup_url": "http://[", "extensions": []}, "backup_url is invalid"),
        ({"backup_url": "https://files.example/x", "extensions": ["hstore"]}, "CREATE EXTENSION"),
    ],
)
async def test_restores_that_can_t_be(yard: Yard, body: dict[str, Any], said: str) -> None:
    addon = await yard.addon(FILL)
    refused = await yard.api("POST", f"/client/v11/databases/{addon}/restores", body)
    assert (refused.status, said in refused.json["message"]) == (422, True), refused.json


async def test_copies_that_can_t_be(yard: Yard) -> None:
    addon = await yard.addon(FILL)
    own = await yard.url(await databases.find(yard.p, UUID(addon)))
    path = f"/client/v11/databases/{addon}/transfers"
    elsewhere = "postgres://u:secret-word@db.example/x"
    for body, said in (
        ({"from_url": own, "to_url": own}, "onto itself"),
        ({"from_url": own.replace("localhost", "127.0.0.1"), "to_url": own}, "onto itself"),
        ({"from_url": own, "to_url": elsewhere}, "onto a database of this platform only"),
        ({"from_url": "mysql://u@h/x", "to_url": own}, "must begin with postgres://"),
    ):
        refused = await yard.api("POST", path, body)
        assert (refused.status, said in refused.json["message"]) == (422, True), refused.json
    assert await transfers.listed(yard.p, yard.app) == []
    gone = await yard.api("POST", path, {"from_url": elsewhere, "to_url": own})
    assert gone.status == 201
    (begun,) = await transfers.listed(yard.p, yard.app)
    done = await yard.carried_out(begun)
    assert done.state is State.FAILED
    assert "secret-word" not in f"{done.problem}{await yard.said(done)}"


async def test_an_alarm_is_in_the_status(yard: Yard) -> None:
    database = await yard.database(FILL)
    made = await schedules.put(yard.p, yard.actor, yard.app, database, "DATABASE_URL", (2, "UTC"))
    await _due(yard, made.id, timedelta(days=1, hours=2))
    await schedules.tick(yard.p)
    alarms = (await yard.api("GET", "/hatoba/status")).json["alarms"]
    assert any(yard.app.name in alarm and "missed" in alarm for alarm in alarms)

"""Links between databases: tables of one read and written from another, on real servers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.control import (
    backups,
    databases,
    databases_copies,
    databases_credentials,
    databases_links,
    databases_reset,
    databases_upgrade,
    databases_watch,
    transfers_onto,
    transfers_run,
)
from hatoba.control.databases import Wanted
from hatoba.control.platform import Platform
from hatoba.control.transfers_onto import Restore
from hatoba.model.backup import State
from hatoba.model.database import Database
from hatoba.store import apps as app_rows
from hatoba.store import backups as transfer_rows
from hatoba.store import databases as rows
from hatoba.store.tables import database_links

from .api_platform import Api, Got

FILL = """
CREATE TYPE rig AS ENUM ('sloop', 'ketch');
CREATE TABLE boats AS SELECT 'Kaiyo' AS name;
CREATE TABLE rigged (name text, rig rig);
"""


@dataclass
class Pair:
    """An app whose database ``ledger`` is to have the tables of ``fleet``."""

    api: Api
    app: str
    ledger: str
    fleet: str

    @property
    def p(self) -> Platform:
        return self.api.platform

    @property
    def path(self) -> str:
        return f"/client/v11/databases/{self.ledger}/links"

    async def link(self, **more: str) -> Got:
        return await self.api("POST", self.path, {"target": self.fleet, **more})

    async def database(self, addon: str) -> Database:
        return await databases.find(self.p, (await databases.owner(self.p, addon)).addon_id)

    async def run(self, addon: str, text: str) -> object:
        return await run(self.p, await self.database(addon), text)


async def run(p: Platform, database: Database, text: str) -> object:
    url = await databases_credentials.url(p, database)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        found = await conn.execute(text.encode())
        row = await found.fetchone() if found.description else None
    return row[0] if row else None


async def addon(api: Api, app: str, plan: str = "standard-0", **config: str) -> str:
    body = {"plan": f"heroku-postgresql:{plan}", "config": config}
    made = await api("POST", f"/apps/{app}/addons", body)
    assert made.status == 201, made
    return str(made.json["name"])


@pytest.fixture
async def pair(api: Api) -> Pair:
    app = await api.app()
    oldest = str(min(await api.platform.databases.installed()))
    made = Pair(api, app, await addon(api, app, version=oldest), await addon(api, app))
    await made.run(made.fleet, FILL)
    return made


async def followed(p: Platform, source: Database) -> Database:
    wanted = Wanted(uuid4(), "standard-0", follow=source.id)
    async with p.store.begin() as conn:
        await databases.reserve(p, conn, wanted)
    return await databases.build(p, wanted.id)


async def hides_the_password(pair: Pair) -> None:
    remote = await pair.database(pair.fleet)
    password = (await databases_credentials.default(pair.p, remote)).password
    shown = "SELECT string_agg(coalesce(umoptions::text, 'none'), ',') FROM pg_user_mappings"
    assert await pair.run(pair.ledger, shown) == "none"
    asked = "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%USER MAPPING%p%'"
    assert await pair.run(pair.ledger, asked) == 0
    ledger = await pair.database(pair.ledger)
    log = pair.p.databases.log_file(ledger.server)
    assert password not in log.read_text(errors="replace")
    assert password not in str((await pair.api("GET", pair.path)).json)
    # It can't be had by making another way out of the server that is there.
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await pair.run(pair.ledger, "CREATE USER MAPPING FOR CURRENT_USER SERVER boats")


async def test_tables_are_read_and_written_over_a_link(pair: Pair) -> None:
    made = await pair.link(**{"as": "boats"})
    assert (made.status, made.json["name"], made.json["remote"]["name"]) == (
        201,
        "boats",
        pair.fleet,
    )
    assert (await pair.api("GET", pair.path)).json == [made.json]
    assert await pair.run(pair.ledger, "SELECT name FROM boats.boats") == "Kaiyo"
    await pair.run(pair.ledger, "INSERT INTO boats.boats VALUES ('Tsubasa')")
    assert await pair.run(pair.fleet, "SELECT count(*) FROM boats") == 2
    # A type that the database does not know keeps one table out, not the link.
    assert await pair.run(pair.ledger, "SELECT to_regclass('boats.rigged')") is None
    # Asked for once more it is the same link, with what is new.
    await pair.run(pair.fleet, "CREATE TABLE berths AS SELECT 7 AS id")
    assert (await pair.link(**{"as": "boats"})).json["id"] == made.json["id"]
    assert await pair.run(pair.ledger, "SELECT id FROM boats.berths") == 7
    await pair.run(pair.ledger, "CREATE VIEW names AS SELECT name FROM boats.boats")
    await hides_the_password(pair)
    gone = await pair.api("DELETE", f"{pair.path}/{pair.fleet}")
    assert (gone.status, gone.json["name"]) == (200, "boats")
    assert await pair.run(pair.ledger, "SELECT to_regclass('names')") is None
    assert (await pair.api("GET", pair.path)).json == []
    assert (await pair.api("DELETE", f"{pair.path}/boats")).status == 404


async def test_a_backup_of_a_linked_database_is_verified_and_holds_no_link(pair: Pair) -> None:
    await pair.link(**{"as": "boats"})
    await pair.run(pair.ledger, "CREATE TABLE own AS SELECT 1 AS id")
    await pair.run(pair.ledger, "CREATE VIEW names AS SELECT name FROM boats.boats")
    # The remote database may have changed since.
    await pair.run(pair.fleet, "DROP TABLE rigged; ALTER TABLE boats RENAME TO vessels")
    ledger = await pair.database(pair.ledger)
    async with pair.p.store.begin() as conn:
        app = await app_rows.by_name(conn, pair.app)
    assert app is not None
    begun = await backups.capture(pair.p, app.id, ledger, "DATABASE")
    await transfers_run.carry_out(pair.p, begun.id)
    async with pair.p.store.begin() as conn:
        done = await transfer_rows.by_id(conn, begun.id)
    assert done is not None
    assert (done.state, done.problem) == (State.SUCCEEDED, None)
    assert done.counts == {"public.own": 1}
    await pair.run(pair.fleet, "ALTER TABLE vessels RENAME TO boats")
    onto = await transfers_onto.restore(pair.p, app, ledger, "DATABASE", Restore(done))
    await transfers_run.carry_out(pair.p, onto.id)
    async with pair.p.store.begin() as conn:
        restored = await transfer_rows.by_id(conn, onto.id)
    assert restored is not None
    assert (restored.state, restored.problem) == (State.SUCCEEDED, None)
    assert await pair.run(pair.ledger, "SELECT name FROM names") == "Kaiyo"


async def test_a_link_follows_its_databases(pair: Pair) -> None:
    p = pair.p
    await pair.link(**{"as": "boats"})
    rotation = f"/postgres/v0/databases/{pair.fleet}/credentials/default/credentials_rotation"
    assert (await pair.api("POST", rotation, {"forced": True})).status == 200
    assert await pair.run(pair.ledger, "SELECT name FROM boats.boats") == "Kaiyo"
    refused = await pair.api("DELETE", f"/apps/{pair.app}/addons/{pair.fleet}")
    assert (refused.status, "pg:links:destroy" in refused.json["message"]) == (409, True)
    ledger = await pair.database(pair.ledger)
    follower = await followed(p, ledger)
    assert await run(p, follower, "SELECT name FROM boats.boats") == "Kaiyo"
    assert [one.link.name for one in await databases_links.listed(p, follower)] == ["boats"]
    free = await databases_copies.unfollow(p, follower)
    await databases_reset.reset(p, ledger)
    assert await pair.run(pair.ledger, "SELECT name FROM boats.boats") == "Kaiyo"
    await databases_reset.take_back(p, ledger, "latest")
    await databases.destroy(p, ledger.id)
    await databases.restore(p, ledger.id)
    assert await pair.run(pair.ledger, "SELECT name FROM boats.boats") == "Kaiyo"
    # The copy has a link of its own, which the new password reaches too.
    await pair.api("DELETE", f"{pair.path}/boats")
    assert (await pair.api("POST", rotation, {"forced": True})).status == 200
    assert await run(p, free, "SELECT name FROM boats.boats") == "Kaiyo"
    # What goes for good with its app takes the links to it along.
    await databases_links.let_go(p, (await pair.database(pair.fleet)).id)
    assert await run(p, free, "SELECT to_regnamespace('boats')") is None
    await databases.destroy(p, (await pair.database(pair.fleet)).id)


async def test_links_outlive_an_upgrade_and_what_is_noted_is_made(pair: Pair) -> None:
    p = pair.p
    await pair.link(**{"as": "boats"})
    ledger = await pair.database(pair.ledger)
    if len(await p.databases.installed()) > 1:
        await databases_upgrade.prepare(p, ledger, None)
        begun = await databases_upgrade.run(p, ledger, None)
        await databases_upgrade.settled(begun.id)
        found = await databases_upgrade.latest(p, ledger)
        assert found is not None
        assert found.problem is None
        ledger = await pair.database(pair.ledger)
        assert await pair.run(pair.ledger, "SELECT name FROM boats.boats") == "Kaiyo"
    async with p.store.begin() as conn:
        await conn.execute(database_links.update().values(name="fleet"))
    await databases_watch._begin(p, ledger)
    assert await pair.run(pair.ledger, "SELECT to_regnamespace('boats')") is None
    assert await pair.run(pair.ledger, "SELECT name FROM fleet.boats") == "Kaiyo"
    # One that can't be in force says why, and is when it can.
    async with p.databases.session(ledger.server, ledger.name) as conn:
        await conn.execute("DROP EXTENSION postgres_fdw CASCADE")
    await pair.run(pair.ledger, "CREATE SCHEMA fleet")
    await databases_watch._begin(p, ledger)
    (one,) = (await pair.api("GET", pair.path)).json
    assert "schema of that name" in one["problem"]
    await pair.run(pair.ledger, "DROP SCHEMA fleet")
    await databases_watch._look_at(p, ledger)
    (one,) = (await pair.api("GET", pair.path)).json
    assert one["problem"] is None
    assert await pair.run(pair.ledger, "SELECT name FROM fleet.boats") == "Kaiyo"


async def test_what_can_not_be_linked_says_why(pair: Pair) -> None:
    api = pair.api
    small = await addon(api, pair.app, "essential-0")
    store = await api("POST", f"/apps/{pair.app}/addons", {"plan": "heroku-redis:mini"})
    await pair.run(pair.ledger, "CREATE SCHEMA taken")
    for body, said in (
        ({"target": small}, "Essential-tier"),
        ({"target": pair.ledger}, "into itself"),
        ({"target": store.json["name"]}, "no database of Heroku Postgres"),
        ({"target": "nothing"}, "no database of Heroku Postgres"),
        ({"target": pair.fleet, "as": "pg_boats"}, "for itself"),
        ({"target": pair.fleet, "as": "No Name"}, "begins with a small letter"),
        ({"target": pair.fleet, "as": "taken"}, "schema of that name"),
    ):
        got = await api("POST", pair.path, body)
        assert (400 <= got.status < 500, said in got.json["message"]) == (True, True), got
    on_small = await api("POST", f"/client/v11/databases/{small}/links", {"target": pair.fleet})
    assert (on_small.status, "Essential-tier" in on_small.json["message"]) == (422, True)
    assert (await api("GET", pair.path)).json == []
    # A stranger's database can't be had by its name.
    stranger = await api.stranger()
    theirs = await stranger.app()
    mine = await addon(stranger, theirs)
    path = f"/client/v11/databases/{mine}/links"
    assert (await stranger("POST", path, {"target": pair.fleet})).status == 403
    remote = await pair.database(pair.fleet)
    await pair.p.databases.stop(remote.server)
    async with pair.p.store.begin() as conn:
        await rows.update(conn, remote.id, state="upgrading")
    assert (await pair.link()).status == 409
    assert (await api("GET", pair.path)).json == []
    with pytest.raises(errors.NotFound):
        await databases_links.destroy(pair.p, await pair.database(pair.ledger), "boats")

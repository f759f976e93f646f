"""A database's settings: kept, put in force on its server, and there again after a restart."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.control import (
    databases,
    databases_credentials,
    databases_log,
    databases_settings,
    databases_watch,
)
from hatoba.control.databases import Wanted
from hatoba.control.platform import Platform
from hatoba.kit.secret import DOTS
from hatoba.logs.base import LogFilter
from hatoba.model.database import Database
from hatoba.model.database_settings import SETTINGS

from .api_platform import Api


async def made(p: Platform, plan: str) -> Database:
    async with p.store.begin() as conn:
        database = await databases.reserve(p, conn, Wanted(uuid4(), plan))
    return await databases.build(p, database.id)


async def shown(p: Platform, database: Database, name: str) -> object:
    url = await databases_credentials.url(p, database)
    async with await psycopg.AsyncConnection.connect(url) as conn:
        found = await conn.execute("SELECT setting FROM pg_settings WHERE name = %s", (name,))
        row = await found.fetchone()
    return row[0] if row else None


async def test_settings_are_in_force_at_once_and_after_a_restart(api: Api) -> None:
    p = api.platform
    database = await made(p, "standard-0")
    assert await shown(p, database, "log_statement") == "ddl"
    changes = {"log_statement": "all", "auto_explain": True, "auto_explain.log_format": "json"}
    await databases_settings.change(p, database, changes)
    for _ in range(2):
        assert await shown(p, database, "log_statement") == "all"
        # The library is loaded, and so its own parameters are known to the session.
        assert await shown(p, database, "auto_explain.log_format") == "json"
        await p.databases.stop(database.server)
        await p.databases.start(database.server)
    off = await databases_settings.change(p, database, {"auto_explain": False})
    assert await shown(p, database, "auto_explain.log_format") is None
    assert off.settings["log_statement"] == "all"


async def test_what_customers_do_is_logged_and_not_what_the_platform_does(api: Api) -> None:
    p = api.platform
    database = await made(p, "standard-0")
    await databases_settings.change(p, database, {"log_statement": "all"})
    await databases_credentials.rotate(p, database, "default", end_now=True)
    url = await databases_credentials.url(p, database)
    async with await psycopg.AsyncConnection.connect(url) as conn:
        await conn.execute("SELECT 'of a customer'")
    log = (await p.databases.plan(database.server)).log.read_text()
    assert "SELECT 'of a customer'" in log
    assert "SCRAM-SHA-256" not in log


async def test_what_a_server_says_is_in_the_log_of_its_apps_without_passwords(api: Api) -> None:
    p, app = api.platform, await api.app()
    plan = {"plan": "heroku-postgresql:standard-0"}
    addon = (await api("POST", f"/apps/{app}/addons", plan)).json
    app_id = UUID(addon["app"]["id"])
    await api("PATCH", f"/apps/{app}/config-vars", {"PEPPER": "thyme-and-rosemary"})
    database = await databases.available(p, UUID(addon["id"]))
    carrier = databases_log.LogCarrier(p)
    url = await databases_credentials.url(p, database)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute("CREATE TABLE boats (name text)")
        with pytest.raises(psycopg.Error):
            await conn.execute(
                "ALTER ROLE nobody PASSWORD 'deep-sea-42'; SELECT\n'thyme-and-rosemary'"
            )
        pid = conn.info.backend_pid
    with pytest.raises(psycopg.OperationalError):
        await psycopg.AsyncConnection.connect(url.replace("postgres://u", "postgres://x"))
    await carrier.carry()
    chosen = LogFilter(source="app", dyno="postgres")
    said = [one.text.decode() for one in api.logs.recent(app_id, 99, chosen)]
    mine = [line for line in said if f" app[postgres.{pid}]: [DATABASE] [" in line]
    assert any("sql_error_code = 00000 LOG:  statement: CREATE TABLE boats" in x for x in mine)
    assert any('sql_error_code = 42704 ERROR:  role "nobody" does not exist' in x for x in mine)
    assert any(f"ALTER ROLE nobody PASSWORD {DOTS}; SELECT" in line for line in mine)
    assert any("FATAL:  password authentication failed" in line for line in said)
    whole = "\n".join(said)
    assert "deep-sea" not in whole
    assert "thyme" not in whole
    assert "user=hatoba" not in whole
    assert "pg_hba.conf" in whole
    assert "/pg_hba.conf" not in whole
    await carrier.carry()
    assert len(api.logs.recent(app_id, 99, chosen)) == len(said)
    await databases_watch.watch(p)
    (sample,) = api.logs.recent(app_id, 9, LogFilter(dyno="heroku-postgres"))
    line = sample.text.decode()
    assert f" app[heroku-postgres]: source=DATABASE addon={addon['name']} sample#current_" in line
    assert re.search(r"sample#db_size=\d+bytes .*sample#active-connections=\d+ ", line)
    assert re.search(r"sample#tables=1 .*sample#load-avg-1m=[\d.]+ .*memory-total=\d+kB", line)


async def test_what_is_no_setting_or_no_value_of_it_changes_nothing(api: Api) -> None:
    p = api.platform
    database = await made(p, "standard-0")
    for changes in (
        {"log_statement": "some"},
        {"log_min_duration_statement": "soon"},
        {"log_min_duration_statement": True},
        {"log_connections": "yes"},
        {"archive_command": "rm -rf /"},
        {"data_connector_details_logs": True},
    ):
        with pytest.raises(errors.InvalidParams):
            await databases_settings.change(p, database, changes)
    assert (await databases.find(p, database.id)).settings == {}
    with pytest.raises(errors.InvalidParams, match="Essential-tier"):
        await databases_settings.change(p, await made(p, "essential-0"), {"log_statement": "all"})


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda one: one.name)
def test_every_default_is_a_value_of_its_setting(setting: object) -> None:
    assert setting.problem(setting.default) is None  # type: ignore[attr-defined]

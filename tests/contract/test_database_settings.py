"""A database's settings: kept, put in force on its server, and there again after a restart."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from hatoba import errors
from hatoba.control import databases, databases_credentials, databases_settings
from hatoba.control.databases import Wanted
from hatoba.control.platform import Platform
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

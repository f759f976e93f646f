"""What is done with databases besides using them, by this command line and the official one."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

from hatoba.addons.postgres import poolers
from tests.contract.databases import Harbour, harbour
from tests.e2e.platform import Platform, wait_for

APP = "dbtools"
PASSWORD = re.compile(r"p[0-9a-f]{64}")


def test_settings_reports_and_a_rollback(platform: Platform, official_cli: Path) -> None:
    platform.heroku("create", APP).ok()
    platform.heroku("addons:create", "heroku-postgresql:standard-0", "-a", APP).ok()
    platform.heroku("pg:psql", "-c", "CREATE TABLE boats AS SELECT 1 AS n", "-a", APP).ok()
    done = platform.heroku("pg:settings:log-statement", "DATABASE", "all", "-a", APP).ok()
    assert "works with log_statement = all" in done.all
    assert "log-statement is set to all" in (
        platform.official("pg:settings:log-statement", "DATABASE", "-a", APP).ok().out
    )
    changed = platform.official("pg:settings:auto-explain", "DATABASE", "on", "-a", APP).ok()
    assert "will be logged" in changed.out
    assert re.search(r"auto-explain: +true", platform.official("pg:settings", "-a", APP).ok().out)
    assert platform.heroku("pg:settings:log-statement", "DATABASE", "some", "-a", APP).status == 2
    for run in (platform.heroku, platform.official):
        shown = run("pg:diagnose", "-a", APP).ok()
        assert "GREEN: Connection Count" in shown.out
        assert not PASSWORD.search(shown.all)
    assert platform.official_env()["PGDIAGNOSE_URL"] == "localhost"
    masked = platform.heroku("pg:fdwsql", "harbour", "-a", APP).ok()
    assert "harbour_boats" in masked.out
    assert not PASSWORD.search(masked.all)
    platform.heroku("pg:stats-reset", "-a", APP, "--yes").ok()
    pooled = platform.heroku("pg:connection-pooling:attach", "DATABASE", "-a", APP)
    if shutil.which("pgbouncer", path=poolers.PATH) is None:
        assert (pooled.status, "apt-get install pgbouncer" in pooled.err) == (1, True)
    else:
        assert "✓ a connection by DATABASE_CONNECTION_POOL_URL works" in pooled.ok().err
        platform.heroku("pg:credentials:rotate", "-a", APP, "--yes").ok()
        asked = ("pg:psql", "DATABASE_CONNECTION_POOL", "-c", "SELECT 6 * 7")
        assert "42" in platform.heroku(*asked, "-a", APP).ok().out
        twice = platform.heroku("pg:connection-pooling:attach", "DATABASE", "-a", APP)
        assert (twice.status, "addons:detach DATABASE_CONNECTION_POOL" in twice.err) == (2, True)

    _stores_and_links(platform)

    def protected() -> bool:
        return "Continuous Protection: On" in platform.official("pg:info", "-a", APP).ok().out

    wait_for("a base copy", protected, seconds=60)
    made = platform.heroku(
        *("addons:create", "heroku-postgresql:standard-0", "--rollback", "DATABASE"),
        *("--by", "0 seconds", "--as", "BEFORE", "-a", APP),
    ).ok()
    assert "a connection by BEFORE_URL works" in made.all
    there = platform.heroku("pg:psql", "BEFORE", "-c", "SELECT count(*) FROM boats", "-a", APP)
    assert "(1 row)" in there.ok().out
    refused = platform.heroku(
        *("addons:create", "heroku-postgresql:standard-0", "--rollback", "DATABASE"),
        *("--to", "2020-01-01 UTC", "-a", APP),
    )
    assert refused.status == 1
    assert "at the earliest" in refused.err
    platform.heroku("addons:destroy", "BEFORE", "-a", APP, "--confirm", APP).ok()


def _stores_and_links(platform: Platform) -> None:
    """Quotas and links, by this command line; the official one's are typed by other tests."""
    sizes = ("pg:quotas:update", "DATABASE", "--critical", "0.002", "-a", APP)
    asked = platform.heroku(*sizes)
    assert (asked.status, "refused at once" in asked.err) == (3, True)
    assert "refuses writes" in platform.heroku(*sizes, "--yes").ok().err
    assert "(writes refused)" in platform.heroku("pg:quotas", "DATABASE", "-a", APP).ok().out
    free = platform.heroku("pg:quotas:update", "DATABASE", "--critical", "none", "-a", APP)
    assert "takes writes" in free.ok().err
    plan = "heroku-postgresql:standard-0"
    platform.heroku("addons:create", plan, "--as", "QUAY", "-a", APP).ok()
    made = platform.heroku("pg:links:create", "DATABASE", "QUAY", "--as", "fleet", "-a", APP).ok()
    assert "✓ a SELECT over fleet works: 1 row of fleet.boats read" in made.err
    backup = platform.heroku("pg:backups:capture", "QUAY", "-a", APP).ok()
    destroy = ("pg:links:destroy", "QUAY", "fleet", "-a", APP)
    assert platform.heroku(*destroy).status == 3
    gone = platform.heroku(*destroy, "--confirm", APP).ok()
    assert "has no schema fleet" in gone.err
    for done in (made, backup, gone, platform.heroku("pg:links", "-a", APP).ok()):
        assert not PASSWORD.search(done.all)
    platform.heroku("addons:destroy", "QUAY", "-a", APP, "--confirm", APP).ok()


async def test_a_database_goes_out_and_comes_back_counted(platform: Platform) -> None:
    async with harbour() as there:
        await asyncio.to_thread(_out_and_back, platform, await _outside(there))


async def _outside(there: Harbour) -> str:
    """The URL of a database that is not there yet, on a server of somebody else's."""
    server = there.by_age["new"]
    plan = (await there.servers.start(server)).plan
    return f"postgres://hatoba:{plan.password_file.read_text()}@localhost:{plan.port}/dev"


def _out_and_back(platform: Platform, url: str) -> None:
    password = url.partition("@")[0].rpartition(":")[2]
    pulled = platform.heroku("pg:pull", "DATABASE", url, "-a", APP).ok()
    assert "1 table with 1 row arrived" in pulled.all
    again = platform.heroku("pg:pull", "DATABASE", url, "-a", APP)
    assert again.status == 1
    assert "is not empty" in again.err
    full = platform.heroku("pg:push", url, "DATABASE", "-a", APP)
    assert full.status == 1
    assert "pg:reset" in full.err
    platform.heroku("pg:reset", "DATABASE", "-a", APP, "--confirm", APP).ok()
    pushed = platform.heroku("pg:push", url, "DATABASE", "-a", APP).ok()
    assert "1 table with 1 row arrived" in pushed.all
    for done in (pulled, again, full, pushed):
        assert password not in done.all
    gone = platform.heroku("pg:push", url.replace("/dev", "/gone"), "DATABASE", "-a", APP)
    assert gone.status == 1


def test_an_upgrade_by_the_official_command_line(platform: Platform, official_cli: Path) -> None:
    made = platform.heroku(
        *("addons:create", "heroku-postgresql:essential-0", "--version", "15"),
        *("--as", "OLD", "-a", APP),
    )
    if made.status != 0:
        assert "is not installed" in made.err
        return
    platform.heroku("pg:psql", "OLD", "-c", "CREATE TABLE boats AS SELECT 1", "-a", APP).ok()
    words = ("OLD_URL", "-a", APP)
    platform.official("pg:upgrade:run", *words, "--confirm", APP).ok()
    waited = platform.official("pg:upgrade:wait", *words, "--wait-interval", "1").ok()
    assert "succeeded" in waited.all
    assert "PG Version:            15" not in platform.official("pg:info", *words).ok().out
    there = platform.heroku("pg:psql", "OLD", "-c", "SELECT count(*) FROM boats", "-a", APP)
    assert "(1 row)" in there.ok().out
    undone = platform.heroku("pg:upgrade:undo", "OLD", "-a", APP, "--yes").ok()
    assert "is on PostgreSQL 15" in undone.all
    # A leader with a server of its own is prepared first.
    unprepared = platform.official("pg:upgrade:run", "DATABASE", "-a", APP, "--confirm", APP)
    assert unprepared.status != 0
    assert "pg:upgrade:prepare" in unprepared.all

"""Databases from the first add-on to the last, by this command line and the official one."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from tests.e2e.platform import Platform, wait_for

APP = "databases"
PASSWORD = re.compile(r"p[0-9a-f]{64}")


def test_a_database_is_made_used_emptied_and_given_back(platform: Platform) -> None:
    platform.heroku("create", APP).ok()
    made = platform.heroku("addons:create", "heroku-postgresql", "-a", APP).ok()
    assert "✓ a connection by DATABASE_URL works" in made.all
    platform.heroku("pg:psql", "-c", "CREATE TABLE boats AS SELECT 1 AS n", "-a", APP).ok()
    assert re.search(r"Tables: +1", platform.heroku("pg:info", "-a", APP).ok().out)
    refused = platform.heroku("pg:reset", "DATABASE", "-a", APP)
    assert refused.status == 3
    assert re.search(r"Tables: +1", platform.heroku("pg:info", "-a", APP).ok().out)
    platform.heroku("pg:reset", "DATABASE", "-a", APP, "--confirm", APP).ok()
    assert re.search(r"Tables: +0", platform.heroku("pg:info", "-a", APP).ok().out)
    platform.heroku("pg:reset:undo", "-a", APP, "--yes").ok()
    counted = platform.heroku("pg:psql", "-c", "SELECT count(*) FROM boats", "-a", APP).ok()
    assert "(1 row)" in counted.out
    asked = ("pg:psql", "-a", APP)
    broken = platform.heroku(*asked, stdin="INSERT INTO boats VALUES (2);\nSELEC 3;\nSELECT 4;")
    assert (broken.status, "syntax error" in broken.err, "4" in broken.out) == (1, True, False)
    rows = platform.json(*asked, "-c", "SELECT 1 AS n, now() AS at; CREATE TEMP TABLE t ()")
    assert (rows[0]["n"], rows[0]["at"][:2]) == (1, "20")
    broken = platform.heroku(*asked, "--json", "-c", "SELEC 1")
    assert (broken.status, broken.out, "syntax error" in broken.err) == (1, "", True)
    for words, why in (
        (("pg:credentials:destroy", "--name", "default"), "default credential can't be destroyed"),
        (("pg:unfollow", "DATABASE"), "follows no database"),
    ):
        refused = platform.heroku(*words, "-a", APP, "--confirm", APP)
        assert (refused.status, why in refused.err) == (1, True), refused


def test_a_query_is_ended_by_its_pid(platform: Platform) -> None:
    asleep = threading.Thread(
        target=platform.heroku, args=("pg:psql", "-c", "SELECT pg_sleep(60)", "-a", APP)
    )
    asleep.start()
    found: list[str] = []

    def runs() -> bool:
        found[:] = [one["pid"] for one in platform.json("pg:ps", "-a", APP)]
        return bool(found)

    wait_for("a query", runs, seconds=30)
    kill = ("pg:kill", found[0], "-a", APP)
    refused = platform.heroku(*kill)
    assert (refused.status, "SELECT pg_sleep(60)" in refused.err) == (3, True)
    assert asleep.is_alive()
    assert f"✓ query of {found[0]} has ended" in platform.heroku(*kill, "--yes").ok().err
    asleep.join(30)
    assert not asleep.is_alive()
    gone = platform.heroku(*kill, "--yes")
    assert (gone.status, "heroku pg:ps" in gone.err) == (1, True)


def test_no_password_is_printed_unless_it_is_asked_for(platform: Platform) -> None:
    for words in (("pg:info",), ("pg:credentials",), ("pg:credentials:url",), ("addons",)):
        for more in ((), ("--json",)):
            shown = platform.heroku(*words, "-a", APP, *more).ok()
            assert not PASSWORD.search(shown.all), words
    revealed = platform.heroku("pg:credentials:url", "--reveal", "-a", APP).ok()
    assert PASSWORD.search(revealed.out)


def test_every_diagnostic_query_runs(platform: Platform) -> None:
    from hatoba.cli.queries import QUERIES

    for name in QUERIES:
        words = ("pg:ps", "--verbose") if name == "pg:ps:verbose" else (name,)
        platform.heroku(*words, "-a", APP).ok()
    assert '"name"' in platform.heroku("pg:table-size", "--json", "-a", APP).ok().out


def test_the_official_cli_sees_the_same(platform: Platform, official_cli: Path) -> None:
    assert "DATABASE_URL" in platform.official("pg:info", "-a", APP).ok().out
    assert "essential-0" in platform.official("addons", "-a", APP).ok().out
    assert "default" in platform.official("pg:credentials", "-a", APP).ok().out
    shown = platform.official("pg:psql", "-a", APP, "-c", "SELECT count(*) FROM boats").ok()
    assert "(1 row)" in shown.out
    platform.official("pg:wait", "-a", APP).ok()
    platform.official("pg:outliers", "-a", APP).ok()
    made = platform.official("addons:create", "heroku-postgresql:standard-0", "-a", APP).ok()
    found = re.search(r"Created (\S+) as (HEROKU_POSTGRESQL_\w+)_URL", made.all)
    assert found
    platform.official("pg:promote", found[1], "-a", APP).ok()
    platform.official("addons:destroy", found[1], "-a", APP, "--confirm", APP).ok()

"""Backups, restores and copies on a whole platform, by both command lines, and through kills."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.e2e.platform import Platform, wait_for

ROWS = 400_000
HEAVY = (
    "CREATE TABLE logs AS SELECT n AS id, md5(n::text) || md5((n + 1)::text) AS line "
    "FROM generate_series(1, 400000) n"
)


def app_with_database(platform: Platform, name: str, fill: str) -> str:
    """Create an app with a database that holds this; return the database's URL."""
    platform.heroku("apps:create", name).ok()
    body = json.dumps({"plan": "heroku-postgresql:essential-0"})
    headers = {"Content-Type": "application/json"}
    made = platform.api("POST", f"/apps/{name}/addons", body=body, headers=headers)
    assert made.status in (200, 201), made.data
    addon = made.json()["id"]
    path = f"/apps/{name}/addons/{addon}"
    wait_for("the add-on", lambda: platform.api("GET", path).json()["state"] == "provisioned")
    found = platform.api("GET", f"/apps/{name}/config-vars").json()["DATABASE_URL"]
    with psycopg.connect(found, autocommit=True) as conn:
        conn.execute(fill.encode())
    return str(found)


def rows(url: str, table: str) -> int:
    with psycopg.connect(url) as conn:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        found = conn.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def transfer(platform: Platform, app: str, num: int) -> dict[str, Any]:
    found = platform.api("GET", f"/client/v11/apps/{app}/transfers/{num}?verbose=true")
    answer: dict[str, Any] = found.json()
    return answer


def leftovers(platform: Platform) -> list[Path]:
    """Return the files of unfinished dumps."""
    return list((platform.folder / "data/backups/drafts").iterdir())


@pytest.mark.parametrize("reached", ["Dumping", "Restoring into a scratch"])
def test_a_daemon_killed_in_a_capture_never_makes_a_false_success(
    own_platform: Platform, reached: str
) -> None:
    url = app_with_database(own_platform, "harbour", HEAVY)
    addon = own_platform.api("GET", "/apps/harbour/addons").json()[0]["id"]
    began = own_platform.api("POST", f"/client/v11/databases/{addon}/backups")
    assert began.status == 201, began.data

    def said() -> bool:
        logs = transfer(own_platform, "harbour", 1)["logs"]
        return any(line["message"].startswith(reached) for line in logs)

    wait_for(reached, said)
    os.kill(own_platform.pid("hatobad"), signal.SIGKILL)

    def ended() -> bool:
        answer = own_platform.api("GET", "/client/v11/apps/harbour/transfers/1")
        return answer.status == 200 and answer.json()["finished_at"] is not None

    wait_for("the capture's end", ended, seconds=120)
    done = transfer(own_platform, "harbour", 1)
    assert done["succeeded"] is True, done
    assert done["counts"] == {"public.logs": ROWS}
    assert any("restarted" in line["message"] for line in done["logs"])
    assert leftovers(own_platform) == []
    with psycopg.connect(url) as conn:
        names = conn.execute("SELECT datname FROM pg_database").fetchall()
    assert not [name for (name,) in names if name.startswith("scratch_")]


def test_a_daemon_killed_in_a_copy_leaves_the_target_or_the_copy(own_platform: Platform) -> None:
    app_with_database(own_platform, "source", HEAVY)
    url = app_with_database(own_platform, "target", "CREATE TABLE old AS SELECT 1 AS id")
    config = own_platform.api("GET", "/apps/source/config-vars").json()
    addon = own_platform.api("GET", "/apps/target/addons").json()[0]["id"]
    body = {"from_name": "DATABASE", "to_name": "DATABASE", "to_url": url}
    began = own_platform.api(
        "POST",
        f"/client/v11/databases/{addon}/transfers",
        body=json.dumps({**body, "from_url": config["DATABASE_URL"]}),
        headers={"Content-Type": "application/json"},
    )
    assert began.status == 201, began.data

    def writing() -> bool:
        logs = transfer(own_platform, "target", 1)["logs"]
        return any(line["message"].startswith("Replacing") for line in logs)

    wait_for("the copy to write", writing, seconds=60)
    os.kill(own_platform.pid("hatobad"), signal.SIGKILL)
    with psycopg.connect(url) as conn:
        there = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert there.fetchall() in ([("old",)], [("logs",)])

    def ended() -> bool:
        answer = own_platform.api("GET", "/client/v11/apps/target/transfers/1")
        return answer.status == 200 and answer.json()["finished_at"] is not None

    wait_for("the copy's end", ended, seconds=120)
    assert transfer(own_platform, "target", 1)["counts"] == {"public.logs": ROWS}
    assert rows(url, "logs") == ROWS
    assert leftovers(own_platform) == []


def test_our_command_line(platform: Platform) -> None:
    fill = "CREATE TABLE boats AS SELECT generate_series(1, 1000) AS id"
    app_with_database(platform, "fleet", fill)
    url = app_with_database(platform, "dock", "CREATE TABLE old AS SELECT 1 AS id")
    captured = platform.heroku("pg:backups:capture", "-a", "fleet").ok()
    assert "1 table, 1,000 rows" in captured.err
    assert "b001" in platform.heroku("pg:backups", "-a", "fleet").ok().out
    platform.heroku("pg:backups:download", "-o", "fleet.dump", "-a", "fleet").ok()
    file = platform.folder / "fleet.dump"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes()[:5] == b"PGDMP"
    again = platform.heroku("pg:backups:download", "-o", "fleet.dump", "-a", "fleet")
    assert (again.status, "exists already" in again.err) == (1, True)
    copy = ("pg:copy", "fleet::DATABASE", "DATABASE", "-a", "dock")
    assert platform.heroku(*copy).status == 3
    assert rows(url, "old") == 1
    copied = platform.heroku(*copy, "--confirm", "dock").ok()
    assert "what the database held before is kept, verified: b002" in copied.err
    assert rows(url, "boats") == 1000
    onto_itself = platform.heroku("pg:copy", "DATABASE", "DATABASE", "-a", "dock")
    assert (onto_itself.status, "onto itself" in onto_itself.err) == (2, True)
    back = ("pg:backups:restore", "b002", "DATABASE_URL", "-a", "dock", "--confirm", "dock")
    platform.heroku(*back).ok()
    assert rows(url, "old") == 1
    at = ("pg:backups:schedule", "DATABASE", "--at")
    platform.heroku(*at, "02:00 America/New_York", "-a", "fleet").ok()
    unknown = platform.heroku(*at, "02:00 Mars/Olympus", "-a", "dock")
    assert (unknown.status, "no time zone Mars/Olympus" in unknown.err) == (2, True)
    listed = platform.heroku("pg:backups:schedules", "-a", "fleet").ok().out
    assert "DATABASE_URL: daily at 2:00 America/New_York, next" in listed
    platform.heroku("pg:backups:unschedule", "DATABASE", "-a", "fleet", "--yes").ok()
    platform.heroku("pg:backups:delete", "b001", "-a", "fleet", "--confirm", "fleet").ok()
    assert "b001" not in platform.heroku("pg:backups", "-a", "fleet").ok().out


def test_the_official_command_line(platform: Platform, official_cli: Path) -> None:
    app_with_database(platform, "ferry", "CREATE TABLE boats AS SELECT generate_series(1, 9) AS id")
    url = app_with_database(platform, "pier", "CREATE TABLE old AS SELECT 1 AS id")
    official = platform.official
    assert "b001" in official("pg:backups:capture", "-a", "ferry").ok().all
    assert "Completed" in official("pg:backups", "-a", "ferry").ok().out
    assert "Verified: 1 table, 9 rows" in official("pg:backups:info", "-a", "ferry").ok().out
    assert "https://" in official("pg:backups:url", "-a", "ferry").ok().out
    official("pg:backups:download", "-a", "ferry", "-o", "ferry.dump").ok()
    dump = (platform.folder / "ferry.dump").read_bytes()
    assert len(dump) == transfer(platform, "ferry", 1)["processed_bytes"]
    official("pg:copy", "ferry::DATABASE", "DATABASE", "-a", "pier", "--confirm", "DATABASE").ok()
    assert rows(url, "boats") == 9
    restore = ("pg:backups:restore", "b002", "DATABASE_URL", "-a", "pier", "--confirm", "pier")
    official(*restore).ok()
    assert rows(url, "old") == 1
    official("pg:backups:schedule", "DATABASE", "--at", "02:00 EST", "-a", "ferry").ok()
    listed = official("pg:backups:schedules", "-a", "ferry").ok().out
    assert "DATABASE_URL: daily at 2:00 America/New_York" in listed
    official("pg:backups:unschedule", "DATABASE", "-a", "ferry").ok()
    assert official("pg:backups:cancel", "-a", "ferry").status != 0
    official("pg:backups:delete", "b001", "-a", "ferry", "--confirm", "ferry").ok()

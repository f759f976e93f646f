"""Quotas of databases: told in the logs, and put in force by the database itself."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from hatoba.control import databases, databases_quotas, databases_upgrade
from hatoba.logs.base import LogFilter

from .api_platform import Api, Got


async def _run(url: str, text: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(text.encode())


async def test_a_quota_is_told_of_and_in_force_at_once(api: Api) -> None:
    name = await api.app()
    made = await api("POST", f"/apps/{name}/addons", {"plan": "heroku-postgresql:essential-0"})
    url = str((await api("GET", f"/apps/{name}/config-vars")).json["DATABASE_URL"])
    path = f"/data/postgres/v1/{made.json['name']}/quotas/storage"

    async def change(**values: object) -> Got:
        return await api("PATCH", path, values)

    plain = (await api("GET", path)).json
    assert (plain["warning_gb"], plain["critical_gb"], plain["enforcement_action"]) == (
        None,
        1.0,
        "restrict",
    )
    told = (await change(warning_gb=0.001, critical_gb=0.002, enforcement_action="notify")).json
    assert (told["critical_gb"], told["enforcement_active"]) == (0.002, False)
    await _run(url, "CREATE TABLE boats ()")
    restricted = (await change(enforcement_action="restrict")).json
    assert (restricted["enforcement_active"], restricted["warning_gb"]) == (True, 0.001)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await _run(url, "CREATE TABLE berths ()")
    free = (await change(critical_gb=None, warning_gb=None)).json
    assert (free["critical_gb"], free["enforcement_active"]) == (1.0, False)
    await _run(url, "CREATE TABLE berths ()")
    app_id = UUID((await api("GET", f"/apps/{name}")).json["id"])
    recent = api.platform.logs.recent(app_id, 99, LogFilter(dyno="postgres"))
    lines = b"\n".join(one.text for one in recent).decode()
    assert "more than the critical size" in lines
    assert "writes are refused until it is less" in lines
    assert "within its sizes again" in lines
    for values, said in (
        ({"critical_gb": 2}, "plan's size is 1 GB"),
        ({"warning_gb": 1}, "below the critical"),
        ({"enforcement_action": "none"}, "always refused"),
        ({"enforcement_action": "shout"}, "one of"),
        ({"critical_gb": "much"}, "critical_gb"),
    ):
        refused = await change(**values)
        assert (refused.status, said in refused.json["message"]) == (422, True), refused
    assert (await api("GET", path)).json["critical_gb"] == 1.0
    other = path.replace("storage", "connections")
    assert (await api("PATCH", other, {"warning_gb": 0.5})).status == 404


async def test_an_upgrade_lets_nobody_write_beyond_the_quota(api: Api) -> None:
    p = api.platform
    there = await p.databases.installed()
    if len(there) < 2:
        pytest.skip("this machine has one version of Postgres only; install postgresql")
    app = await api.app()
    body = {"plan": "heroku-postgresql:essential-0", "config": {"version": str(min(there))}}
    made = await api("POST", f"/apps/{app}/addons", body)
    database = await databases.find(p, UUID(made.json["id"]))
    await databases_quotas.change(p, database, {"critical_gb": 0.002})
    begun = await databases_upgrade.run(p, await databases.find(p, database.id), None)
    await databases_upgrade.settled(begun.id)
    url = str((await api("GET", f"/apps/{app}/config-vars")).json["DATABASE_URL"])
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await _run(url, "CREATE TABLE boats ()")

"""Databases attached by a connection pooler: a real PgBouncer in front of a real server."""

from __future__ import annotations

import shutil
import signal
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest

from hatoba.addons.postgres import poolers
from hatoba.addons.postgres.poolers import Poolers
from hatoba.control import databases_pooling
from hatoba.kit import process

from .api_platform import Api, Got

_NAME = "DATABASE_CONNECTION_POOL"
needs_program = pytest.mark.skipif(
    shutil.which("pgbouncer", path=poolers.PATH) is None,
    reason="this machine has no PgBouncer; install pgbouncer",
)


async def database(api: Api, plan: str = "standard-0") -> tuple[str, str]:
    """Return an app with a database, and that one's name."""
    app = await api.app()
    made = await api("POST", f"/apps/{app}/addons", {"plan": f"heroku-postgresql:{plan}"})
    return app, str(made.json["name"])


async def pool(api: Api, app: str, addon: str, **more: str) -> Got:
    path = f"/client/v11/databases/{addon}/connection-pooling"
    return await api("POST", path, {"app": app, "credential": "default", **more})


async def variable(api: Api, app: str, name: str) -> str:
    return str((await api("GET", f"/apps/{app}/config-vars")).json[name])


async def asked(url: str, query: str = "SELECT 1") -> object:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        row = await (await conn.execute(query.encode())).fetchone()
    return row[0] if row else None


def pid(api: Api, database_id: UUID) -> int:
    found = api.platform.databases.poolers.pid(database_id)
    assert found is not None
    return found


@needs_program
async def test_clients_share_sessions_of_the_server(api: Api) -> None:
    app, addon = await database(api)
    made = await pool(api, app, addon)
    assert (made.status, made.json["name"], made.json["namespace"]) == (
        201,
        _NAME,
        "connection-pooling:default",
    )
    direct = await variable(api, app, "DATABASE_URL")
    pooled = await variable(api, app, f"{_NAME}_URL")
    assert urlsplit(pooled).port != urlsplit(direct).port
    assert pooled.replace(f":{urlsplit(pooled).port}/", f":{urlsplit(direct).port}/") == direct
    first = await psycopg.AsyncConnection.connect(pooled, autocommit=True)
    second = await psycopg.AsyncConnection.connect(pooled, autocommit=True)
    async with first, second:
        backends = set()
        for conn in (first, second, first):
            row = await (await conn.execute("SELECT pg_backend_pid()")).fetchone()
            backends.add(row)
    assert len(backends) == 1
    again = await pool(api, app, addon)
    assert (again.status, _NAME in again.json["message"]) == (422, True)
    other = await api.app()
    assert (await pool(api, other, addon, name="SHARED")).status == 201
    assert await variable(api, other, "SHARED_URL") == pooled
    stranger = await (await api.stranger()).app()
    assert (await pool(api, stranger, addon)).status == 403


@needs_program
async def test_a_pooler_follows_its_database(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    p = api.platform
    app, addon = await database(api)
    info = (await api("GET", f"/addons/{addon}")).json
    database_id = UUID(info["id"])
    await pool(api, app, addon)
    before = await variable(api, app, f"{_NAME}_URL")
    assert await asked(before) == 1
    rotation = f"/postgres/v0/databases/{addon}/credentials/default/credentials_rotation"
    assert (await api("POST", rotation, {"forced": True})).status == 200
    after = await variable(api, app, f"{_NAME}_URL")
    assert await asked(after) == 1
    with pytest.raises(psycopg.OperationalError):
        await asked(before)
    # One that died is started again, and one that runs is found by the next daemon.
    known = process.identify(pid(api, database_id))
    assert known is not None
    process.send(known, signal.SIGKILL)
    await process.gone(known)
    await databases_pooling.refresh(p, database_id)
    assert await asked(after) == 1
    running = process.identify(pid(api, database_id))
    assert running is not None
    await p.databases.poolers.release()
    p.databases.poolers = Poolers(p.databases.place, notice=lambda _: None)
    await databases_pooling.tidy(p)
    assert pid(api, database_id) == running.pid
    folder = p.databases.poolers.folder(database_id)
    assert after.partition("@")[0].rpartition(":")[2] not in (folder / "users.txt").read_text()
    assert oct((folder / "users.txt").stat().st_mode)[-3:] == "600"
    # It ends with the last app that uses it, also where nobody could start another one.
    found = (await api("GET", f"/apps/{app}/addon-attachments")).json
    mine = next(one for one in found if one["name"] == _NAME)
    assert (await api("DELETE", f"/addon-attachments/{mine['id']}")).status == 200
    monkeypatch.setattr(poolers, "PATH", "/nowhere")
    await p.databases.poolers.release()
    await databases_pooling.tidy(p)
    assert not process.alive(running)
    assert not folder.exists()


async def test_what_can_not_be_pooled_says_why(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    app, addon = await database(api, "essential-0")
    refused = await pool(api, app, addon)
    assert (refused.status, "Essential-tier" in refused.json["message"]) == (422, True)
    app, addon = await database(api)
    monkeypatch.setattr(poolers, "PATH", "/nowhere")
    absent = await pool(api, app, addon)
    assert (absent.status, "apt-get install pgbouncer" in absent.json["message"]) == (422, True)
    assert f"{_NAME}_URL" not in (await api("GET", f"/apps/{app}/config-vars")).json

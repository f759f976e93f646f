"""Answers that are kept are never old ones; connections that the server closed are not used."""

from __future__ import annotations

import asyncio

import psycopg
import sqlalchemy as sa

from tests.contract.api_platform import Api


async def test_what_is_changed_is_answered_anew(api: Api) -> None:
    name = await api.app()
    assert (await api("GET", f"/apps/{name}")).json["maintenance"] is False
    assert [one["name"] for one in (await api("GET", "/apps")).json] == [name]
    await api("PATCH", f"/apps/{name}", {"maintenance": True})
    assert (await api("GET", f"/apps/{name}")).json["maintenance"] is True
    assert (await api("GET", "/apps")).json[0]["maintenance"] is True
    await api("DELETE", f"/apps/{name}")
    assert (await api("GET", f"/apps/{name}")).status == 404
    assert (await api("GET", "/apps")).json == []


async def test_an_answer_is_kept_for_the_one_who_asked(api: Api) -> None:
    name, friend = await api.app(), await api.stranger()
    assert (await api("GET", f"/apps/{name}")).status == 200
    assert (await friend("GET", f"/apps/{name}")).status == 403
    await api("POST", f"/apps/{name}/collaborators", {"user": friend.account.email})
    assert (await friend("GET", f"/apps/{name}")).status == 200
    await api("DELETE", f"/apps/{name}/collaborators/{friend.account.email}")
    assert (await friend("GET", f"/apps/{name}")).status == 403


async def test_an_entity_tag_saves_the_body_until_it_changes(api: Api) -> None:
    name = await api.app()
    for path in (f"/apps/{name}", "/apps", f"/apps/{name}/config-vars"):
        got = await api("GET", path)
        tag = got.headers["etag"]
        for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await api("GET", path, If_None_Match=header)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == tag
            assert "request-id" in again.headers
        assert (await api("GET", path, If_None_Match='"other"')).status == 200
        assert (await api("HEAD", path)).headers["etag"] == tag
    before = (await api("GET", f"/apps/{name}")).headers["etag"]
    await api("PATCH", f"/apps/{name}", {"maintenance": True})
    assert (await api("GET", f"/apps/{name}", If_None_Match=before)).status == 200


async def test_reading_leaves_the_stores_age_and_writing_moves_it(api: Api) -> None:
    store, name = api.platform.store, await api.app()
    age = store.age
    await api("GET", f"/apps/{name}/formation")
    async with store.read() as conn, store.begin() as other:
        await conn.scalar(sa.select(1))
        await other.scalar(sa.select(1))
    assert store.age == age
    await api("PATCH", f"/apps/{name}/config-vars", {"A": "1"})
    assert store.age > age


async def test_connections_that_the_server_closed_are_not_used(api: Api, api_database: str) -> None:
    store, name = api.platform.store, await api.app()
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    url = api_database.replace("+psycopg", "")
    async with store.begin(), store.begin(), store.read():
        pass
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(others)
    while await _open_backends(url):
        await asyncio.sleep(0.01)
    answers = [await api("GET", f"/apps/{name}/formation") for _ in range(5)]
    assert [one.status for one in answers] == [200] * 5


async def _open_backends(url: str) -> int:
    query = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        row = await (await conn.execute(query)).fetchone()
    return int(row[0]) if row else 0

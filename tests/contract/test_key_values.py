"""Key-value stores through the API, on real servers."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, OutOfMemoryError, ResponseError
from redis.exceptions import ConnectionError as Lost

from hatoba.control import key_values
from tests.contract.api_platform import Api


class Store:
    """A key-value store of an app."""

    def __init__(self, api: Api, app: str, addon: dict[str, Any]) -> None:
        self.api, self.app, self.addon = api, app, addon
        self.path = f"/redis/v0/databases/{addon['name']}"

    async def url(self) -> str:
        return str((await self.api("GET", f"/apps/{self.app}/config-vars")).json["REDIS_URL"])

    async def session(self) -> Redis:
        return Redis.from_url(await self.url(), decode_responses=True)

    async def pid(self) -> int:
        async with await self.session() as session:
            return int((await session.info())["process_id"])


@pytest.fixture
async def store(api: Api) -> AsyncIterator[Store]:
    app = await api.app()
    made = await api("POST", f"/apps/{app}/addons", {"plan": "heroku-redis"})
    assert made.status == 201, made
    assert made.json["config_vars"] == ["REDIS_URL"]
    assert made.json["plan"]["name"] == "heroku-redis:mini"
    yield Store(api, app, made.json)
    await api("DELETE", f"/apps/{app}/addons/{made.json['name']}", {"force": True})


async def test_an_app_keeps_keys_in_it(store: Store) -> None:
    async with await store.session() as session:
        await session.set("greeting", "hello")
        assert await session.get("greeting") == "hello"
    told = (await store.api("GET", store.path)).json
    facts = {fact["name"]: fact["values"] for fact in told["info"]}
    assert facts["Plan"] == ["Mini"]
    assert facts["Memory"][0].endswith("/25 MB")
    assert (await store.api("GET", f"{store.path}/wait")).json["waiting?"] is False


@pytest.mark.parametrize(
    "words",
    [("CONFIG", "GET", "*"), ("SHUTDOWN",), ("DEBUG", "SLEEP", "0"), ("ACL", "LIST"), ("SAVE",)],
)
async def test_what_could_harm_the_server_is_refused(store: Store, words: tuple[str, ...]) -> None:
    async with await store.session() as session:
        with pytest.raises(ResponseError, match=r"permission|not allowed"):
            await session.execute_command(*words)  # type: ignore[no-untyped-call]


async def test_keys_outlive_a_kill(store: Store) -> None:
    async with await store.session() as session:
        await session.set("kept", "yes")
        await session.execute_command("WAITAOF", 1, 0, 5000)  # type: ignore[no-untyped-call]
    os.kill(await store.pid(), signal.SIGKILL)
    p = store.api.platform
    instance = await key_values.find(p, UUID(store.addon["id"]))
    async for _ in until_answered(store, instance):
        pass
    async with await store.session() as session:
        assert await session.get("kept") == "yes"


async def until_answered(store: Store, instance: Any) -> AsyncIterator[None]:
    while not await store.api.platform.key_values.answers(instance):
        yield


async def test_settings_are_in_force_and_are_kept(store: Store) -> None:
    changes = {"maxmemory_policy": "allkeys-lru", "timeout": 60, "notify_keyspace_events": "KEA"}
    set_ = await store.api("PATCH", f"{store.path}/config", changes)
    assert set_.json["maxmemory_policy"]["value"] == "allkeys-lru"
    async with await store.session() as session:
        assert (await session.info())["maxmemory_policy"] == "allkeys-lru"
    told = (await store.api("GET", f"{store.path}/config")).json
    assert {name: one["value"] for name, one in told.items()} == changes


@pytest.mark.parametrize(
    "change",
    [{"maxmemory_policy": "sometimes"}, {"timeout": -1}, {"notify_keyspace_events": "KEA\n"}],
)
async def test_settings_that_can_not_be(store: Store, change: dict[str, object]) -> None:
    got = await store.api("PATCH", f"{store.path}/config", change)
    assert (got.status, got.json["id"]) == (422, "invalid_params")


async def fill(session: Redis, megabytes: int) -> None:
    for number in range(megabytes):
        await session.set(f"k{number}", "x" * 1024 * 1024)


async def test_memory_is_the_plans(store: Store) -> None:
    path = f"/apps/{store.app}/addons/{store.addon['name']}"
    async with await store.session() as session:
        with pytest.raises(OutOfMemoryError):
            await fill(session, 40)
        assert (await store.api("PATCH", path, {"plan": "heroku-redis:premium-1"})).status == 200
        await fill(session, 40)
    back = await store.api("PATCH", path, {"plan": "heroku-redis:mini"})
    assert back.status == 422
    assert "The plan mini is too small" in back.json["message"]


async def test_an_old_password_lets_nobody_in(store: Store) -> None:
    before = await store.url()
    old = Redis.from_url(before)
    await old.ping()
    assert (await store.api("POST", f"{store.path}/credentials_rotation", {})).status == 200
    assert await store.url() != before
    async with Redis.from_url(before) as again:
        with pytest.raises((AuthenticationError, Lost)):
            await again.ping()
    async with await store.session() as session:
        assert await session.ping()
    await old.aclose()


async def test_a_destroyed_one_is_gone_with_its_config_var(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", {"plan": "heroku-redis"})).json
    url = (await api("GET", f"/apps/{app}/config-vars")).json["REDIS_URL"]
    assert (await api("DELETE", f"/apps/{app}/addons/{made['name']}")).status == 200
    assert (await api("GET", f"/apps/{app}/config-vars")).json == {}
    async with Redis.from_url(url) as again:
        with pytest.raises(Lost):
            await again.ping()
    assert (await api("GET", f"/redis/v0/databases/{made['name']}")).status == 404


async def test_a_stranger_learns_nothing(store: Store) -> None:
    stranger = await store.api.stranger()
    assert (await stranger("GET", store.path)).status in (403, 404)
    assert (await stranger("POST", f"{store.path}/credentials_rotation")).status in (403, 404)

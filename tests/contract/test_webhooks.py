"""Webhooks against real receivers: what is told, how it is signed, outages, bounds."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hatoba.api.encode import webhook_payloads
from hatoba.control import housekeeping, webhook_postman
from hatoba.control.webhook_postman import Postman
from hatoba.kit.clock import SystemClock
from hatoba.model.webhook import KEPT_DELIVERIES, KINDS
from hatoba.store.tables import apps, webhook_changes, webhook_events, webhooks
from tests.contract.api_platform import Api, deployed
from tests.unit.model.certificates import Issuer

SECRET = "value-of-a-config-var"


class Ahead(SystemClock):
    """The machine's clock, as far ahead as a test wants it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Receiver:
    """Takes what is posted; ``answer`` is its status, None makes it hang."""

    answer: int | None = 204
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = int(re.search(r"content-length: (\d+)", head, re.I)[1])  # type: ignore[index]
        body = await reader.readexactly(size)
        self.heads.append(head)
        self.bodies.append(body)
        if self.answer is None:
            # Until the other side has had enough.
            await reader.read()
        writer.write(b"HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n" % (self.answer or 0))
        writer.close()
        await writer.wait_closed()

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@asynccontextmanager
async def listening(*receivers: Receiver) -> AsyncIterator[None]:
    tasks: set[asyncio.Task[Any]] = set()

    def handler(one: Receiver) -> Callable[..., Awaitable[None]]:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.current_task())  # type: ignore[arg-type]
            await one.take(reader, writer)

        return handle

    servers = []
    for one in receivers:
        server = await asyncio.start_server(handler(one), "127.0.0.1", 0)
        servers.append(server)
        one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key=1"
    try:
        yield
    finally:
        for server in servers:
            server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def carrying(api: Api, clock: Ahead | None = None) -> AsyncIterator[Postman]:
    platform = replace(api.platform, clock=clock or Ahead())
    async with platform.store.begin() as conn:
        # Those of the test before have receivers that are gone, and another vault's secrets.
        await conn.execute(webhooks.delete())
    postman = Postman(platform, webhook_payloads.shape(platform.place))
    try:
        yield postman
    finally:
        await postman.close()


async def deliver(postman: Postman) -> None:
    await postman.round()
    await postman.idle()


async def hook(
    api: Api, app: str, url: str, *include: str, level: str = "notify", **more: str
) -> tuple[dict[str, Any], str]:
    body = {"url": url, "include": list(include) or ["api:release"], "level": level, **more}
    made = await api("POST", f"/apps/{app}/webhooks", body)
    assert made.status == 201, made
    return made.json, made.headers["heroku-webhook-secret"]


async def release(api: Api, app: str, value: str = SECRET) -> None:
    assert (await api("PATCH", f"/apps/{app}/config-vars", {"KEY": value})).status == 200


async def deliveries(api: Api, app: str, query: str = "") -> list[dict[str, Any]]:
    found = await api(
        "GET", f"/apps/{app}/webhook-deliveries{query}", Range="seq ..; order=desc,max=1000"
    )
    assert found.status == 200, found
    listed: list[dict[str, Any]] = found.json
    return listed


async def test_a_release_is_told_and_signed(api: Api) -> None:
    app, receiver = await api.app(), Receiver()
    async with listening(receiver), carrying(api) as postman:
        made, secret = await hook(api, app, receiver.url, authorization="Bearer x")
        await release(api, app)
        await deliver(postman)
    (body,), (head,) = receiver.bodies, receiver.heads
    told = json.loads(body)
    mac = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    assert f"Heroku-Webhook-Hmac-SHA256: {mac}" in head
    assert "Authorization: Bearer x" in head
    assert head.startswith("POST /hook?key=1 ")
    assert (told["resource"], told["action"]) == ("release", "create")
    assert told["actor"] == {"id": str(api.account.id), "email": api.account.email}
    assert told["data"]["description"] == "Set KEY config vars"
    assert told["data"]["app"]["name"] == app
    assert told["webhook_metadata"]["event"]["include"] == "api:release"
    assert told["webhook_metadata"]["webhook"]["id"] == made["id"]
    (delivered,) = await deliveries(api, app)
    assert delivered["status"] == "succeeded"
    assert (delivered["num_attempts"], delivered["last_attempt"]["code"]) == (1, 204)
    event = (await api("GET", f"/apps/{app}/webhook-events/{told['id']}")).json
    assert event["payload"]["data"] == told["data"]
    one = (await api("GET", f"/apps/{app}/webhook-deliveries/{delivered['id']}")).json
    assert one == delivered


async def test_notify_is_tried_once(api: Api) -> None:
    app, receiver = await api.app(), Receiver(answer=500)
    clock = Ahead()
    async with listening(receiver), carrying(api, clock) as postman:
        await hook(api, app, receiver.url)
        await release(api, app)
        await deliver(postman)
        clock.ahead = timedelta(days=1)
        await deliver(postman)
    assert len(receiver.bodies) == 1
    (failed,) = await deliveries(api, app, "?eq[status]=failed")
    assert (failed["last_attempt"]["code"], failed["next_attempt_at"]) == (500, None)
    assert await deliveries(api, app, "?eq[status]=succeeded") == []


async def test_sync_is_tried_until_the_receiver_is_back(api: Api) -> None:
    app, receiver, clock = await api.app(), Receiver(answer=503), Ahead()
    async with listening(receiver), carrying(api, clock) as postman:
        await hook(api, app, receiver.url, level="sync")
        await release(api, app)
        waits = []
        for _ in range(4):
            await deliver(postman)
            (one,) = await deliveries(api, app)
            assert one["status"] == "retrying"
            due = datetime.fromisoformat(one["next_attempt_at"])
            waits.append(round((due - clock.now()).total_seconds()))
            # It is not tried before its time.
            await deliver(postman)
            assert len(receiver.bodies) == len(waits)
            clock.ahead += timedelta(seconds=waits[-1] + 1)
        assert [round(wait, -1) for wait in waits] == [10, 20, 40, 80]
        receiver.answer = 200
        await deliver(postman)
    (one,) = await deliveries(api, app)
    assert (one["status"], one["num_attempts"]) == ("succeeded", 5)
    assert len({told["id"] for told in receiver.told}) == 1


async def test_sync_gives_up_after_three_days(api: Api) -> None:
    app, clock = await api.app(), Ahead()
    async with carrying(api, clock) as postman:
        await hook(api, app, "http://127.0.0.1:9/", level="sync")
        await release(api, app)
        await deliver(postman)
        clock.ahead = timedelta(hours=73)
        await deliver(postman)
    (one,) = await deliveries(api, app)
    assert (one["status"], one["last_attempt"]["error_class"]) == ("failed", "connection_refused")


async def test_one_that_hangs_holds_up_nobody(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_postman, "ANSWER_SECONDS", 0.5)
    app, hangs, well = await api.app(), Receiver(answer=None), Receiver()
    async with listening(hangs, well), carrying(api) as postman:
        await hook(api, app, hangs.url, level="sync")
        await hook(api, app, well.url)
        await release(api, app)
        await postman.round()
        while not well.bodies:
            await asyncio.sleep(0)
        await postman.idle()
    by_level = {one["webhook"]["level"]: one for one in await deliveries(api, app)}
    assert by_level["notify"]["status"] == "succeeded"
    assert by_level["sync"]["status"] == "retrying"
    assert by_level["sync"]["last_attempt"]["error_class"] == "timeout"


async def noted(api: Api, app: str) -> int:
    info = (await api("GET", f"/apps/{app}")).json
    query = sa.select(sa.func.count()).where(webhook_changes.c.app_id == UUID(info["id"]))
    async with api.platform.store.begin() as conn:
        return int(await conn.scalar(query) or 0)


async def taken_back(api: Api, app_id: UUID) -> None:
    """Change the app in a transaction that does not come to its end."""
    async with api.platform.store.begin() as conn:
        await conn.execute(apps.update().where(apps.c.id == app_id).values(maintenance=True))
        raise RuntimeError


async def test_a_change_is_noted_with_it_or_not_at_all(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, receiver = await api.app(), Receiver()
    await release(api, app, "before the webhook")
    async with listening(receiver), carrying(api) as postman:
        await hook(api, app, receiver.url, "api:app")
        info = (await api("GET", f"/apps/{app}")).json
        with pytest.raises(RuntimeError):
            await taken_back(api, UUID(info["id"]))
        assert await noted(api, app) == 0
        await api("PATCH", f"/apps/{app}", {"maintenance": True})
        assert await noted(api, app) == 1

        async def killed(*_: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr("hatoba.store.webhook_deliveries.insert_event", killed)
            with pytest.raises(RuntimeError):
                await postman.round()
        # Whoever comes next finds it as it was.
        assert await noted(api, app) == 1
        await deliver(postman)
        assert await noted(api, app) == 0
    (told,) = receiver.told
    assert (told["action"], told["data"]["maintenance"]) == ("update", True)
    # When it was last changed differs too, if the clock has moved on by a second.
    assert told["previous_data"] | {"updated_at": ""} == {"maintenance": False, "updated_at": ""}


async def test_every_kind_is_told_and_none_gives_a_secret_away(api: Api) -> None:
    receiver = Receiver()
    names = await deployed(api)
    app, friend = names["app"], await api.stranger()
    chain, key = Issuer("Harbour Authority", datetime.now(UTC)).leaf("hooks.example")
    async with listening(receiver), carrying(api) as postman:
        await hook(api, app, receiver.url, *KINDS)
        for method, path, body in (
            ("PATCH", "config-vars", {"KEY": SECRET}),
            ("PATCH", "formation", {"updates": [{"type": "web", "quantity": 3}]}),
            ("POST", "domains", {"hostname": f"{app}.hooks.example", "sni_endpoint": None}),
            ("POST", "sni-endpoints", {"certificate_chain": chain, "private_key": key}),
            ("POST", "collaborators", {"user": friend.account.email}),
            ("POST", "addons", {"plan": "heroku-postgresql:essential-0"}),
            ("POST", "dynos", {"command": "echo"}),
            ("DELETE", f"builds/{names['build']}", None),
            ("PATCH", "", {"maintenance": True}),
            ("DELETE", "", None),
        ):
            got = await api(method, f"/apps/{app}/{path}".rstrip("/"), body)
            assert got.status < 300, got
        await deliver(postman)
        told = receiver.told
    assert {one["webhook_metadata"]["event"]["include"] for one in told} == set(KINDS)
    assert {(one["resource"], one["action"]) for one in told} >= {
        ("app", "update"),
        ("app", "destroy"),
        ("build", "update"),
        ("domain", "create"),
        ("dyno", "create"),
        ("formation", "update"),
    }
    # One that can't be shown would be told by its id only.
    assert all(len(one["data"]) > 3 for one in told)
    everything = json.dumps(told)
    assert not [
        word for word in (SECRET, "PRIVATE KEY", "sealed", "/streams/") if word in everything
    ]


async def test_a_webhook_is_shown_changed_and_removed(api: Api) -> None:
    app = await api.app()
    made, secret = await hook(api, app, "https://hooks.example/a", secret="mine")
    assert secret == "mine"
    path = f"/apps/{app}/webhooks/{made['id']}"
    assert (await api("GET", path)).json == made
    changed = await api("PATCH", path, {"include": ["dyno", "dyno"], "level": "sync"})
    assert (changed.json["include"], changed.json["level"]) == (["dyno"], "sync")
    assert changed.json["url"] == "https://hooks.example/a"
    assert (await api("DELETE", path)).json["id"] == made["id"]
    assert (await api("DELETE", path)).status == 404
    assert (await api("GET", f"/apps/{app}/webhooks")).json == []


@pytest.mark.parametrize(
    "change",
    [
        {"url": "ftp://hooks.example/"},
        {"url": "https://user:password@hooks.example/"},
        {"url": "https://"},
        {"include": []},
        {"include": ["api:moon"]},
        {"level": "loud"},
        {"secret": "x" * 2000},
        {"authorization": "Bearer a\r\nX: y"},
    ],
)
async def test_what_can_not_be(api: Api, change: dict[str, Any]) -> None:
    app = await api.app()
    body = {"url": "https://hooks.example/", "include": ["api:app"], "level": "notify", **change}
    got = await api("POST", f"/apps/{app}/webhooks", body)
    assert (got.status, got.json["id"]) == (422, "invalid_params")
    assert (await api("GET", f"/apps/{app}/webhooks")).json == []


async def test_strangers_and_unknown_ones(api: Api) -> None:
    app = await api.app()
    for path in ("webhooks", "webhook-deliveries", "webhook-events"):
        assert (await (await api.stranger())("GET", f"/apps/{app}/{path}")).status == 403
        assert (await api("GET", f"/apps/{app}/{path}/x")).status == 404


async def test_what_is_kept_is_bounded(api: Api) -> None:
    app, receiver = await api.app(), Receiver()
    async with listening(receiver), carrying(api) as postman:
        await hook(api, app, receiver.url)
        await release(api, app)
        await deliver(postman)
        info = (await api("GET", f"/apps/{app}")).json
        async with api.platform.store.begin() as conn:
            many = [
                {"app_id": UUID(info["id"]), "include": "api:app", "payload": {}}
                for _ in range(KEPT_DELIVERIES + 5)
            ]
            await conn.execute(webhook_events.insert(), many)
        await housekeeping.tidy(api.platform)
        query = sa.select(sa.func.count()).where(webhook_events.c.app_id == UUID(info["id"]))
        async with api.platform.store.begin() as conn:
            assert await conn.scalar(query) == KEPT_DELIVERIES

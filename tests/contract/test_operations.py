"""Operations against the real API: what they change, check and undo."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from hatoba.client import api as client
from hatoba.client import collaborators, drains, pipelines, telemetry
from hatoba.client.dynos import Which
from hatoba.client.errors import ClientError
from hatoba.client.origin import parse
from hatoba.client.target import Target
from hatoba.client.transport import Transport
from hatoba.errors import UsageError
from hatoba.operations.access import GiveAccess, TakeAccess
from hatoba.operations.apps import Create, Rename
from hatoba.operations.base import Operation
from hatoba.operations.certificates import PutCertificate
from hatoba.operations.config import SetConfig
from hatoba.operations.consent import Consent
from hatoba.operations.domains import AddDomain
from hatoba.operations.drains import AddDrain, RemoveDrain
from hatoba.operations.dynos import Restart
from hatoba.operations.errors import NotConfirmed
from hatoba.operations.formation import Scale, Wish
from hatoba.operations.perform import Outcome, perform
from hatoba.operations.review_apps import Configure
from hatoba.operations.telemetry import ChangeTelemetry
from hatoba.operations.webhooks import AddWebhook, Wanted
from hatoba.store import pipeline_shared
from tests.contract.api_platform import Api, deployed
from tests.contract.test_drains import Receiver, listening
from tests.unit.operations.conftest import Somebody


@pytest.fixture
def mine(api: Api) -> Iterator[client.Api]:
    origin = parse(api.url)[0]
    transport = Transport(origin)
    yield client.Api(Target(origin, api.token, None), transport)
    transport.close()


async def carried(operation: Operation, given: Consent | None = None) -> Outcome:
    return await asyncio.to_thread(perform, operation, Somebody(), given or Consent())


async def test_access_is_given_and_taken_away(api: Api, mine: client.Api) -> None:
    name, friend = await api.app(), await api.stranger()
    email = friend.account.email
    given = await carried(GiveAccess(mine, name, email.upper()))
    assert (given.verified, given.undo) == (True, f"heroku access:remove {email} -a {name}")
    assert (await friend("GET", f"/apps/{name}")).status == 200
    assert not (await carried(GiveAccess(mine, name, email))).changed
    with pytest.raises(NotConfirmed):
        await carried(TakeAccess(mine, name, email))
    assert (await friend("GET", f"/apps/{name}")).status == 200
    assert (await carried(TakeAccess(mine, name, email), Consent(yes=True))).verified
    assert (await friend("GET", f"/apps/{name}")).status == 403
    found = await asyncio.to_thread(collaborators.listed, mine, name)
    assert [one.user["email"] for one in found] == [api.account.email]
    with pytest.raises(UsageError):
        await carried(TakeAccess(mine, name, email))


async def test_what_would_be_refused_is_refused_before_any_review(
    api: Api, mine: client.Api
) -> None:
    name, other, run = await api.app(), await api.app(), (await deployed(api))["app"]
    taken = f"{other}.example"
    body = {"hostname": taken, "sni_endpoint": None}
    assert (await api("POST", f"/apps/{other}/domains", body)).status == 201
    refused: list[tuple[Operation, str]] = [
        (AddDomain(mine, name, "no_good"), "no_good is not a valid domain name"),
        (AddDomain(mine, name, taken), f"{taken} is currently in use by another app"),
        (AddDomain(mine, name, "fine.example", endpoint="none"), "find that SNI endpoint"),
        (AddDrain(mine, name, "ftp://log.example"), "Url is invalid"),
        (ChangeTelemetry(mine, name, "add", None, {"signals": ["no"]}), "signals is invalid"),
        (Restart(mine, run, Which(type="nope")), f"{run} has no process type nope"),
        (SetConfig(mine, name, {"1BAD": "x"}), "1BAD"),
        (SetConfig(mine, name, {"BIG": "x" * 70_000}), "64 KB"),
        (Rename(mine, name, "UPPER"), "Name must start with a letter"),
        (Rename(mine, name, other), f"Name {other} is already taken"),
        (PutCertificate(mine, name, ("chain", "key")), "not valid PEM"),
        (Create(mine, None, team="nobodys-crew"), "You are in no team nobodys-crew"),
        (Scale(mine, run, [Wish("web", size="giant")]), "No such dyno size as giant"),
        (Scale(mine, run, [Wish("web", quantity=5000)]), "the quantity must be between"),
        (AddWebhook(mine, name, Wanted("hook", ("api:release",), "notify")), "Url is invalid"),
        (AddWebhook(mine, name, Wanted("https://a.example", (), "notify")), "Include is invalid"),
    ]
    for operation, why in refused:
        with pytest.raises(ClientError) as caught:
            await asyncio.to_thread(operation.review)
        assert why in caught.value.message
    review = await asyncio.to_thread(AddDomain(mine, name, f"WWW.{name}.example.").review)
    assert review.request["hostname"] == f"www.{name}.example"


async def test_a_drain_counts_as_added_when_it_takes_a_line(api: Api, mine: client.Api) -> None:
    name, receiver = await api.app(), Receiver()
    async with listening(receiver.http) as port:
        url = f"http://me:sesame@127.0.0.1:{port}/in?key=sesame"
        added = await carried(AddDrain(mine, name, url))
        assert added.verified
        assert "sesame" not in str(added.shown)
        assert any("was added" in text for text in receiver.texts)
        assert not (await carried(AddDrain(mine, name, url))).changed
    token = (await asyncio.to_thread(drains.listed, mine, name))[0].token
    assert (await carried(RemoveDrain(mine, name, token), Consent(yes=True))).verified
    assert await asyncio.to_thread(drains.listed, mine, name) == []


async def test_a_drain_that_nobody_answers_is_added_but_not_verified(
    api: Api, mine: client.Api
) -> None:
    name = await api.app()
    async with listening(Receiver().http) as port:
        pass
    added = await carried(AddDrain(mine, name, f"http://127.0.0.1:{port}/"))
    assert (added.exit_code, added.checks[0].seen) == (4, "it can't be reached")


async def test_a_telemetry_drain_is_added_changed_and_taken_away(
    api: Api, mine: client.Api
) -> None:
    name = await api.app()
    body = {
        "signals": ["logs", "traces"],
        "exporter": {
            "endpoint": "https://me:sesame@otel.example/v1",
            "type": "otlphttp",
            "headers": {"x-key": "sesame"},
        },
    }
    added = await carried(ChangeTelemetry(mine, name, "add", None, body))
    assert (added.verified, added.before) == (True, {})
    assert added.after["signals"] == ["logs", "traces"]
    (drain,) = await asyncio.to_thread(telemetry.listed, mine, name)
    assert added.undo == f"heroku telemetry:remove {drain.id} -a {name}"
    fewer: dict[str, Any] = {"signals": ["logs"]}
    with pytest.raises(NotConfirmed):
        await carried(ChangeTelemetry(mine, name, "update", drain.id, fewer))
    changed = await carried(
        ChangeTelemetry(mine, name, "update", drain.id, fewer), Consent(yes=True)
    )
    assert (changed.verified, changed.undo) == (True, None)
    assert (changed.before["signals"], changed.after["signals"]) == (["logs", "traces"], ["logs"])
    (now,) = await asyncio.to_thread(telemetry.listed, mine, name)
    assert (list(now.signals), now.exporter.headers) == (["logs"], {"x-key": "sesame"})
    removed = await carried(ChangeTelemetry(mine, name, "remove", drain.id, {}), Consent(yes=True))
    assert (removed.verified, removed.after) == (True, {})
    assert await asyncio.to_thread(telemetry.listed, mine, name) == []
    with pytest.raises(UsageError):
        await carried(ChangeTelemetry(mine, name, "remove", drain.id, {}), Consent(yes=True))
    for outcome in (added, changed, removed):
        assert "sesame" not in str(outcome.shown)


async def test_review_apps_by_themselves_need_pushes_that_are_seen(
    api: Api, mine: client.Api
) -> None:
    owner = {"id": str(api.account.id), "type": "user"}
    made = await api("POST", "/pipelines", {"name": f"p-{uuid4().hex[:8]}", "owner": owner})
    pipeline = await asyncio.to_thread(pipelines.find, mine, made.json["id"])
    p, pipeline_id = api.platform, UUID(pipeline.id)

    def configured(changes: dict[str, Any] | None) -> str:
        seen = Somebody()
        perform(Configure(mine, pipeline, changes, enables=changes is not None), seen, Consent())
        return seen.text

    wanted = {"automatic_review_apps": True}
    assert "not seen here" not in await asyncio.to_thread(configured, wanted)
    await asyncio.to_thread(configured, None)
    sealed = p.vault.seal(b"https://git.example/org/menu.git", f"repository:{pipeline_id}")
    async with p.store.begin() as conn:
        await pipeline_shared.connect(conn, pipeline_id, sealed)
    said = await asyncio.to_thread(configured, wanted)
    assert "but pushes to org/menu are not seen here: heroku reviewapps:create -p" in said

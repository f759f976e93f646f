"""Add-ons of providers elsewhere, by Heroku's Add-on Partner API, with one that misbehaves."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hatoba.auth import accounts, authorizations
from hatoba.control import addons_work, providers_resources
from hatoba.control import apps as app_control
from hatoba.store import addons as rows
from hatoba.store import webhooks as webhook_rows
from hatoba.store.tables import addon_providers, addon_resources, addons, apps

from .api_platform import Api, Got
from .provider import PASSWORD, SALT, Provider, hangs, running, says

ACME = {"plan": "acme"}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a provider that stumbles again at once."""
    monkeypatch.setattr(providers_resources, "_FIRST_PAUSE", 0.0)


@pytest.fixture
async def admin(api: Api) -> Api:
    """A client of the account that the platform was set up with."""
    store = api.platform.store
    first = await accounts.first(store)
    assert first is not None
    _, token = await authorizations.issue(store, first, description="Tests")
    return replace(api, account=first, token=token)


@pytest.fixture
async def acme(admin: Api) -> AsyncIterator[Provider]:
    """A provider that is registered."""
    async with running() as provider:
        put = await admin("PUT", "/hatoba/addon-providers/acme", provider.manifest)
        assert put.status == 200, put
        yield provider
        async with admin.platform.store.begin() as conn:
            await conn.execute(addon_resources.delete())
            await conn.execute(addons.delete().where(addons.c.service == "acme"))
            await conn.execute(addon_providers.delete())


async def config(api: Api, app: str) -> dict[str, str]:
    got: dict[str, str] = (await api("GET", f"/apps/{app}/config-vars")).json
    return got


async def created(api: Api, app: str, **more: object) -> dict[str, Any]:
    made = await api("POST", f"/apps/{app}/addons", {**ACME, **more})
    assert made.status == 201, made
    got: dict[str, Any] = made.json
    return got


async def work(api: Api, made: dict[str, Any], *, later: bool = True) -> None:
    """Let the add-on's job run again, as when its time has come."""
    if later:
        async with api.platform.store.begin() as conn:
            await rows.update(conn, UUID(made["id"]), due=None)
    await addons_work.carry_out(api.platform, UUID(made["id"]))


async def state(api: Api, made: dict[str, Any]) -> str | None:
    got = await api("GET", f"/addons/{made['id']}")
    return str(got.json["state"]) if got.status == 200 else None


async def token(api: Api, provider: Provider, **more: str) -> Got:
    grant = provider.calls("POST")[-1]["oauth_grant"]
    form = {"grant_type": "authorization_code", "code": grant["code"], "client_secret": PASSWORD}
    return await api("POST", "/oauth/token", {**form, **more})


async def as_provider(api: Api, provider: Provider) -> Api:
    got = await token(api, provider)
    assert got.status == 200, got
    return replace(api, token=got.json["access_token"])


async def test_one_that_behaves(api: Api, acme: Provider) -> None:
    app = await api.app()
    services = (await api("GET", "/addon-services")).json
    assert "acme" in [one["name"] for one in services]
    (test, premium) = (await api("GET", "/addon-services/acme/plans")).json
    assert (test["name"], test["default"], premium["price"]["cents"]) == ("acme:test", True, 2000)
    made = await created(api, app, config={"size": "big"})
    assert (made["state"], made["provision_message"]) == ("provisioned", "Welcome to Acme")
    assert sorted(made["config_vars"]) == ["ACME_TOKEN", "ACME_URL"]
    (asked,) = acme.calls("POST")
    assert (asked["uuid"], asked["name"], asked["plan"]) == (made["id"], made["name"], "test")
    assert (asked["region"], asked["options"]) == (
        "amazon-web-services::us-east-1",
        {"size": "big"},
    )
    assert asked["callback_url"].endswith(f"/addons/{made['id']}")
    assert asked["log_drain_token"].startswith("d.")
    values = await config(api, app)
    assert values["ACME_URL"] == f"https://acme.example/{made['id']}"
    changed = await api("PATCH", f"/apps/{app}/addons/{made['name']}", {"plan": "acme:premium"})
    assert changed.json["plan"]["name"] == "acme:premium"
    assert changed.json["billed_price"]["cents"] == 2000
    assert (await config(api, app))["ACME_TOKEN"] == "premium"
    second = await created(api, app)
    assert all(name.startswith("ACME_") for name in second["config_vars"])
    for one in (made, second):
        gone = await api("DELETE", f"/apps/{app}/addons/{one['name']}")
        assert gone.json["state"] == "deprovisioned"
    assert (await config(api, app), acme.holds) == ({}, {})


async def test_an_attachment_by_another_name_has_all_the_config_vars(
    api: Api, acme: Provider
) -> None:
    one, two = await api.app(), await api.app()
    made = await created(api, one)
    wanted = {"addon": made["name"], "app": two, "name": "SEARCH"}
    attached = await api("POST", "/addon-attachments", wanted)
    assert sorted(attached.json["config_vars"]) == ["SEARCH_TOKEN", "SEARCH_URL"]
    found = await api("GET", f"/addon-attachments/{attached.json['id']}")
    assert found.json["name"] == "SEARCH"
    assert await config(api, two) == {
        name.replace("ACME", "SEARCH"): value for name, value in (await config(api, one)).items()
    }
    refused = await api("PATCH", f"/apps/{two}/config-vars", {"SEARCH_TOKEN": None})
    assert (refused.status, "addons:detach SEARCH " in refused.json["message"]) == (422, True)
    assert (await api("DELETE", f"/addon-attachments/{attached.json['id']}")).status == 200
    assert await config(api, two) == {}


async def test_what_it_refuses_is_told_in_its_own_words(api: Api, acme: Provider) -> None:
    app = await api.app()
    acme.next = [says(422, {"message": "Acme is sold out."})]
    got = await api("POST", f"/apps/{app}/addons", ACME)
    assert (got.status, got.json["message"]) == (422, "Acme is sold out.")
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert await config(api, app) == {}
    # It made nothing, so there is nothing to let go of.
    assert acme.calls("DELETE") == []
    made = await created(api, app)
    acme.next = [says(422, {"message": "Downgrade first."})]
    got = await api("PATCH", f"/apps/{app}/addons/{made['name']}", {"plan": "acme:premium"})
    assert (got.status, got.json["message"]) == (422, "Downgrade first.")
    assert (await api("GET", f"/addons/{made['id']}")).json["plan"]["name"] == "acme:test"


async def test_one_that_can_not_be_made_leaves_the_values_that_it_was_to_replace(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    await created(api, app)
    before = await config(api, app)
    acme.next = [says(422, {"message": "Acme is sold out."})]
    wanted = {**ACME, "attachment": {"name": "ACME"}, "confirm": app}
    assert (await api("POST", f"/apps/{app}/addons", wanted)).status == 422
    assert before.keys() == {"ACME_URL", "ACME_TOKEN"}
    assert await config(api, app) == before


async def test_one_that_stumbles_is_asked_again(api: Api, acme: Provider) -> None:
    app = await api.app()
    acme.next = [says(503), says(500)]
    made = await created(api, app)
    assert [body["uuid"] for body in acme.calls("POST")] == [made["id"]] * 3
    assert list(acme.holds) == [made["id"]]


async def test_what_it_may_have_made_before_it_failed_is_taken_back(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    acme.next = [says(500, holds=acme)] * 3
    got = await api("POST", f"/apps/{app}/addons", ACME)
    assert (got.status, got.json["id"]) == (422, "provider_failed")
    assert "answered 500" in got.json["message"]
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert acme.holds == {}


async def test_what_is_no_answer_and_what_it_says_of_its_failure(api: Api, acme: Provider) -> None:
    app = await api.app()
    acme.next = [says(200, ["not", "an object"], holds=acme)]
    got = await api("POST", f"/apps/{app}/addons", ACME)
    assert got.json["message"] == "The provider of acme did not answer with a JSON object."
    acme.next = [says(503, {"message": "down for the night"})] * 3
    got = await api("POST", f"/apps/{app}/addons", ACME)
    assert got.json["message"] == "The provider of acme answered 503: down for the night."
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert acme.holds == {}


async def test_one_that_hangs_is_given_up_and_told_to_let_go_until_it_does(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    acme.next = [hangs(acme)] * 3 + [says(500)] * 3
    got = await api("POST", f"/apps/{app}/addons", ACME)
    assert "did not answer within 1 s" in got.json["message"]
    (left,) = (await api("GET", f"/apps/{app}/addons")).json
    assert (left["state"], left["config_vars"]) == ("deprovisioning", [])
    assert "answered 500" in left["provision_message"]
    assert len(acme.holds) == 1
    assert any(left["name"] in alarm for alarm in await addons_work.alarms(api.platform))
    await work(api, left)
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert acme.holds == {}
    assert not any(left["name"] in alarm for alarm in await addons_work.alarms(api.platform))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"config": {"ACME_URL": "u", "PATH": "/evil"}}, "PATH"),
        ({"config": {"ACME_URL": 7}}, "not text"),
        ({"config": ["ACME_URL"]}, "not text"),
        ({"log_drain_url": "file:///etc/passwd"}, "no address"),
    ],
)
async def test_what_it_may_not_give_is_refused_and_taken_back(
    api: Api, acme: Provider, answer: dict[str, object], why: str
) -> None:
    app = await api.app()
    acme.next = [says(201, answer, holds=acme)]
    got = await api("POST", f"/apps/{app}/addons", ACME)
    assert (got.status, got.json["id"]) == (422, "provider_failed")
    assert why in got.json["message"]
    assert (await config(api, app), acme.holds) == ({}, {})


async def test_one_that_takes_its_time(api: Api, acme: Provider) -> None:
    app = await api.app()
    acme.next = [says(202, {"message": "Coming."}, holds=acme)]
    made = await created(api, app)
    assert (made["state"], made["provision_message"]) == ("provisioning", "Coming.")
    assert await config(api, app) == {}
    assert await addons_work.alarms(api.platform) == []
    await work(api, made)
    assert (len(acme.calls("POST")), await state(api, made)) == (1, "provisioning")
    partner = await as_provider(api, acme)
    path = f"/addons/{made['id']}"
    body = {"config": [{"name": "ACME_URL", "value": "https://late"}]}
    assert (await partner("PATCH", f"{path}/config", body)).json == body["config"]
    # The app is not restarted before all of it is there.
    assert await config(api, app) == {}
    for _ in range(2):
        done = await partner("POST", f"{path}/actions/provision")
        assert (done.status, done.json["state"]) == (200, "provisioned")
    assert await config(api, app) == {"ACME_URL": "https://late"}
    releases = [r["description"] for r in (await api("GET", f"/apps/{app}/releases")).json]
    assert len([r for r in releases if r.startswith("Attach ACME")]) == 1
    unset = {"config": [{"name": "ACME_URL", "value": None}, {"name": "ACME_TOKEN", "value": "t"}]}
    assert (await partner("PATCH", f"{path}/config", unset)).status == 200
    assert await config(api, app) == {"ACME_TOKEN": "t"}
    acme.next = [says(202)]
    gone = await api("DELETE", f"/apps/{app}/addons/{made['name']}")
    assert gone.json["state"] == "deprovisioning"
    assert await config(api, app) == {}
    done = await partner("POST", f"{path}/actions/deprovision")
    assert (done.status, done.json["state"]) == (200, "deprovisioned")
    assert (await partner("POST", f"{path}/actions/deprovision")).status == 200
    assert await state(api, made) is None


async def test_one_that_says_later_that_it_can_not(api: Api, acme: Provider) -> None:
    app = await api.app()
    acme.next = [says(202)]
    made = await created(api, app)
    partner = await as_provider(api, acme)
    done = await partner("POST", f"/addons/{made['id']}/actions/deprovision")
    assert (done.status, done.json["state"]) == (200, "deprovisioned")
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert (await partner("POST", f"/addons/{made['id']}/actions/provision")).status == 409
    assert await config(api, app) == {}


async def test_one_that_never_says_that_it_has_is_given_up_after_12_hours(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    acme.next = [says(202, holds=acme)]
    made = await created(api, app)
    long_ago = api.platform.clock.now() - timedelta(hours=13)
    async with api.platform.store.begin() as conn:
        query = addons.update().where(addons.c.id == UUID(made["id"]))
        await conn.execute(query.values(created_at=long_ago))
    await work(api, made)
    assert (await state(api, made), acme.holds) == (None, {})


async def test_it_may_change_nothing_but_its_own(api: Api, acme: Provider) -> None:
    app = await api.app()
    made, other = await created(api, app), await created(api, app)
    partner = await as_provider(api, acme)
    path = f"/addons/{other['id']}"
    assert (await partner("GET", f"{path}/config")).status == 200
    assert (await partner("GET", path)).json["plan"]["name"] == "acme:test"
    body = {"config": [{"name": "DATABASE_URL", "value": "mine"}]}
    assert (await partner("PATCH", f"{path}/config", body)).status == 422
    for where in (f"/addons/{made['id']}/config", f"/apps/{app}", f"/apps/{app}/config-vars"):
        assert (await partner("GET", where)).status == 401, where
    for method, where in (("PATCH", "config"), ("POST", "actions/deprovision")):
        assert (await api(method, f"{path}/{where}", {"config": []})).status == 401
    refused = await partner("POST", f"{path}/actions/deprovision")
    assert (refused.status, await state(api, other)) == (409, "provisioned")


async def test_its_webhooks_and_its_log_drain(api: Api, acme: Provider) -> None:
    app = await api.app()
    drain = {"log_drain_url": "https://acme.example/logs", "config": {"ACME_URL": "u"}}
    acme.next = [says(201, drain, holds=acme)]
    made = await created(api, app)
    partner = await as_provider(api, acme)
    (mine,) = (await api("GET", f"/apps/{app}/log-drains")).json
    assert (mine["addon"]["name"], mine["url"]) == (made["name"], drain["log_drain_url"])
    assert mine["token"] == acme.calls("POST")[0]["log_drain_token"]
    path = f"/addons/{made['id']}"
    (seen,) = (await partner("GET", f"{path}/log-drains")).json
    moved = await partner("PUT", f"{path}/log-drains/{seen['id']}", {"url": "https://a.example/l"})
    assert (moved.status, moved.json["url"]) == (200, "https://a.example/l")
    bad = await partner("PUT", f"{path}/log-drains/{seen['id']}", {"url": "file:///etc"})
    assert bad.status == 422
    wanted = {"url": "https://acme.example/hook", "include": ["api:release"], "level": "notify"}
    hook = await partner("POST", f"{path}/webhooks", wanted)
    assert (hook.status, hook.json["addon"]["id"]) == (201, made["id"])
    one = f"{path}/webhooks/{hook.json['id']}"
    changed = await partner("PATCH", one, {"level": "sync"})
    assert changed.json["level"] == (await partner("GET", one)).json["level"] == "sync"
    assert [h["id"] for h in (await partner("GET", f"{path}/webhooks")).json] == [hook.json["id"]]
    for kind in ("deliveries", "events"):
        assert (await partner("GET", f"{path}/webhook-{kind}")).json == []
    assert (await api("GET", f"/apps/{app}/webhooks")).json == []
    assert (await api("POST", f"{path}/webhooks", wanted)).status == 401
    assert (await partner("DELETE", one)).status == 200
    assert (await partner("POST", f"{path}/webhooks", wanted)).status == 201
    assert (await api("DELETE", f"/apps/{app}/addons/{made['name']}")).status == 200
    assert (await api("GET", f"/apps/{app}/log-drains")).json == []
    async with api.platform.store.begin() as conn:
        assert await webhook_rows.of_app(conn, UUID(made["app"]["id"])) == []


async def test_grants_and_tokens(api: Api, acme: Provider) -> None:
    app = await api.app()
    made = await created(api, app)
    for wrong in ({"client_secret": "guess"}, {"code": f"{made['id']}.00"}, {"code": "x"}):
        assert (await token(api, acme, **wrong)).status in (400, 401), wrong
    assert (await token(api, acme, grant_type="password")).status == 400
    got = (await token(api, acme)).json
    assert (got["token_type"], got["expires_in"]) == ("Bearer", 8 * 3600)
    form = f"grant_type=refresh_token&client_secret={PASSWORD}&refresh_token={got['refresh_token']}"
    again = await api(
        "POST",
        "/oauth/token",
        raw=form.encode(),
        Content_Type="application/x-www-form-urlencoded",
    )
    path = f"/addons/{made['id']}/config"
    old, new = (replace(api, token=one["access_token"]) for one in (got, again.json))
    assert ((await old("GET", path)).status, (await new("GET", path)).status) == (401, 200)
    async with api.platform.store.begin() as conn:
        over = api.platform.clock.now() - timedelta(minutes=6)
        await conn.execute(addon_resources.update().values(granted_at=over, access_until=over))
    assert (await token(api, acme)).status == 400
    assert (await new("GET", path)).status == 401


async def test_a_plan_change_that_is_not_answered_is_asked_for_again(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    made = await created(api, app)
    acme.next = [says(500)] * 3
    path = f"/apps/{app}/addons/{made['name']}"
    got = await api("PATCH", path, {"plan": "acme:premium"})
    assert (got.status, got.json["plan"]["name"]) == (200, "acme:test")
    assert "answered 500" in got.json["provision_message"]
    assert (await api("PATCH", path, {"plan": "acme:premium"})).status == 409
    await work(api, made)
    assert (await api("GET", path)).json["plan"]["name"] == "acme:premium"
    assert acme.holds == {made["id"]: "premium"}


async def test_a_destruction_that_it_does_not_hear_goes_on_until_it_does(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    made = await created(api, app)
    acme.next = [says(500)] * 3
    gone = await api("DELETE", f"/apps/{app}/addons/{made['name']}")
    assert (gone.status, gone.json["state"]) == (200, "deprovisioning")
    assert await config(api, app) == {}
    assert (await api("GET", f"/apps/{app}/addon-attachments")).json == []
    for _ in range(2):
        acme.next = [says(401, {"message": "Who are you?"})]
        await work(api, made)
        (alarm,) = [a for a in await addons_work.alarms(api.platform) if made["name"] in a]
        assert "Who are you?" in alarm
    await work(api, made)
    assert (await state(api, made), acme.holds) == (None, {})


async def test_the_provider_of_an_app_that_leaves_the_trash_lets_go_first(
    api: Api, acme: Provider
) -> None:
    app = await api.app()
    made = await created(api, app)
    app_id = UUID((await api("GET", f"/apps/{app}")).json["id"])
    await api("DELETE", f"/apps/{app}")
    p = api.platform
    async with p.store.begin() as conn:
        long_ago = p.clock.now() - timedelta(days=8)
        await conn.execute(apps.update().where(apps.c.id == app_id).values(destroyed_at=long_ago))
    acme.next = [says(500)] * 3
    assert app_id not in await app_control.empty_trash(p)
    await work(api, made)
    assert app_id not in await app_control.empty_trash(p)
    await work(api, made)
    assert acme.holds == {}
    assert app_id in await app_control.empty_trash(p)


async def test_a_browser_gets_into_its_page(api: Api, acme: Provider) -> None:
    app = await api.app()
    made = await created(api, app)
    got = (await api("GET", f"/apps/{app}/addons/{made['name']}/sso")).json
    params = got["params"]
    assert (got["method"], got["action"]) == ("post", acme.manifest["api"]["production"]["sso_url"])
    pair = f"{made['id']}:{SALT}:{params['timestamp']}"
    expected = hashlib.new("sha1", pair.encode(), usedforsecurity=False).hexdigest()
    assert params["resource_token"] == expected
    who = f"{pair}:{api.account.id}:{api.account.email}"
    assert params["user_scoped_resource_token"] == hashlib.sha256(who.encode()).hexdigest()
    resolve = {"addon_attachment": "ACME", "app": app}
    (attached,) = (await api("POST", "/actions/addon-attachments/resolve", resolve)).json
    page = await api("GET", attached["web_url"], Authorization="")
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    assert b'name="resource_token"' in page.body
    bare = (await api("GET", f"/addons/{made['id']}")).json["web_url"]
    closed = await api("GET", bare, Authorization="")
    assert (closed.status, b"addons:open" in closed.body) == (403, True)
    forged = attached["web_url"].replace(
        str(api.account.id), str((await api.stranger()).account.id)
    )
    assert (await api("GET", forged, Authorization="")).status == 403
    assert SALT.encode() not in page.body


async def test_only_the_administrator_registers_providers(
    api: Api, admin: Api, acme: Provider
) -> None:
    path = "/hatoba/addon-providers"
    for method, where in (("GET", path), ("GET", f"{path}/acme"), ("DELETE", f"{path}/acme")):
        assert (await api(method, where)).status == 403
    assert (await api("PUT", f"{path}/acme", acme.manifest)).status == 403
    (found,) = (await admin("GET", path)).json
    assert (found["id"], found["addons"]) == ("acme", 0)
    assert PASSWORD not in str(found)
    assert SALT not in str(found)
    app = await api.app()
    made = await created(api, app)
    refused = await admin("DELETE", f"{path}/acme")
    assert (refused.status, "1 add-on of acme" in refused.json["message"]) == (409, True)
    fewer = {**acme.manifest, "plans": [{"name": "premium"}]}
    refused = await admin("PUT", f"{path}/acme", fewer)
    assert (refused.status, "the plan test" in refused.json["message"]) == (409, True)
    await api("DELETE", f"/apps/{app}/addons/{made['name']}")
    assert (await admin("PUT", f"{path}/acme", fewer)).status == 200
    assert (await admin("DELETE", f"{path}/acme")).status == 200
    assert (await api("POST", f"/apps/{app}/addons", ACME)).status == 404
    assert (await admin("PUT", f"{path}/acme", acme.manifest)).status == 200


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": "Acme!"}, "id"),
        ({"api": {"version": "1"}}, "version 3"),
        ({"api": {"config_vars": ["OTHER_URL"]}}, "ACME_"),
        ({"api": {"password": ""}}, "password"),
        ({"api": {"production": "http://acme.example"}}, "https"),
        ({"api": {"production": {"base_url": "file:///etc/passwd"}}}, "https"),
        ({"plans": [{"name": "a b"}]}, "Plans"),
        ({"plans": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ({"api": {"production": 7}}, "production"),
    ],
)
async def test_manifests_that_can_not_be(admin: Api, change: dict[str, Any], why: str) -> None:
    whole = Provider(1).manifest
    manifest = {**whole, **change, "api": {**whole["api"], **change.get("api", {})}}
    got = await admin("PUT", f"/hatoba/addon-providers/{manifest['id']}", manifest)
    assert (got.status, got.json["id"]) == (422, "invalid_params")
    assert why in got.json["message"]
    assert (await admin("GET", "/hatoba/addon-providers")).json == []


async def test_services_of_the_platforms_own_are_not_to_be_had(admin: Api) -> None:
    manifest = {**Provider(1).manifest, "id": "heroku-redis"}
    manifest["api"] = {**manifest["api"], "config_vars_prefix": None, "config_vars": []}
    got = await admin("PUT", "/hatoba/addon-providers/heroku-redis", manifest)
    assert (got.status, "own" in got.json["message"]) == (422, True)

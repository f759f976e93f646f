"""App features through the API, with a real Postgres behind them."""

from __future__ import annotations

from uuid import UUID

import pytest

from hatoba.control import runtime_metrics
from hatoba.control.reconcile import launch
from hatoba.engines.base import DynoSpec
from hatoba.engines.fake.dyno import FakeDyno
from hatoba.logs.base import LogFilter
from hatoba.store import dynos
from tests.contract.api_platform import Api, deployed

PLATFORM = LogFilter(source="heroku")


async def test_all_are_off_until_they_are_switched_on(api: Api) -> None:
    app = await api.app()
    listed = (await api("GET", f"/apps/{app}/features")).json
    assert {one["name"]: one["enabled"] for one in listed} == dict.fromkeys(
        [
            "http-session-affinity",
            "log-runtime-metrics",
            "preboot",
            "runtime-dyno-metadata",
            "runtime-heroku-exec",
        ],
        False,
    )
    path = f"/apps/{app}/features/preboot"
    version = (await api("GET", f"/apps/{app}")).headers["hatoba-version"]
    on = await api("PATCH", path, {"enabled": True})
    assert (on.status, on.json["enabled"], on.json["state"]) == (200, True, "general")
    assert int(on.headers["hatoba-version"]) > int(version)
    assert (await api("GET", f"/apps/{app}/features/{on.json['id']}")).json == on.json
    off = await api("PATCH", path, {"enabled": False})
    assert off.json["enabled"] is False
    assert off.json["updated_at"] >= off.json["created_at"]


async def test_what_can_not_be(api: Api) -> None:
    app = await api.app()
    unknown = await api("PATCH", f"/apps/{app}/features/x", {"enabled": True})
    assert (unknown.status, unknown.json["resource"]) == (404, "app_feature")
    assert (await api("PATCH", f"/apps/{app}/features/preboot", {})).status == 422
    await api("PATCH", f"/apps/{app}/features/preboot", {"enabled": True})
    late = await api(
        "PATCH", f"/apps/{app}/features/preboot", {"enabled": False}, Hatoba_If_Version="1"
    )
    assert late.status == 409
    of_account = await api("PATCH", "/account/features/preboot", {"enabled": True})
    assert (of_account.status, of_account.json["resource"]) == (404, "account_feature")
    assert (await api("GET", "/account/features")).json == []


async def test_metadata_makes_a_release_once_and_reaches_the_dyno(api: Api) -> None:
    names = await deployed(api)
    app = names["app"]
    before = len((await api("GET", f"/apps/{app}/releases")).json)
    for _ in range(2):
        got = await api("PATCH", f"/apps/{app}/features/runtime-dyno-metadata", {"enabled": True})
        assert got.status == 200
    releases = (await api("GET", f"/apps/{app}/releases")).json
    newest = max(releases, key=lambda one: one["version"])
    assert (len(releases), newest["description"]) == (
        before + 1,
        "Enable runtime-dyno-metadata feature",
    )
    info = (await api("GET", f"/apps/{app}")).json
    async with api.platform.store.begin() as conn:
        dyno = (await dynos.of_app(conn, UUID(info["id"])))[0]
    env = (await launch.spec(api.platform, dyno)).env
    assert env["HEROKU_APP_NAME"] == app
    assert env["HEROKU_APP_ID"] == info["id"]
    assert env["HEROKU_DYNO_ID"] == str(dyno.id)
    assert env["HEROKU_RELEASE_VERSION"].startswith("v")
    await api("PATCH", f"/apps/{app}/config-vars", {"HEROKU_APP_NAME": "mine"})
    await api("PATCH", f"/apps/{app}/features/runtime-dyno-metadata", {"enabled": False})
    assert "HEROKU_APP_ID" not in (await launch.spec(api.platform, dyno)).env


async def running(api: Api, app: str) -> FakeDyno:
    """Start a dyno of the app in the engine, which the store need not know."""
    info = (await api("GET", f"/apps/{app}")).json
    spec = DynoSpec(
        id=UUID(int=UUID(info["id"]).int + 1),
        app_id=UUID(info["id"]),
        name="web.1",
        user=1,
        slug=None,
        command="serve",
        env={},
        memory=512 * 1024 * 1024,
    )
    await api.engine.start(spec)
    return api.engine.dyno("web.1")


async def test_usage_is_logged_for_apps_that_ask(api: Api) -> None:
    app, other = await api.app(), await api.app()
    dyno, quiet = await running(api, app), await running(api, other)
    dyno.use(3 * 1024 * 1024)
    quiet.use(3 * 1024 * 1024)
    await api("PATCH", f"/apps/{app}/features/log-runtime-metrics", {"enabled": True})
    await runtime_metrics.log_once(api.platform)
    texts = [x.text.decode() for x in api.logs.recent(dyno.spec.app_id, 50, PLATFORM)]
    source = f"heroku[web.1]: source=web.1 dyno=heroku.0.{dyno.spec.id}"
    memory = "sample#memory_total=3.00MB sample#memory_rss=3.00MB sample#memory_cache=0.00MB"
    assert any(f"{source} {memory}" in text for text in texts)
    assert any("sample#load_avg_1m=0.00 sample#load_avg_5m=0.00" in text for text in texts)
    assert not api.logs.recent(quiet.spec.app_id, 50, PLATFORM)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_a_stranger_sees_nothing(api: Api, method: str) -> None:
    app = await api.app()
    got = await (await api.stranger())(method, f"/apps/{app}/features/preboot", {"enabled": True})
    assert (got.status, got.json["id"]) == (403, "forbidden")

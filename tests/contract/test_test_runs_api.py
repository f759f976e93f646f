"""Test runs through the API and their job, with a real Postgres behind them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hatoba.control import commands, deploy, test_runs_run
from hatoba.control import config as config_of
from hatoba.store import builds as build_rows
from tests.contract import test_review_apps_api as reviews
from tests.contract.api_platform import Api
from tests.contract.test_pipelines_api import pipeline
from tests.contract.test_setups_api import archive, uploaded, workshop

__all__ = ["workshop"]
MANIFEST = {
    "env": {"LEVEL": "info"},
    "environments": {
        "test": {
            "env": {"LEVEL": "test"},
            "formation": {"web": {"quantity": 3}},
            "scripts": {"test-setup": "prepare", "test": "check"},
        }
    },
}
TAP = "1..2\nok 1 - adds\nnot ok 2 - subtracts\n# by one\n"


async def asked(api: Api, made: dict[str, Any], **more: Any) -> Any:
    source = more.pop("source", None) or archive(more.pop("manifest", MANIFEST))
    body = {
        "commit_branch": "main",
        "commit_message": "first",
        "commit_sha": "1a2b3c4d5e",
        "pipeline": made["id"],
        "source_blob_url": await uploaded(api, source),
        **more,
    }
    return await api("POST", "/test-runs", body)


async def carried_out(api: Api, run: dict[str, Any]) -> Any:
    working = asyncio.create_task(test_runs_run.carry_out(api.platform, UUID(run["id"])))
    while not working.done():
        await build_all(api)
    await working
    return (await api("GET", f"/test-runs/{run['id']}")).json


async def build_all(api: Api) -> None:
    async with api.platform.store.begin() as conn:
        pending = await build_rows.pending(conn)
    for build in pending:
        await deploy.carry_out(api.platform, build.id)
    await asyncio.sleep(0)


@pytest.fixture
def seen(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have tests end as they are told to; note what they were run with."""
    seen: list[Any] = []

    async def run(p: Any, release: Any, command: commands.Command) -> int:
        config = await config_of.of_release(p, release)
        seen.append((command.line, config))
        p.streams.append(command.stream, TAP.encode())
        return 3

    monkeypatch.setattr(commands, "run", run)
    return seen


async def apps_of(api: Api) -> list[str]:
    return [a["name"] for a in (await api("GET", "/apps")).json]


async def test_tests_run_in_an_app_that_is_thrown_away(api: Api, seen: list[Any]) -> None:
    made = await pipeline(api)
    await api("PATCH", f"/pipelines/{made['id']}/stage/test/config-vars", {"KEY": "k"})
    got = await asked(api, made)
    assert (got.status, got.json["number"], got.json["status"]) == (201, 1, "pending")
    refused = await api("DELETE", f"/pipelines/{made['id']}")
    assert (refused.status, "has not ended" in refused.json["message"]) == (409, True)
    done = await carried_out(api, got.json)
    assert (done["status"], done["message"]) == ("failed", None)
    ((line, config),) = seen
    assert line == "(\nprepare\n) && (\ncheck\n)"
    assert config["HEROKU_TEST_RUN_ID"] == got.json["id"]
    assert {k: config[k] for k in ("LEVEL", "KEY", "CI")} == {
        "LEVEL": "test",
        "KEY": "k",
        "CI": "true",
    }
    (node,) = (await api("GET", f"/test-runs/{done['id']}/test-nodes")).json
    assert (node["exit_code"], node["status"], node["index"]) == (3, "failed", 0)
    assert node["output_stream_url"].startswith("https://")
    cases = (await api("GET", f"/test-runs/{done['id']}/test-cases")).json
    told = {c["number"]: (c["description"], c["passed"], c["diagnostic"]) for c in cases}
    assert told == {1: ("adds", True, ""), 2: ("subtracts", False, "by one")}
    plain = node["output_stream_url"].replace("https://", "http://")
    assert (await api("GET", plain)).body.decode() == TAP
    assert not [name for name in await apps_of(api) if name.startswith("ci-")]
    assert list(api.platform.sources.glob("*.*")) == []
    listed = await api(
        "GET", f"/pipelines/{made['id']}/test-runs", Range="number ..; order=desc,max=1"
    )
    assert [one["number"] for one in listed.json] == [1]
    by_number = await api("GET", f"/pipelines/{made['id']}/test-runs/1")
    assert by_number.json["id"] == done["id"]
    assert (await api("GET", f"/pipelines/{made['id']}/test-runs/2")).status == 404
    assert (await api("DELETE", f"/pipelines/{made['id']}")).status == 200


@pytest.mark.parametrize(
    ("manifest", "message", "state"),
    [
        ("{bad", "app.json is not valid", "building"),
        ({}, "app.json has no test to run", "building"),
        ({"env": {"KEY": {}}}, "app.json requires KEY", "building"),
    ],
)
async def test_what_can_not_be_tested_leaves_nothing(
    api: Api, manifest: object, message: str, state: str
) -> None:
    made = await pipeline(api)
    done = await carried_out(api, (await asked(api, made, manifest=manifest)).json)
    assert (done["status"], done["error_state"]) == ("errored", state)
    assert done["message"].startswith(message)
    (node,) = (await api("GET", f"/test-runs/{done['id']}/test-nodes")).json
    shown = await api("GET", node["setup_stream_url"].replace("https://", "http://"))
    assert message in shown.body.decode()
    assert not [name for name in await apps_of(api) if name.startswith("ci-")]


async def test_one_may_be_cancelled(api: Api) -> None:
    made = await pipeline(api)
    got = (await asked(api, made)).json
    path = f"/test-runs/{got['id']}"
    assert (await api("PATCH", path, {"status": "succeeded", "message": None})).status == 422
    ended = await api("PATCH", path, {"status": "cancelled", "message": "enough"})
    assert (ended.json["status"], ended.json["message"]) == ("cancelled", "enough")
    assert (await api("PATCH", path, {"status": "cancelled", "message": ""})).status == 409
    assert (await carried_out(api, got))["status"] == "cancelled"
    assert list(api.platform.sources.glob("*.*")) == []


async def test_a_debug_run_waits_to_be_ended_or_forgotten(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await pipeline(api)
    got = await carried_out(api, (await asked(api, made, debug=True)).json)
    assert got["status"] == "debugging"
    setup = (await api("GET", f"/app-setups/{got['app_setup']['id']}")).json
    assert setup["app"]["name"] in await apps_of(api)
    later = api.platform.clock.now() + timedelta(hours=25)
    monkeypatch.setattr(api.platform.clock, "now", lambda: later)
    await test_runs_run.sweep(api.platform)
    done = await carried_out(api, got)
    assert (done["status"], done["app_setup"]) == ("cancelled", None)
    assert setup["app"]["name"] not in await apps_of(api)


async def test_a_review_app_waits_for_its_tests(api: Api, seen: list[Any]) -> None:
    made = await pipeline(api)
    await api("PATCH", f"/pipelines/{made['id']}/review-app-config", {"wait_for_ci": True})
    got = (await reviews.asked(api, made, "b", manifest=MANIFEST)).json
    working = asyncio.create_task(reviews.carried_out(api, got))
    while not working.done():
        await build_all(api)
    done = await working
    assert (done["status"], done["wait_for_ci"]) == ("errored", True)
    assert done["message"] == "Test run #1 failed"
    assert [line for line, _ in seen] == ["(\nprepare\n) && (\ncheck\n)"]
    assert await apps_of(api) == []


async def test_nobody_else_sees_test_runs(api: Api) -> None:
    made = await pipeline(api)
    got = (await asked(api, made)).json
    stranger = await api.stranger()
    for method, path in (
        ("GET", f"/test-runs/{got['id']}"),
        ("PATCH", f"/test-runs/{got['id']}"),
        ("GET", f"/test-runs/{got['id']}/test-nodes"),
        ("GET", f"/pipelines/{made['id']}/test-runs"),
    ):
        body = {"status": "cancelled"} if method == "PATCH" else None
        assert (await stranger(method, path, body)).status == 404, path

"""Scheduled jobs through the API: set, begun when due, each once, loud when one goes wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hatoba import errors
from hatoba.control import addons_work, dynos, scheduler_runs
from hatoba.control.reconcile import moves, steps
from hatoba.model.dyno import Dyno
from hatoba.store import dynos as dyno_rows
from hatoba.store import scheduler as rows
from hatoba.store.tables import scheduled_runs as table

from .api_platform import Api, deployed

SCHEDULER = {"plan": "scheduler"}


@pytest.fixture
async def app(api: Api) -> str:
    """An app with code and a scheduler."""
    name = (await deployed(api))["app"]
    made = await api("POST", f"/apps/{name}/addons", SCHEDULER)
    assert (made.status, made.json["config_vars"]) == (201, [])
    assert made.json["plan"]["name"] == "scheduler:standard"
    return name


async def job(api: Api, app: str, **wanted: str) -> dict[str, Any]:
    body = {"command": "rake sweep", "every": "10m", **wanted}
    made = await api("POST", f"/hatoba/apps/{app}/scheduler/jobs", body)
    assert made.status == 201, made
    got: dict[str, Any] = made.json
    return got


async def due(api: Api, one: dict[str, Any], ago: timedelta = timedelta(seconds=1)) -> datetime:
    """Let a job have been due for so long."""
    moment = api.platform.clock.now() - ago
    async with api.platform.store.begin() as conn:
        await rows.update(conn, UUID(one["id"]), {"next_at": moment})
    return moment


async def runs(api: Api, app: str, one: dict[str, Any]) -> list[dict[str, object]]:
    path = f"/hatoba/apps/{app}/scheduler/jobs/{one['number']}/runs"
    got: list[dict[str, object]] = (await api("GET", path)).json
    return got


async def running(api: Api, app: str) -> list[Dyno]:
    app_id = UUID((await api("GET", f"/apps/{app}")).json["id"])
    async with api.platform.store.begin() as conn:
        return [d for d in await dyno_rows.of_app(conn, app_id) if d.type == "scheduler"]


async def test_jobs_are_added_changed_and_removed(api: Api, app: str) -> None:
    base = f"/hatoba/apps/{app}/scheduler/jobs"
    first = await job(api, app)
    second = await job(api, app, every="day", at="02:30", size="standard-2x", command="rake mail")
    assert (first["number"], second["number"]) == (1, 2)
    assert second["schedule"] == "every day at 02:30 UTC"
    assert (second["size"], second["next_at"][11:16]) == ("Standard-2X", "02:30")
    changed = await api("PATCH", f"{base}/2", {"at": "03:00", "command": "rake post"})
    assert (changed.json["every"], changed.json["at"]) == ("day", "03:00")
    assert (changed.json["command"], changed.json["size"]) == ("rake post", "Standard-2X")
    hourly = await api("PATCH", f"{base}/2", {"every": "hour", "at": ":15"})
    assert hourly.json["schedule"] == "every hour at :15"
    assert (await api("DELETE", f"{base}/{first['id']}")).status == 200
    assert [one["number"] for one in (await api("GET", base)).json] == [2]
    assert (await api("GET", f"{base}/1")).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"command": "", "every": "10m"},
        {"command": "a\nb", "every": "10m"},
        {"command": "rake", "every": "week"},
        {"command": "rake", "every": "day"},
        {"command": "rake", "every": "day", "at": "25:00"},
        {"command": "rake", "every": "10m", "size": "gigantic"},
        {"every": "10m"},
        {"command": 7, "every": "10m"},
    ],
)
async def test_jobs_that_can_not_be(api: Api, app: str, body: dict[str, object]) -> None:
    got = await api("POST", f"/hatoba/apps/{app}/scheduler/jobs", body)
    assert (got.status, got.json["id"]) == (422, "invalid_params")
    assert (await api("GET", f"/hatoba/apps/{app}/scheduler/jobs")).json == []


async def test_without_the_add_on_there_are_no_jobs_and_an_app_has_it_once(api: Api) -> None:
    app = await api.app()
    base = f"/hatoba/apps/{app}/scheduler/jobs"
    for method in ("GET", "POST"):
        got = await api(
            method, base, {"command": "a", "every": "10m"} if method == "POST" else None
        )
        assert got.status == 404
        assert "addons:create scheduler" in got.json["message"]
    made = await api("POST", f"/apps/{app}/addons", SCHEDULER)
    again = await api("POST", f"/apps/{app}/addons", SCHEDULER)
    assert (again.status, again.json["id"]) == (422, "invalid_params")
    assert made.json["name"] in again.json["message"]
    other = await api.app()
    shared = await api("POST", "/addon-attachments", {"addon": made.json["name"], "app": other})
    assert (shared.status, "can't be shared" in shared.json["message"]) == (422, True)
    stranger = await api.stranger()
    assert (await stranger("GET", base)).status == 403


async def test_what_is_due_runs_once_in_a_dyno_of_its_own(api: Api, app: str) -> None:
    one = await job(api, app)
    moment = await due(api, one)
    await scheduler_runs.tick(api.platform)
    await scheduler_runs.tick(api.platform)
    (dyno,) = await running(api, app)
    assert dyno.name.startswith("scheduler.")
    assert "rake sweep" in dyno.command
    (run,) = await runs(api, app, one)
    assert (run["state"], run["dyno"]) == ("running", dyno.name)
    listed = (await api("GET", f"/apps/{app}/dynos")).json
    assert dyno.name in [d["name"] for d in listed]
    await moves.forget(api.platform, steps.Forget(dyno, 0))
    (run,) = await runs(api, app, one)
    assert (run["state"], run["exit_status"]) == ("succeeded", 0)
    found = (await api("GET", f"/hatoba/apps/{app}/scheduler/jobs/1")).json
    assert datetime.fromisoformat(found["next_at"]) > moment
    assert found["problem"] is None
    assert await scheduler_runs.alarms(api.platform) == []


async def test_a_run_that_fails_is_loud_until_one_has_gone_well(api: Api, app: str) -> None:
    one = await job(api, app)
    for status in (3, None, 0):
        await due(api, one)
        await scheduler_runs.tick(api.platform)
        (dyno,) = await running(api, app)
        await moves.forget(api.platform, steps.Forget(dyno, status))
        alarms = [a for a in await scheduler_runs.alarms(api.platform) if app in a]
        found = (await api("GET", f"/hatoba/apps/{app}/scheduler/jobs/1")).json
        assert bool(found["problem"]) is (status != 0)
        assert len(alarms) == (status != 0)
        if status == 3:
            assert "exited with status 3" in alarms[0]
        await shifted(api, one)


async def shifted(api: Api, one: dict[str, Any]) -> None:
    """Let the runs that there are have been for an earlier moment."""
    async with api.platform.store.begin() as conn:
        await conn.execute(
            table.update()
            .where(table.c.job_id == UUID(one["id"]))
            .values(due_at=table.c.due_at - timedelta(days=1))
        )


async def test_runs_that_were_missed_are_said_and_not_made_up_for(api: Api, app: str) -> None:
    one = await job(api, app, every="hour", at=":00")
    now = api.platform.clock.now()
    late = timedelta(hours=3, minutes=now.minute, seconds=now.second)
    if now.minute < 10:
        # The latest hour is still young: move the job away from it.
        await api("PATCH", f"/hatoba/apps/{app}/scheduler/jobs/1", {"every": "hour", "at": ":30"})
        late = timedelta(hours=2, minutes=30 + now.minute, seconds=now.second)
    await due(api, one, late)
    await scheduler_runs.tick(api.platform)
    assert await running(api, app) == []
    (run,) = await runs(api, app, one)
    assert run["state"] == "missed"
    assert "runs were missed" in str(run["problem"])
    assert any("were missed" in alarm for alarm in await scheduler_runs.alarms(api.platform))


async def test_one_that_is_a_little_late_runs_once(api: Api, app: str) -> None:
    one = await job(api, app, every="10m")
    await due(api, one, timedelta(minutes=35))
    await scheduler_runs.tick(api.platform)
    assert len(await running(api, app)) == 1
    states = sorted(str(run["state"]) for run in await runs(api, app, one))
    assert states == ["missed", "running"]


async def test_a_dyno_that_can_not_start_is_a_run_that_failed(
    api: Api, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise errors.Unavailable("The runner is away.")

    monkeypatch.setattr(dynos, "start", broken)
    one = await job(api, app)
    await due(api, one)
    await scheduler_runs.tick(api.platform)
    (run,) = await runs(api, app, one)
    assert (run["state"], run["exit_status"]) == ("failed", None)
    assert any("The runner is away" in alarm for alarm in await scheduler_runs.alarms(api.platform))


async def test_an_app_without_code_can_not_run_jobs(api: Api) -> None:
    app = await api.app()
    await api("POST", f"/apps/{app}/addons", SCHEDULER)
    one = await job(api, app)
    got = await api("POST", f"/hatoba/apps/{app}/scheduler/jobs/{one['number']}/actions/run")
    assert (got.status, got.json["state"]) == (201, "failed")
    assert "Nothing is deployed" in got.json["problem"]


async def test_a_job_is_run_at_once_and_its_time_stays(api: Api, app: str) -> None:
    one = await job(api, app, every="day", at="02:30")
    path = f"/hatoba/apps/{app}/scheduler/jobs/1"
    begun = await api("POST", f"{path}/actions/run")
    assert (begun.status, begun.json["state"]) == (201, "running")
    assert (await api("GET", path)).json["next_at"] == one["next_at"]
    assert [dyno.name for dyno in await running(api, app)] == [begun.json["dyno"]]


async def test_the_jobs_go_with_the_add_on(api: Api, app: str) -> None:
    one = await job(api, app)
    await due(api, one)
    (addon,) = (await api("GET", f"/apps/{app}/addons")).json
    assert (await api("DELETE", f"/apps/{app}/addons/{addon['name']}")).status == 200
    await scheduler_runs.tick(api.platform)
    assert await running(api, app) == []
    await api("POST", f"/apps/{app}/addons", SCHEDULER)
    assert (await api("GET", f"/hatoba/apps/{app}/scheduler/jobs")).json == []
    assert await addons_work.alarms(api.platform) == []


async def test_an_app_in_the_trash_runs_nothing(api: Api, app: str) -> None:
    one = await job(api, app)
    app_id = UUID((await api("GET", f"/apps/{app}")).json["id"])
    await api("DELETE", f"/apps/{app}")
    await due(api, one, timedelta(hours=5))
    await scheduler_runs.tick(api.platform)
    assert [a for a in await scheduler_runs.alarms(api.platform) if app in a] == []
    await api("POST", f"/hatoba/trash/{app_id}/actions/restore")
    assert await runs(api, app, one) == []

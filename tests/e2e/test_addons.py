"""Add-ons of providers and scheduled jobs on a real platform, by both command lines; kills."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3

from tests.contract.provider import Provider, hangs, in_thread, says

from .platform import Platform, wait_for


def registered(platform: Platform, provider: Provider) -> None:
    path = platform.folder / "addon-manifest.json"
    path.write_text(json.dumps(provider.manifest))
    pushed = platform.heroku("addons:admin:push", str(path), "--yes").ok()
    assert "acme:test, acme:premium can be created" in pushed.err


def addons(platform: Platform, app: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = platform.json("addons", "-a", app)
    return found


def test_a_provider_and_the_scheduler_with_both_command_lines(
    platform: Platform, official_cli: Path
) -> None:
    app = "berth"
    platform.heroku("apps:create", app, cwd=platform.folder).ok()
    with in_thread() as acme:
        registered(platform, acme)
        assert "acme" in platform.official("addons:services").ok().out
        assert "$20/month" in platform.official("addons:plans", "acme").ok().out
        acme.next = [says(422, {"message": "Acme is sold out."})]
        refused = platform.official("addons:create", "acme", "-a", app)
        assert (refused.status != 0, "Acme is sold out." in refused.err) == (True, True)
        made = platform.official("addons:create", "acme", "-a", app, "--", "--size=big").ok()
        assert "Welcome to Acme" in made.all
        assert acme.calls("POST")[-1]["options"] == {"size": "big"}
        platform.official("addons:upgrade", "ACME", "acme:premium", "-a", app).ok()
        assert platform.heroku("config:get", "ACME_TOKEN", "--reveal", "-a", app).out == "premium\n"
        (name,) = (one["name"] for one in addons(platform, app))
        for told in (platform.heroku("addons", cwd=platform.folder), platform.official("addons")):
            assert name in told.ok().out
        assert "acme:premium" in platform.heroku("addons:info", name).ok().out
        renamed = platform.heroku("addons:rename", name, "berth-search").ok()
        assert f"App {app} (it has {name})" in renamed.err
        same = platform.heroku("addons:attach", "berth-search", "--as", "ACME", "-a", app)
        assert (same.status, "attached as ACME already" in same.all) == (0, True)
        lost = platform.heroku("addons:info", name)
        assert (lost.status, f"You asked for {name}. See which" in lost.err) == (1, True)
        own = platform.heroku("addons:open", "berth-search", "--show-url").ok().out
        assert own.startswith("http")
        shown = platform.official("addons:open", "ACME", "--show-url", "-a", app).ok()
        with urllib3.PoolManager() as pool:
            page = pool.request("GET", shown.out.strip(), retries=False)
            assert (page.status, b"resource_token" in page.data) == (200, True)
            platform.official("addons:create", "scheduler", "-a", app).ok()
            platform.heroku(
                *("scheduler:add", "rake mail", "--every", "day", "--at", "02:30", "-a", app)
            ).ok()
            shown = platform.official("addons:open", "SCHEDULER", "--show-url", "-a", app).ok()
            assert b"rake mail" in pool.request("GET", shown.out.strip(), retries=False).data
        assert "No usage found" in platform.official("usage:addons", "-a", app).ok().out
        early = platform.heroku("addons:admin:remove", "acme", "--yes")
        assert (early.status, "acme has 1 add-on here" in early.err) == (2, True), early.err
        acme.next = [says(500)] * 30
        gone = platform.heroku("addons:destroy", "scheduler", "ACME", "--confirm", app, "-a", app)
        assert (gone.status, "This goes on by itself" in gone.err) == (4, True)
        assert "answered 500" in platform.hatoba("status").err
        acme.next.clear()
        platform.heroku("addons:wait", "-a", app, "--wait-interval", "1").ok()
        assert acme.holds == {}
        platform.heroku("addons:admin:remove", "acme", "--yes").ok()
    platform.heroku("apps:destroy", "-a", app, "--confirm", app).ok()


def killed(platform: Platform) -> None:
    """Kill the daemon at once; wait until its keeper has started another one."""
    before = platform.pid("hatobad")
    os.kill(before, signal.SIGKILL)

    def back() -> bool:
        text = platform.hatoba("status", "--json").out
        found: dict[str, Any] = json.loads(text or '{"ready": false, "components": []}')
        pids = [part["pid"] for part in found["components"] if part["name"] == "hatobad"]
        return bool(found["ready"]) and before not in pids

    wait_for("another daemon", back, seconds=90)


def test_a_daemon_that_is_killed_goes_on_with_add_ons_and_runs(own_platform: Platform) -> None:
    platform, app = own_platform, "berth"
    platform.deployed("worker", app)

    def call(method: str, path: str, body: object) -> None:
        platform.api(method, path, body=json.dumps(body), timeout=60)

    def heard(method: str, count: int) -> None:
        wait_for(f"{count} {method}", lambda: len(acme.calls(method)) >= count)

    def on(plan: str | None) -> bool:
        there = [one["plan"]["name"] for one in addons(platform, app)]
        return there == ([plan] if plan else [])

    with in_thread() as acme, ThreadPoolExecutor() as pool:
        registered(platform, acme)
        for method, path, body, plan in (
            ("POST", "", {"plan": "acme"}, "acme:test"),
            ("PATCH", "/ACME", {"plan": "acme:premium"}, "acme:premium"),
            ("DELETE", "/ACME", {}, None),
        ):
            acme.next = [hangs(acme)]
            asked = "PUT" if method == "PATCH" else method
            doing = pool.submit(call, method, f"/apps/{app}/addons{path}", body)
            heard(asked, 1)
            killed(platform)
            doing.exception()
            heard(asked, 2)
            wait_for("it is as asked for", lambda plan=plan: on(plan))  # type: ignore[misc]
        assert len({asked["uuid"] for asked in acme.calls("POST")}) == 1
        assert (addons(platform, app), acme.holds) == ([], {})
        config = platform.json("config", "-a", app)
        assert not any(name.startswith("ACME") for name in config)
    runs_once_through_a_kill(platform, app)


def runs_once_through_a_kill(platform: Platform, app: str) -> None:
    platform.heroku("addons:create", "scheduler", "-a", app).ok()
    # Far from now: it must not be due while this test lasts.
    far = ("--every", "day", "--at", f"{(datetime.now(UTC) + timedelta(hours=12)):%H}:30")
    platform.heroku("scheduler:add", "echo begun; sleep 600", *far, "-a", app).ok()
    path = f"/hatoba/apps/{app}/scheduler/jobs/1"

    def runs() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = platform.api("GET", f"{path}/runs").json()
        return found

    assert platform.api("POST", f"{path}/actions/run").status == 201
    wait_for("the run", lambda: "begun" in platform.heroku("logs", "-a", app).out)
    killed(platform)
    assert [run["state"] for run in runs()] == ["running"]
    dyno = runs()[0]["dyno"]
    platform.heroku("ps:stop", dyno, "-a", app, "--yes")
    wait_for("its end", lambda: runs()[0]["state"] == "failed")
    assert [run["dyno"] for run in runs()] == [dyno]
    assert f"job 1 of {app}" in platform.hatoba("status").err
    assert platform.heroku("scheduler", "-a", app).status == 1

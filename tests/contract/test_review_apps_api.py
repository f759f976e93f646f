"""Review apps through the API and their job, with a real Postgres and real git behind them."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hatoba import errors
from hatoba.control import apps, commands, deploy, housekeeping, review_apps, review_apps_run
from hatoba.control.platform import Actor
from tests.contract.api_platform import Api
from tests.contract.test_pipelines_api import pipeline
from tests.contract.test_setups_api import archive, uploaded, workshop

__all__ = ["workshop"]
MANIFEST = {
    "env": {"LEVEL": "info", "KEY": {}, "SECRET": {"generator": "secret"}},
    "scripts": {"postdeploy": "seed", "pr-predestroy": "bye"},
    "environments": {"review": {"env": {"LEVEL": "debug"}, "scripts": {"postdeploy": "review"}}},
}


async def asked(api: Api, made: dict[str, Any], branch: str, **more: Any) -> Any:
    source = more.pop("source", None) or archive(more.pop("manifest", MANIFEST))
    blob = {"url": await uploaded(api, source), "version": "1a2b3c4d"}
    body = {"branch": branch, "pipeline": made["id"], "source_blob": blob, **more}
    return await api("POST", "/review-apps", body)


async def carried_out(api: Api, one: dict[str, Any]) -> Any:
    """Do what is to be done about a review app; return it as the API tells it."""
    working = asyncio.create_task(review_apps_run.carry_out(api.platform, UUID(one["id"])))
    while not working.done():
        found = (await api("GET", f"/review-apps/{one['id']}")).json
        if found.get("app"):
            builds = await api("GET", f"/apps/{found['app']['id']}/builds")
            for build in builds.json if builds.status == 200 else ():
                if build["status"] == "pending":
                    await deploy.carry_out(api.platform, UUID(build["id"]))
    await working
    return (await api("GET", f"/review-apps/{one['id']}")).json


async def test_a_review_app_is_made_with_the_pipelines_config_and_destroyed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    async def run(_p: Any, _release: Any, command: commands.Command) -> int:
        ran.append(command.line)
        return 0

    monkeypatch.setattr(commands, "run", run)
    made = await pipeline(api)
    changed = await api(
        "PATCH", f"/pipelines/{made['id']}/stage/review/config-vars", {"KEY": "k", "LEVEL": "warn"}
    )
    assert changed.json == {"KEY": "k", "LEVEL": "warn"}
    got = await asked(api, made, "feature/new-menu", pr_number=7, environment={"MORE": "yes"})
    assert (got.status, got.json["status"], got.json["app"]) == (201, "pending", None)
    done = await carried_out(api, got.json)
    assert (done["status"], done["message"], done["pr_number"]) == ("created", None, 7)
    app = (await api("GET", f"/apps/{done['app']['id']}")).json
    assert app["name"] == f"{made['name']}-pr-7"
    config = (await api("GET", f"/apps/{app['name']}/config-vars")).json
    assert len(config.pop("SECRET")) == 64
    assert config == {
        "KEY": "k",
        "LEVEL": "warn",
        "MORE": "yes",
        "HEROKU_APP_NAME": app["name"],
        "HEROKU_BRANCH": "feature/new-menu",
        "HEROKU_PR_NUMBER": "7",
    }
    assert ran == ["review"]
    place = (await api("GET", f"/apps/{app['name']}/pipeline-couplings")).json
    assert (place["stage"], place["pipeline"]["id"]) == ("review", made["id"])
    of_app = await api("GET", f"/apps/{app['name']}/review-app")
    assert of_app.json["id"] == done["id"]
    listed = (await api("GET", f"/pipelines/{made['id']}/review-apps")).json
    assert [one["id"] for one in listed] == [done["id"]]

    again = await asked(api, made, "feature/new-menu")
    assert again.status == 409
    assert "has a review app already" in again.json["message"]
    refused = await api("DELETE", f"/pipelines/{made['id']}")
    assert refused.status == 409
    assert "has 1 review app" in refused.json["message"]

    gone = await api("DELETE", f"/review-apps/{done['id']}")
    assert gone.json["status"] == "deleting"
    await review_apps_run.carry_out(api.platform, UUID(done["id"]))
    assert ran == ["review", "bye"]
    assert (await api("GET", f"/review-apps/{done['id']}")).status == 404
    assert (await api("GET", f"/apps/{app['name']}")).status == 404
    assert app["name"] in [one["name"] for one in (await api("GET", "/hatoba/trash")).json]
    assert (await api("DELETE", f"/pipelines/{made['id']}")).status == 200


async def test_what_can_not_be_is_told_and_leaves_nothing(api: Api) -> None:
    made = await pipeline(api)
    got = await asked(api, made, "broken", manifest="{bad")
    done = await carried_out(api, got.json)
    assert (done["status"], done["app"]) == ("errored", None)
    assert done["message"].startswith("app.json is not valid: app.json is not valid JSON")
    assert [a for a in (await api("GET", "/apps")).json if a["name"].startswith(made["name"])] == []
    # The same branch may be tried again.
    again = await asked(api, made, "broken", manifest={})
    assert (again.status, again.json["id"]) == (201, done["id"])
    assert (await carried_out(api, again.json))["status"] == "created"
    assert list(api.platform.sources.glob("*.*")) == []


@pytest.mark.parametrize("branch", ["", "a b", "-x", "a..b", "a.lock", "a~1", "x" * 201])
async def test_branches_that_can_not_be(api: Api, branch: str) -> None:
    made = await pipeline(api)
    got = await asked(api, made, branch)
    assert (got.status, got.json["id"]) == (422, "invalid_params")


async def test_one_that_fails_after_its_build_is_kept_until_it_is_tried_again(api: Api) -> None:
    made = await pipeline(api)
    manifest = {"scripts": {"postdeploy": "fail"}}
    first = await carried_out(api, (await asked(api, made, "b", manifest=manifest)).json)
    assert (first["status"], first["message"]) == ("errored", "postdeploy exit code was not 0")
    name = (await api("GET", f"/apps/{first['app']['id']}")).json["name"]
    second = await carried_out(api, (await asked(api, made, "b", manifest={})).json)
    assert second["status"] == "created"
    assert second["app"]["id"] != first["app"]["id"]
    assert (await api("GET", f"/apps/{second['app']['id']}")).json["name"] == name


async def test_one_may_be_destroyed_before_it_was_made(api: Api) -> None:
    made = await pipeline(api)
    got = (await asked(api, made, "b")).json
    await api("DELETE", f"/review-apps/{got['id']}")
    await review_apps_run.carry_out(api.platform, UUID(got["id"]))
    assert (await api("GET", f"/pipelines/{made['id']}/review-apps")).json == []
    assert list(api.platform.sources.glob("*.*")) == []


async def test_an_app_that_is_destroyed_by_itself_is_no_review_app_any_more(api: Api) -> None:
    made = await pipeline(api)
    done = await carried_out(api, (await asked(api, made, "b", manifest={})).json)
    await api("DELETE", f"/apps/{done['app']['id']}")
    assert (await api("GET", f"/pipelines/{made['id']}/review-apps")).json == []
    assert (await asked(api, made, "b", manifest={})).status == 201


async def test_how_a_pipeline_wants_its_review_apps(api: Api) -> None:
    made = await pipeline(api)
    path = f"/pipelines/{made['id']}/review-app-config"
    assert (await api("GET", path)).status == 404
    # As the official command line sends it, with what is known anyway.
    got = await api("POST", path, {"pipeline": made["id"], "repo": "one"})
    assert (got.status, got.json["automatic_review_apps"], got.json["stale_days"]) == (
        201,
        False,
        5,
    )
    assert (await api("POST", path, {})).status == 422
    changed = await api("PATCH", path, {"automatic_review_apps": True, "base_name": "menu"})
    assert (changed.json["automatic_review_apps"], changed.json["base_name"]) == (True, "menu")
    for body in (
        {"stale_days": 0},
        {"base_name": "A"},
        {"deploy_target": {"type": "space", "id": "x"}},
        {"automatic_review_apps": "sometimes"},
    ):
        assert (await api("PATCH", path, body)).status == 422, body
    assert (await api("DELETE", path)).status == 200
    assert (await api("GET", path)).status == 404


async def test_stale_ones_are_destroyed_said_a_day_before(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await pipeline(api)
    path = f"/pipelines/{made['id']}/review-app-config"
    await api("POST", path, {"repo": "one", "destroy_stale_apps": True, "stale_days": 3})
    done = await carried_out(api, (await asked(api, made, "b", manifest={})).json)
    assert done["destroyed_at"] is not None
    now, said = api.platform.clock.now(), list[str]()
    monkeypatch.setattr(api.platform.logs, "event", lambda _app, text: said.append(text))

    async def after(days: float) -> str:
        later = now + timedelta(days=days)
        monkeypatch.setattr(api.platform.clock, "now", lambda: later)
        await housekeeping.tidy(api.platform)
        found = await api("GET", f"/review-apps/{done['id']}")
        return str(found.json.get("status"))

    assert await after(1.9) == "created"
    assert said == []
    assert await after(2.5) == "created"
    assert said == ["This review app is destroyed within a day unless it is pushed to"]
    assert await after(3.1) == "deleting"


async def test_config_vars_of_a_stage(api: Api) -> None:
    made = await pipeline(api)
    path = f"/pipelines/{made['id']}/stage/test/config-vars"
    assert (await api("GET", path)).json == {}
    assert (await api("PATCH", path, {"A": "1", "B": "2"})).json == {"A": "1", "B": "2"}
    assert (await api("PATCH", path, {"A": None})).json == {"B": "2"}
    masked = await api("GET", path, Hatoba_Mask="fingerprint")
    assert masked.json["B"].startswith("••••")
    assert (await api("PATCH", path, {"A B": "1"})).status == 422
    assert (await api("PATCH", path, {"A": "x" * 70_000})).status == 422
    other = await api("GET", f"/pipelines/{made['id']}/stage/production/config-vars")
    assert other.status == 422
    assert (await api("GET", f"/pipelines/{made['id']}/stage/none/config-vars")).status == 404
    stranger = await api.stranger()
    assert (await stranger("GET", path)).status == 404


def repository(folder: Path, *branches: str) -> Path:
    """Make a repository with these branches; return it."""
    work = folder / "work"
    work.mkdir(parents=True)
    (work / "Procfile").write_text("web: serve\n")

    def git(*words: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
        subprocess.run(["git", "-C", str(work), *who, *words], check=True, capture_output=True)

    git("init", "--initial-branch=main")
    git("add", "--all")
    git("commit", "-m", "first")
    for branch in branches:
        git("branch", branch)
    return work


async def test_a_branch_is_taken_from_the_repository_that_is_connected(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await pipeline(api)
    repo = f"/pipelines/{made['id']}/repo"
    assert (await api("GET", repo)).status == 404
    work = repository(tmp_path / "outside", "feature/one")
    refused = await api("PUT", repo, {"url": f"file://{work}"})
    assert refused.status == 422
    assert "HATOBA_REPOSITORIES" in refused.json["message"]
    monkeypatch.setenv("HATOBA_REPOSITORIES", str(tmp_path / "outside"))
    for url in ("org/name", "ftp://x/y", "--upload-pack=x", "file:///etc", "https://a b/"):
        assert (await api("PUT", repo, {"url": url})).status == 422, url
    gone = await api("PUT", repo, {"url": "http://user:hunter2@127.0.0.1:1/x.git"})
    assert gone.status == 422
    assert "hunter2" not in gone.json["message"]
    connected = await api("PUT", repo, {"url": f"file://{work}"})
    assert (connected.status, connected.json["full_name"]) == (200, "outside/work")
    found = await api("GET", f"{repo}/branches/feature%2Fone")
    assert (found.json["name"], len(found.json["commit"]["sha"])) == ("feature/one", 40)
    absent = await api("GET", f"{repo}/branches/none")
    assert absent.status == 404
    assert "doesn't exist" in absent.json["message"]
    blob = {"url": "resolve", "version": None}
    body = {"branch": "feature/one", "pipeline": made["id"], "source_blob": blob}
    got = await api("POST", "/review-apps", body)
    done = await carried_out(api, got.json)
    assert (done["status"], done["message"]) == ("created", None)
    builds = (await api("GET", f"/apps/{done['app']['id']}/builds")).json
    assert builds[0]["source_blob"]["version"] == found.json["commit"]["sha"]
    lost = await api("POST", "/review-apps", {**body, "branch": "none"})
    ended = await carried_out(api, lost.json)
    assert (ended["status"], ended["app"]) == ("errored", None)
    assert ended["message"] == "The branch none doesn't exist in outside/work."
    assert (await api("DELETE", repo)).status == 200
    assert (await api("GET", repo)).status == 404
    assert [p.name for p in api.platform.sources.iterdir()] == []


async def test_an_apps_own_repository_is_the_pipelines(api: Api, tmp_path: Path) -> None:
    app = await api.app()
    made = await pipeline(api, staging=app)
    work = repository(tmp_path / "own", "b")
    app_id = (await api("GET", f"/apps/{app}")).json["id"]
    kept = api.platform.repositories / f"{app_id}.git"
    command = ["git", "clone", "--quiet", "--bare", str(work), str(kept)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    repo = (await api("GET", f"/pipelines/{made['id']}/repo")).json
    assert (repo["full_name"], repo["app"]) == (app, app)
    blob = {"url": "resolve", "version": None}
    body = {"branch": "b", "pipeline": made["id"], "source_blob": blob}
    done = await carried_out(api, (await api("POST", "/review-apps", body)).json)
    assert done["status"] == "created"


async def test_a_push_waits_for_a_review_app_that_is_being_made(api: Api, tmp_path: Path) -> None:
    app = await api.app()
    made = await pipeline(api, staging=app)
    await asked(api, made, "b")
    p, owner = api.platform, Actor(api.account)
    staging = await apps.by_id(p, UUID((await api("GET", f"/apps/{app}")).json["id"]))
    push = review_apps.Push("b", "1a2b3c4d")
    found = await review_apps.followed(p, staging, push)
    assert found is not None
    assert str(found.id) == made["id"]
    source = tmp_path / "pushed.tar"
    source.write_bytes(archive({}))
    with pytest.raises(errors.BuildInProgress, match="Wait until that is done"):
        await review_apps.pushed(p, owner, found, push, source)
    assert await review_apps.followed(p, staging, review_apps.Push("other", "1a2b3c4d")) is None
    wanted = {"automatic_review_apps": True}
    await api("PATCH", f"/pipelines/{made['id']}/review-app-config", wanted)
    other = review_apps.Push("other", "1a2b3c4d")
    assert await review_apps.followed(p, staging, other) is not None
    told = await review_apps.pushed(p, owner, found, other, source)
    assert told.startswith("Review app for other is being created.")


async def test_nobody_else_sees_review_apps(api: Api) -> None:
    made = await pipeline(api)
    got = (await asked(api, made, "b")).json
    stranger = await api.stranger()
    for method, path in (
        ("GET", f"/review-apps/{got['id']}"),
        ("DELETE", f"/review-apps/{got['id']}"),
        ("GET", f"/pipelines/{made['id']}/review-apps"),
        ("GET", f"/pipelines/{made['id']}/review-app-config"),
        ("GET", f"/pipelines/{made['id']}/repo"),
    ):
        assert (await stranger(method, path)).status == 404, path
    assert (await asked(stranger, made, "c")).status == 404

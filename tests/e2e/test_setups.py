"""Apps from app.json, review apps and test runs on a real platform, by both command lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.platform import BIN, Platform, wait_for
from tests.e2e.terminal import typed

PIPELINE, STAGING = "dock", "dock-staging"
MANIFEST: dict[str, Any] = {
    "env": {"LEVEL": "info", "SECRET": {"generator": "secret"}, "KEY": {}},
    "addons": ["heroku-redis"],
    "formation": {"web": {"quantity": 2}},
    "success_url": "/index.html",
    "scripts": {"postdeploy": "echo $SECRET $REDIS_URL > /dev/stderr; echo seeded $LEVEL"},
    "environments": {
        "review": {
            "formation": {"web": {"quantity": 1}},
            "scripts": {"pr-predestroy": "echo the last words"},
        },
        "test": {
            "env": {"LEVEL": "test"},
            "scripts": {"test-setup": "echo $LEVEL > level", "test": "cat level; exit $CODE"},
        },
    },
}


@pytest.fixture(scope="module")
def repo(platform: Platform) -> Path:
    path = platform.folder / PIPELINE
    path.mkdir()
    (path / "Procfile").write_text("web: python3 -m http.server $PORT\n")
    (path / "index.html").write_text("main")
    (path / "app.json").write_text(json.dumps(MANIFEST))
    platform.git("init", "--initial-branch=main", cwd=path).ok()
    platform.commit(path, "first")
    return path


def names(platform: Platform) -> set[str]:
    return {app["name"] for app in platform.json("apps")}


def test_an_app_is_set_up_from_a_folder(platform: Platform, repo: Path) -> None:
    before = names(platform)
    missing = platform.heroku("apps:setup", "dock-one", cwd=repo)
    assert missing.status == 1
    assert "app.json requires KEY, without a value." in missing.all
    assert names(platform) == before
    done = platform.heroku("apps:setup", STAGING, "-e", "KEY=hunter2", cwd=repo, timeout=200).ok()
    assert "web.1 up" in done.all
    assert "hunter2" not in done.all
    assert done.out.endswith(f"http://{STAGING}.localhost:{platform.port}/index.html\n")
    assert set(platform.json("config", "-a", STAGING)) == {"LEVEL", "SECRET", "KEY", "REDIS_URL"}
    assert platform.get(STAGING).data == b"main"
    assert len(platform.json("ps", "-a", STAGING)) == 2
    log = platform.heroku("logs", "-n", "100", "-a", STAGING).ok().out
    assert "app[postdeploy." in log
    assert "seeded info" in log
    secret = platform.heroku("config:get", "SECRET", "--reveal", "-a", STAGING).ok().out.strip()
    assert len(secret) == 64
    assert secret not in done.all
    broken = platform.folder / "dock-broken"
    broken.mkdir()
    (broken / "app.json").write_text('{"env": 5, "addons": ["none"], "formation": {"web": 1}}')
    failed = platform.heroku("apps:setup", "dock-two", "--source", str(broken))
    assert failed.status == 1
    assert "env must be an object, not a number." in failed.all
    assert "formation.web must be an object" in failed.all
    assert names(platform) == before | {STAGING}


def test_branches_get_review_apps(platform: Platform, repo: Path) -> None:
    platform.heroku("pipelines:create", PIPELINE, "-s", "staging", "-a", STAGING).ok()
    platform.heroku("reviewapps:config:set", "KEY=k", "-p", PIPELINE).ok()
    platform.git("push", "heroku", "main", cwd=repo).ok()
    platform.git("switch", "-c", "new/menu", cwd=repo).ok()
    (repo / "index.html").write_text("menu")
    platform.commit(repo, "menu")
    platform.git("push", "heroku", "new/menu", cwd=repo).ok()
    absent = platform.heroku("reviewapps:create", "-p", PIPELINE, "-b", "none")
    assert (absent.status, "doesn't exist" in absent.all) == (1, True)
    done = platform.heroku("reviewapps:create", "-p", PIPELINE, "-b", "new/menu", timeout=200).ok()
    name = f"{PIPELINE}-new-menu"
    assert f"http://{name}.localhost:{platform.port} answered 200" in done.all
    assert platform.get(name).data == b"menu"
    again = platform.heroku("reviewapps:create", "-p", PIPELINE, "-b", "new/menu")
    assert (again.status, "has a review app already" in again.all) == (1, True)

    enabled = platform.heroku("reviewapps:enable", "-p", PIPELINE, "--autodeploy").ok()
    assert "not enabled → enabled" in enabled.all
    assert "no → yes" in enabled.all
    (repo / "index.html").write_text("menu, again")
    platform.commit(repo, "again")
    pushed = platform.git("push", "heroku", "new/menu", cwd=repo).ok()
    assert f"Review app {name} is being updated" in pushed.all
    wait_for("the new code", lambda: platform.get(name).data == b"menu, again", seconds=60)
    made = platform.git("push", "heroku", "new/menu:other", cwd=repo).ok()
    assert "Review app for other is being created" in made.all
    platform.git("push", "heroku", ":other", cwd=repo).ok()
    wait_for("its end", lambda: f"{PIPELINE}-other" not in names(platform), seconds=60)

    refused = platform.heroku("reviewapps:destroy", "new/menu", "-p", PIPELINE)
    assert refused.status == 3
    platform.heroku("reviewapps:destroy", "new/menu", "-p", PIPELINE, "--confirm", name).ok()
    assert name not in names(platform)
    assert name in {app["name"] for app in platform.json("apps:trash")}
    log = platform.heroku("apps:restore", name).ok()
    assert "the last words" in platform.heroku("logs", "-n", "200", "-a", name).ok().out, log.all
    platform.heroku("apps:destroy", "-a", name, "--confirm", name).ok()


def test_tests_run_where_they_disturb_nobody(platform: Platform, repo: Path) -> None:
    platform.heroku("ci:config:set", "CODE=7", "KEY=k", "-p", PIPELINE).ok()
    done = platform.heroku("ci:run", "-p", PIPELINE, cwd=repo, timeout=200)
    assert done.status == 7, done.all
    assert "\ntest\n" in done.all
    assert done.out.strip().endswith("failed")
    assert platform.heroku("ci:last", "-p", PIPELINE).status == 7
    debug = typed(
        f"{BIN}/heroku ci:debug -p {PIPELINE}",
        [("$ ", "echo LEVEL is $(cat level)\n"), ("LEVEL is test", "exit 4\n")],
        cwd=repo,
        env=platform.env,
    )
    assert "Running setup and attaching" in debug.screen
    assert (debug.status, "Cleaning up... done" in debug.screen) == (4, True), debug.screen
    assert not [name for name in names(platform) if name.startswith("ci-")]


def test_the_official_cli(platform: Platform, repo: Path, official_cli: Path) -> None:
    del official_cli
    official = platform.official
    official("reviewapps:disable", "-p", PIPELINE).ok()
    official("reviewapps:enable", "-p", PIPELINE, "--autodestroy").ok()
    config = platform.json("reviewapps", "-p", PIPELINE)["config"]
    assert (config["destroy_stale_apps"], config["automatic_review_apps"]) == (True, False)
    made = official(
        *("reviewapps:create", "-p", PIPELINE, "-b", "new/menu"),
        *("--wait", "--wait-interval", "1"),
        timeout=200,
    ).ok()
    assert "Review app is building and will be ready when complete... done" in made.all
    name = f"{PIPELINE}-new-menu"
    official("reviewapps:wait", name).ok()
    assert name in official("pipelines:info", PIPELINE).ok().out
    shown = official("ci:info", "1", "-p", PIPELINE)
    assert shown.status == 7
    assert "\ntest\n" in shown.out
    refused = platform.heroku("pipelines:destroy", PIPELINE, "--confirm", PIPELINE)
    assert (refused.status, "has 1 review app" in refused.all) == (1, True)
    confirmed = ("--confirm", name)
    platform.heroku("reviewapps:destroy", "new/menu", "-p", PIPELINE, *confirmed).ok()
    platform.heroku("pipelines:destroy", PIPELINE, "--confirm", PIPELINE).ok()
    platform.heroku("apps:destroy", "-a", STAGING, "--confirm", STAGING, timeout=200).ok()

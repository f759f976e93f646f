"""The official CLI, unmodified, drives the main job."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.platform import OFFICIAL_CLI, Platform, wait_for

pytestmark = pytest.mark.usefixtures("official_cli")
APP = "official"


@pytest.fixture(scope="module")
def repo(platform: Platform, official_cli: Path) -> Path:
    """An app made by the official CLI, deployed by git with the official CLI's own helper."""
    path = platform.repo("flask-guestbook", APP)
    created = platform.official("create", APP, cwd=path).ok()
    assert f"{APP}.localhost:{platform.port}" in created.all
    env = platform.official_env()
    env["PATH"] = f"{OFFICIAL_CLI.parent}:{env['PATH']}"
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300, env=env).ok()
    assert "Verifying deploy... done." in pushed.err
    return path


def test_create_and_push(platform: Platform, repo: Path) -> None:
    assert platform.get(APP).status == 200
    assert APP in platform.official("apps").ok().out
    info = platform.official("apps:info", "-a", APP).ok().out
    assert "Web URL" in info
    assert re.search(r"Dynos:\s+web: 1", info)


def test_ps_and_scale(platform: Platform, repo: Path) -> None:
    assert re.search(r"web\.1: up", platform.official("ps", "-a", APP).ok().out)
    platform.official("ps:scale", "web=2", "-a", APP).ok()
    wait_for(
        "two dynos",
        lambda: len(re.findall(r"web\.\d: up", platform.official("ps", "-a", APP).out)) == 2,
    )
    platform.official("ps:scale", "web=1", "-a", APP).ok()
    assert "web=1" in platform.official("ps:scale", "-a", APP).ok().out
    platform.official("ps:restart", "-a", APP).ok()


def test_config_makes_releases(platform: Platform, repo: Path) -> None:
    platform.official("config:set", "COLOUR=blue", "-a", APP).ok()
    assert platform.official("config:get", "COLOUR", "-a", APP).ok().out.strip() == "blue"
    platform.official("config:unset", "COLOUR", "-a", APP).ok()
    listed = platform.official("releases", "-a", APP).ok().out
    assert "Set COLOUR config vars" in listed
    assert "Remove COLOUR config vars" in listed


def test_rollback(platform: Platform, repo: Path) -> None:
    platform.official("config:set", "SHAPE=round", "-a", APP).ok()
    platform.official("rollback", "-a", APP).ok()
    assert "SHAPE" not in platform.official("config", "-a", APP).ok().out
    assert "Rollback to v" in platform.official("releases", "-a", APP).ok().out


def test_maintenance(platform: Platform, repo: Path) -> None:
    platform.official("maintenance:on", "-a", APP).ok()
    assert platform.get(APP).status == 503
    assert platform.official("maintenance", "-a", APP).ok().out.strip() == "on"
    platform.official("maintenance:off", "-a", APP).ok()
    assert platform.get(APP).status == 200


def test_run_with_exit_code_and_input(platform: Platform, repo: Path) -> None:
    done = platform.official("run", "-x", "-a", APP, "--", "echo hello && exit 7")
    assert done.status == 7
    assert "hello" in done.out
    echoed = platform.official("run", "-a", APP, "--", "cat", stdin="through and through\n").ok()
    assert "through and through" in echoed.out
    detached = platform.official("run:detached", "-a", APP, "--", "true").ok()
    assert "run." in detached.all


def test_logs_tail(platform: Platform, repo: Path) -> None:
    tail = subprocess.Popen(
        [str(OFFICIAL_CLI), "logs", "--tail", "-a", APP],
        env={**platform.env, **platform.official_env()},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert tail.stdout
        assert tail.stdout.readline()
        platform.get(APP, "/?seen-by-the-tail")
        for line in tail.stdout:
            if "seen-by-the-tail" in line:
                break
        else:
            pytest.fail("the tail ended before the line came")
    finally:
        tail.send_signal(signal.SIGINT)
        tail.communicate()


def test_destroy(platform: Platform, repo: Path) -> None:
    platform.official("create", "official-short").ok()
    platform.official("apps:rename", "official-renamed", "-a", "official-short").ok()
    platform.official(
        "apps:destroy", "-a", "official-renamed", "--confirm", "official-renamed"
    ).ok()
    gone = platform.official("apps:info", "-a", "official-renamed")
    assert gone.status != 0
    assert "Couldn't find that app." in gone.all

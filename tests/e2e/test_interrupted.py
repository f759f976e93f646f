"""The daemon is killed in the middle of a deploy; what was begun is brought to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.platform import BIN, Platform, wait_for


def _push(platform: Platform, path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["git", "push", "heroku", "main"],
        cwd=path,
        env=platform.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _current(platform: Platform, app: str) -> str:
    done = platform.heroku("releases", "--json", "-a", app)
    releases = json.loads(done.out) if done.status == 0 else []
    return next((str(r["description"]) for r in releases if r["current"]), "")


def _kill_when(platform: Platform, path: Path, app: str, words: str) -> None:
    """Push, and kill the daemon once the app's output has these words."""
    output = platform.folder / "data/output"

    def said() -> bool:
        return any(words in p.read_text() for p in output.iterdir() if p.is_file())

    daemon = platform.pid("hatobad")
    push = _push(platform, path)
    try:
        wait_for(words, said)
        os.kill(daemon, signal.SIGKILL)
    finally:
        push.wait(timeout=60)
    assert push.returncode != 0


def test_a_build_that_was_cut_off_is_built_again(own_platform: Platform) -> None:
    path = own_platform.repo("express-guestbook")
    package = json.loads((path / "package.json").read_text())
    package["scripts"]["build"] = "echo half-way && sleep 4 && echo all-the-way"
    (path / "package.json").write_text(json.dumps(package))
    own_platform.commit(path, "slow build")
    own_platform.heroku("apps:create", "slow-build", cwd=path).ok()
    _kill_when(own_platform, path, "slow-build", "half-way")
    wait_for("the release", lambda: _current(own_platform, "slow-build").startswith("Deploy"))
    wait_for("an answer", lambda: own_platform.get("slow-build").status == 200)
    releases = own_platform.json("releases", "-a", "slow-build")
    assert [r["version"] for r in releases if r["description"].startswith("Deploy")] == [2]


@pytest.mark.parametrize("status", [0, 1])
def test_a_release_command_goes_on_and_runs_once(own_platform: Platform, status: int) -> None:
    path = own_platform.repo("worker", "slow-release")
    command = f"echo begun; sleep 4; echo ended; exit {status}"
    (path / "Procfile").write_text(f"release: {command}\nworker: sleep 600\n")
    own_platform.commit(path, "slow release")
    own_platform.heroku("apps:create", "slow-release", cwd=path).ok()
    _kill_when(own_platform, path, "slow-release", "begun")

    def ended() -> bool:
        done = own_platform.heroku("releases", "--json", "-a", "slow-release")
        return done.status == 0 and json.loads(done.out)[0]["status"] != "pending"

    wait_for("the end of the release phase", ended)
    newest = own_platform.json("releases", "-a", "slow-release")[0]
    assert newest["status"] == ("succeeded" if status == 0 else "failed")
    assert newest["current"] is (status == 0)
    logs = own_platform.heroku("logs", "-n", "200", "-a", "slow-release").ok().out
    lines = [x for x in logs.splitlines() if x.rpartition(": ")[2] in ("begun", "ended")]
    assert [x.rpartition(": ")[2] for x in lines] == ["begun", "ended"]


def test_a_push_can_be_repeated_after_the_platform_went_away(own_platform: Platform) -> None:
    path = own_platform.repo("worker", "again")
    (path / "Procfile").write_text("release: echo begun; sleep 2\nworker: sleep 600\n")
    own_platform.commit(path, "first")
    own_platform.heroku("apps:create", "again", cwd=path).ok()
    _kill_when(own_platform, path, "again", "begun")
    wait_for("the platform", lambda: own_platform.hatoba("status").status == 0)

    def pushed() -> bool:
        return own_platform.git("push", "heroku", "main", cwd=path).status == 0

    wait_for("a push that is taken", pushed)
    assert _current(own_platform, "again").startswith("Deploy")


def _kill_at(platform: Platform, words: str, *argv: str, cwd: Path) -> int:
    """Run a command, and kill the daemon once some output has these words; return its status."""
    output, daemon = platform.folder / "data/output", platform.pid("hatobad")
    seen = {p for p in output.iterdir() if p.is_file() and words in p.read_text(errors="replace")}

    def said() -> bool:
        found = [p for p in output.iterdir() if p.is_file() and p not in seen]
        return any(words in p.read_text(errors="replace") for p in found)

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen(argv, cwd=cwd, env=platform.env, **quiet)  # type: ignore[call-overload]
    wait_for(words, said, seconds=60)
    os.kill(daemon, signal.SIGKILL)
    return int(running.wait(timeout=120))


def test_setups_review_apps_promotions_and_tests_go_on(own_platform: Platform) -> None:
    """Each is cut off in the middle; each comes to its end once, and its command sees that."""
    heroku = str(BIN / "heroku")
    path = own_platform.folder / "cutoff"
    path.mkdir()
    slow = "echo begun; sleep 2; echo ended"
    manifest = {
        "addons": ["heroku-redis"],
        "scripts": {"postdeploy": slow, "pr-predestroy": f"{slow} bye"},
        "environments": {"test": {"scripts": {"test": f"{slow} testing"}}},
    }
    (path / "app.json").write_text(json.dumps(manifest))
    (path / "Procfile").write_text("web: python3 -m http.server $PORT\n")
    (path / "index.html").write_text("first")
    own_platform.git("init", "--initial-branch=main", cwd=path).ok()
    own_platform.commit(path, "first")

    assert _kill_at(own_platform, "begun", heroku, "apps:setup", "cut-staging", cwd=path) == 0
    assert len(own_platform.json("addons", "-a", "cut-staging")) == 1
    assert _said(own_platform, "cut-staging", "postdeploy") == ["begun", "ended"]

    own_platform.heroku("pipelines:create", "cut", "-s", "staging", "-a", "cut-staging").ok()
    (path / "Procfile").write_text(f"web: python3 -m http.server $PORT\nrelease: {slow}\n")
    own_platform.commit(path, "with a release command")
    own_platform.git("push", "heroku", "main", cwd=path).ok()
    own_platform.heroku("apps:create", "cut-production", "--no-remote").ok()
    own_platform.heroku("pipelines:add", "cut", "-s", "production", "-a", "cut-production").ok()
    promote = (heroku, "pipelines:promote", "-a", "cut-staging", "--yes")
    assert _kill_at(own_platform, "begun", *promote, cwd=path) == 0
    assert _current(own_platform, "cut-production").startswith("Promote cut-staging v")
    assert _said(own_platform, "cut-production", "release") == ["begun", "ended"]

    create = (heroku, "reviewapps:create", "-p", "cut", "-b", "b", "--source", ".")
    assert _kill_at(own_platform, "Launching", *create, cwd=path) == 0
    assert own_platform.get("cut-b").data == b"first"
    destroy = (heroku, "reviewapps:destroy", "b", "-p", "cut", "--confirm", "cut-b")
    assert _kill_at(own_platform, "begun", *destroy, cwd=path) == 0

    assert _kill_at(own_platform, "begun", heroku, "ci:run", "-p", "cut", cwd=path) == 0
    names = {app["name"] for app in own_platform.json("apps")}
    assert names == {"cut-staging", "cut-production"}
    assert [run["status"] for run in own_platform.json("ci", "-p", "cut")] == ["succeeded"]
    sources = own_platform.folder / "data/sources"
    assert [p.name for p in sources.iterdir() if p.is_file()] == []


def _said(platform: Platform, app: str, source: str) -> list[str]:
    logs = platform.heroku("logs", "-n", "500", "-a", app).ok().out.splitlines()
    words = [x.rpartition(": ")[2] for x in logs if f"app[{source}." in x]
    return [word for word in words if word in ("begun", "ended")]

"""The daemon is killed in the middle of a deploy; what was begun is brought to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, wait_for


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

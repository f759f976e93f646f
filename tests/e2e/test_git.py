"""Pushes as git makes them: large, shallow, forced, several refs, several at once, cut off."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, wait_for


@pytest.fixture
def site(platform: Platform, request: pytest.FixtureRequest) -> Iterator[tuple[str, Path]]:
    """An app with a repository that is not pushed yet."""
    name = request.node.name.removeprefix("test_").replace("_", "-")[:28].strip("-")
    path = platform.repo("static-page", name)
    platform.heroku("apps:create", name, cwd=path).ok()
    yield name, path
    platform.heroku("apps:destroy", "--confirm", name, "-a", name).ok()


def releases(platform: Platform, app: str) -> int:
    return int(platform.json("releases", "-n", "1", "-a", app)[0]["version"])


def peak_memory(pid: int) -> int:
    """Return the most memory that a process has held since it was last reset, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def test_a_large_pack_is_not_held_in_memory(platform: Platform, site: tuple[str, Path]) -> None:
    name, path = site
    size = 150_000_000
    (path / "large.bin").write_bytes(os.urandom(size))
    platform.commit(path, "large")
    pid = platform.pid("hatobad")
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = peak_memory(pid)
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    # What compressing a slug takes at once, whatever its size, is about 60 MB.
    assert peak_memory(pid) - before < size * 2 // 3
    answer = platform.get(name, "/large.bin", method="HEAD")
    assert answer.headers["content-length"] == str(size)
    assert platform.api("GET", f"/apps/{name}").json()["repo_size"] > size


def test_a_shallow_clone_is_pushed(platform: Platform, site: tuple[str, Path]) -> None:
    name, path = site
    platform.commit(path, "second")
    shallow = path.parent / f"{name}-shallow"
    platform.git("clone", "--depth=1", f"file://{path}", str(shallow), cwd=path).ok()
    platform.heroku("git:remote", "-a", name, cwd=shallow).ok()
    pushed = platform.git("push", "heroku", "main", cwd=shallow, timeout=300).ok()
    assert "Verifying deploy... done." in pushed.err


def test_force_and_again(platform: Platform, site: tuple[str, Path]) -> None:
    name, path = site
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    first = releases(platform, name)
    again = platform.git("push", "heroku", "main", cwd=path).ok()
    assert "Everything up-to-date" in again.err
    platform.git("commit", "--amend", "--message=other", "--allow-empty", cwd=path).ok()
    assert platform.git("push", "heroku", "main", cwd=path).status == 1
    assert releases(platform, name) == first
    platform.git("push", "--force", "heroku", "main", cwd=path, timeout=300).ok()
    assert releases(platform, name) == first + 1


def test_other_refs_are_kept_but_not_built(platform: Platform, site: tuple[str, Path]) -> None:
    name, path = site
    platform.git("tag", "v1", cwd=path).ok()
    platform.git("push", "heroku", "v1", cwd=path).ok()
    other = platform.git("push", "heroku", "main:feature", cwd=path).ok()
    assert "Pushed to non-main branch, skipping build." in other.err
    platform.git("push", "heroku", ":feature", cwd=path).ok()
    assert releases(platform, name) == 1
    both = platform.git("push", "heroku", "main", "main:master", cwd=path)
    assert both.status != 0
    assert "Push either main or master, not both at once." in both.err
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    gone = platform.git("push", "heroku", ":main", cwd=path)
    assert gone.status != 0
    assert "The main branch can't be deleted." in gone.err
    assert releases(platform, name) == 2


def test_what_was_pushed_can_be_cloned(platform: Platform, site: tuple[str, Path]) -> None:
    name, path = site
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    copy = path.parent / f"{name}-copy"
    platform.heroku("git:clone", "-a", name, str(copy), cwd=path.parent).ok()
    assert (copy / "index.html").read_bytes() == (path / "index.html").read_bytes()


def url(platform: Platform, app: str, token: str) -> str:
    return f"http://:{token}@localhost:{platform.port}/{app}.git"


def push_as(platform: Platform, path: Path, app: str, token: str) -> tuple[int, str]:
    """Push with this token and nobody's credential helper."""
    done = platform.git(
        "-c", "credential.helper=", "push", url(platform, app, token), "main", cwd=path, timeout=300
    )
    return done.status, done.err


def token(platform: Platform, scope: str) -> str:
    body = json.dumps({"scope": [scope], "description": "test"}).encode()
    made = platform.api("POST", "/oauth/authorizations", body=body).json()
    return str(made["access_token"]["token"])


def test_who_may_push(platform: Platform, site: tuple[str, Path]) -> None:
    name, path = site
    status, said = push_as(platform, path, name, "HRKU-nobody-has-this")
    assert status != 0
    assert "Authentication failed" in said
    status, said = push_as(platform, path, "no-such-app-at-all", token(platform, "global"))
    assert status != 0
    assert "not found" in said
    status, said = push_as(platform, path, name, token(platform, "read"))
    assert status != 0
    assert "403" in said
    assert releases(platform, name) == 1
    status, said = push_as(platform, path, name, token(platform, "write"))
    assert status == 0, said


def test_one_build_at_a_time_and_it_outlives_its_client(
    platform: Platform, site: tuple[str, Path]
) -> None:
    name, path = site
    # Long enough for a second push to find it at work.
    (path / "Procfile").write_text("release: sleep 4\nweb: python3 -m http.server $PORT\n")
    platform.commit(path, "slow to release")
    first = subprocess.Popen(
        ["git", "push", "heroku", "main"],
        cwd=path,
        env=platform.env,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert first.stderr is not None
    seen = ""
    while "Release phase" not in seen:
        line = first.stderr.readline()
        assert line, seen
        seen += line
    second = platform.git("push", "heroku", "main:master", cwd=path)
    first.kill()
    first.wait()
    first.stderr.close()
    assert second.status != 0
    assert "Another build of this app is in progress." in second.err
    wait_for("the release of the push that was cut off", lambda: releases(platform, name) == 2)
    wait_for("its dyno", lambda: platform.get(name).status == 200)

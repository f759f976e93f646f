"""Pipelines on a real platform, by the own CLI and the official one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.platform import Platform, wait_for

STAGING, PRODUCTION, MORE = "ferry-staging", "ferry-production", "ferry-eu"
PIPELINE = "ferry"
PROCFILE = "web: python3 -m http.server $PORT\nrelease: echo migrated\n"
# Its release command fails where the app's own config has it so.
STRICT = PROCFILE.replace("echo", 'test -z "$STUCK" && echo')


@pytest.fixture(scope="module")
def repo(platform: Platform) -> Path:
    """An app with code at staging, and two without any at production."""
    path = platform.folder / PIPELINE
    path.mkdir()
    (path / "Procfile").write_text(PROCFILE)
    (path / "index.html").write_text("first")
    platform.git("init", "--initial-branch=main", cwd=path).ok()
    platform.commit(path, "first")
    platform.heroku("apps:create", STAGING, cwd=path).ok()
    platform.git("push", "heroku", "main", cwd=path).ok()
    for name in (PRODUCTION, MORE):
        platform.heroku("apps:create", name, "--no-remote").ok()
    platform.heroku("pipelines:create", PIPELINE, "-a", STAGING).ok()
    for name in (PRODUCTION, MORE):
        platform.heroku("pipelines:add", PIPELINE, "-s", "production", "-a", name).ok()
    return path


def current(platform: Platform, app: str) -> str:
    release = next(r for r in platform.json("releases", "-a", app) if r["current"])
    return str(release["description"])


def test_what_runs_at_staging_comes_to_production(platform: Platform, repo: Path) -> None:
    stopped = platform.heroku("pipelines:promote", "-a", STAGING, "--to", PRODUCTION)
    assert stopped.status == 3
    assert current(platform, PRODUCTION) == "Initial release"
    done = platform.heroku("pipelines:promote", "-r", "heroku", "--yes", cwd=repo).ok()
    for name in (PRODUCTION, MORE):
        assert f"{name} has the code of {STAGING}" in done.all
        assert current(platform, name).startswith(f"Promote {STAGING} v")
        assert platform.get(name).data == b"first"
    told = platform.heroku("pipelines:info", PIPELINE).ok().out
    assert [line.split()[:2] for line in told.splitlines() if "─" not in line][-3:] == [
        [STAGING, "staging"],
        [MORE, "production"],
        [PRODUCTION, "production"],
    ]
    assert "owner: " in told
    again = platform.heroku("pipelines:promote", "-a", STAGING, "--yes").ok()
    assert "All of them run that already." in again.all
    platform.heroku("config:set", "ONLY=hunter2", "-a", STAGING).ok()
    differ = platform.heroku("apps:diff", STAGING, PRODUCTION).ok()
    assert "config (ONLY)" in differ.out
    assert "hunter2" not in differ.all
    platform.heroku("config:unset", "ONLY", "-a", STAGING, "--yes").ok()
    assert platform.heroku("apps:diff", STAGING, PRODUCTION).ok().out == ""


def test_a_release_command_that_fails_leaves_the_old_one_serving(
    platform: Platform, repo: Path
) -> None:
    (repo / "index.html").write_text("second")
    (repo / "Procfile").write_text(STRICT)
    platform.commit(repo, "second")
    platform.git("push", "heroku", "main", cwd=repo).ok()
    platform.heroku("config:set", "STUCK=1", "-a", PRODUCTION).ok()
    assert "differs" in platform.heroku("pipelines:diff", "--all", "-a", STAGING).ok().out
    failed = platform.heroku("pipelines:promote", "-a", STAGING, "--yes")
    assert failed.status == 4
    assert "its release command failed; the release before goes on serving" in failed.all
    assert f"{MORE} has the code of {STAGING}" in failed.all
    assert platform.get(PRODUCTION).data == b"first"
    assert platform.get(MORE).data == b"second"
    platform.heroku("config:unset", "STUCK", "-a", PRODUCTION, "--yes").ok()


def test_the_official_cli(platform: Platform, repo: Path, official_cli: Path) -> None:
    del official_cli
    assert STAGING in platform.official("pipelines:info", PIPELINE).ok().out
    done = platform.official("pipelines:promote", "-a", STAGING, "--to", PRODUCTION).ok()
    assert "Promotion successful" in done.out
    wait_for("new dynos", lambda: platform.get(PRODUCTION).data == b"second", seconds=60)
    platform.official("pipelines:update", "-s", "development", "-a", MORE).ok()
    platform.official("pipelines:remove", "-a", MORE).ok()
    platform.official("pipelines:create", "lone", "-s", "staging", "-a", MORE).ok()
    platform.official("pipelines:rename", "lone", "alone").ok()
    assert "alone" in platform.official("pipelines").ok().out
    platform.official("pipelines:destroy", "alone").ok()
    assert MORE in platform.official("apps").ok().out


def test_a_pipeline_is_destroyed_by_its_name_only(platform: Platform, repo: Path) -> None:
    assert platform.heroku("pipelines:destroy", PIPELINE).status == 3
    wrong = platform.heroku("pipelines:destroy", PIPELINE, "--confirm", "other")
    assert wrong.status == 3
    platform.heroku("pipelines:destroy", PIPELINE, "--confirm", PIPELINE).ok()
    assert PIPELINE not in [one["name"] for one in platform.json("pipelines")]
    alone = platform.heroku("pipelines:promote", "-a", STAGING)
    assert alone.status != 0
    assert f"{STAGING} is in no pipeline." in alone.all

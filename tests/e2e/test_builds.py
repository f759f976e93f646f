"""Builds without a push, config vars in an editor, apps compared; both command lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.platform import Platform

APP = "archive"


@pytest.fixture(scope="module")
def repo(platform: Platform) -> Path:
    path = platform.repo("static-page", APP)
    platform.heroku("apps:create", APP, cwd=path).ok()
    return path


def test_a_commit_is_built_without_a_push(platform: Platform, repo: Path) -> None:
    made = platform.heroku("builds:create", cwd=repo).ok()
    assert "-----> Static" in made.out
    assert "✓ v2 is current" in made.err
    assert platform.get(APP).status == 200
    head = platform.git("rev-parse", "HEAD", cwd=repo).ok().out.strip()
    [build] = platform.json("builds", "-a", APP)
    assert (build["status"], build["source_blob"]["version"]) == ("succeeded", head)
    assert "Launching" in platform.heroku("builds:output", "-a", APP).ok().out
    assert head in platform.heroku("builds:info", build["id"], "-a", APP).ok().out
    again = platform.heroku("builds:cancel", "-a", APP, "--yes").ok()
    assert "succeeded already" in again.all
    unasked = platform.heroku("builds:cache:purge", "-a", APP)
    assert unasked.status == 3
    platform.heroku("builds:cache:purge", "-a", APP, "--yes").ok()


def test_a_broken_archive_changes_nothing(platform: Platform, repo: Path, tmp_path: Path) -> None:
    version = platform.json("releases", "-a", APP)[0]["version"]
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive at all")
    done = platform.heroku("builds:create", "--source-tar", str(broken), "-a", APP)
    assert (done.status, "runs on as before" in done.err) == (1, True), done.all
    assert platform.json("releases", "-a", APP)[0]["version"] == version
    assert platform.get(APP).status == 200
    outside = platform.heroku("builds:create", "-a", APP, cwd=tmp_path)
    assert (outside.status, "no commit to build" in outside.err) == (2, True)


def test_config_vars_are_edited(platform: Platform, repo: Path, tmp_path: Path) -> None:
    platform.heroku("config:set", "KEPT=1", "GONE=2", "-a", APP).ok()
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i \'/GONE/d\' "$1"\nprintf "ADDED=\'a b\\nc\'\\n" >> "$1"\n')
    editor.chmod(0o755)
    env = {"EDITOR": str(editor)}
    unasked = platform.heroku("config:edit", "-a", APP, env=env)
    assert (unasked.status, "GONE will be overwritten or removed" in unasked.err) == (3, True)
    assert "a b" not in unasked.all
    done = platform.heroku("config:edit", "-a", APP, "--yes", env=env).ok()
    assert "✓ read back: all as edited" in done.err
    shown = platform.heroku("config:get", "ADDED", "--reveal", "-a", APP).ok().out
    assert shown.startswith("a b\nc")
    assert set(platform.json("config", "-a", APP)) == {"KEPT", "ADDED"}
    meddling = tmp_path / "meddling"
    heroku = f"heroku config:set KEPT=other --yes -a {APP}"
    meddling.write_text(f'#!/bin/sh\n{heroku} >&2\necho MORE=1 >> "$1"\n')
    meddling.chmod(0o755)
    refused = platform.heroku("config:edit", "-a", APP, "--yes", env={"EDITOR": str(meddling)})
    assert (refused.status, "Config changed on server" in refused.err) == (1, True)
    failed = platform.heroku("config:edit", "-a", APP, env={"EDITOR": "false"})
    assert (failed.status, "Nothing was changed" in failed.err) == (1, True)


def test_apps_are_compared_and_buildpacks_looked_up(
    platform: Platform, repo: Path, official_cli: Path
) -> None:
    del official_cli
    platform.heroku("apps:create", "archive-two").ok()
    assert "config (KEPT)" in platform.heroku("apps:diff", APP, "archive-two").ok().out
    assert "heroku/static" in platform.heroku("buildpacks:search", "html").ok().out
    assert "uv" in platform.heroku("buildpacks:info", "heroku/python").ok().out
    assert "published" in platform.heroku("buildpacks:versions", "heroku/python").ok().out
    assert platform.heroku("buildpacks:info", "heroku/none").status == 1
    assert "heroku/python" in platform.official("buildpacks:search", "python").ok().out
    assert "license" in platform.official("buildpacks:info", "heroku/nodejs").ok().out
    assert "published" in platform.official("buildpacks:versions", "heroku/nodejs").ok().out
    platform.official("buildpacks:set", "heroku/static", "-a", "archive-two").ok()
    assert "heroku/static" in platform.heroku("buildpacks", "-a", "archive-two").ok().out
    same = platform.heroku("apps:stacks:set", "heroku-24", "-a", APP).ok()
    assert "The stack is heroku-24 already" in same.err


def test_a_release_command_is_tried_again(platform: Platform, repo: Path) -> None:
    none = platform.heroku("releases:retry", "-a", APP, "--yes")
    assert (none.status, "must have a release-phase command" in none.err) == (1, True)
    (repo / "Procfile").write_text(
        f"{(repo / 'Procfile').read_text() if (repo / 'Procfile').exists() else ''}"
        '\nrelease: echo migrated $COUNT; test -n "$COUNT"\n'
    )
    platform.heroku("config:set", "COUNT=7", "-a", APP).ok()
    platform.commit(repo, "with a release command")
    assert "migrated 7" in platform.git("push", "heroku", "main", cwd=repo, timeout=300).ok().err
    assert platform.heroku("releases:retry", "-a", APP).status == 3
    retried = platform.heroku("releases:retry", "-a", APP, "--yes").ok()
    assert "migrated 7" in retried.out
    assert "Retry of v" in platform.heroku("releases", "-n", "1", "-a", APP).ok().out
    once = platform.heroku("ps:scale", "release=1", "-a", APP)
    assert (once.status, "runs once at each release" in once.err) == (1, True)
    platform.heroku("config:unset", "COUNT", "-a", APP, "--yes")
    again = platform.official("releases:retry", "-a", APP)
    assert "Running release command..." in again.out
    assert "migrated\n" in again.out
    newest = platform.json("releases", "-a", APP)[0]
    assert (newest["status"], newest["current"]) == ("failed", False)

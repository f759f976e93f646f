"""Leaving a platform: apps taken over from one by another, which stands in for Heroku."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.platform import Done, Platform

SECRET = "a-value-that-nobody-may-see"


@dataclass(frozen=True)
class Two:
    """The platform that is left, and the one that is moved to, of the same person."""

    old: Platform
    new: Platform

    def run(self, *argv: str) -> Done:
        token = json.loads((self.old.folder / "data/login.json").read_text())["token"]
        done = self.new.command(
            "hatoba",
            "import",
            "--from",
            f"http://localhost:{self.old.port}",
            *argv,
            env={"HATOBA_IMPORT_API_KEY": token},
            timeout=300,
        )
        assert SECRET not in done.all
        assert token not in done.all
        return done


@pytest.fixture(scope="module")
def two(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    new = Platform.up(tmp_path_factory.mktemp("new"))
    _leaving(platform)
    yield Two(platform, new)
    new.down()


def _leaving(old: Platform) -> None:
    """Make what people leave behind: an app with everything, and one that shares its database."""
    path = old.repo("flask-guestbook", "leaver")
    old.heroku("apps:create", "leaver", cwd=path).ok()
    old.heroku("config:set", f"SECRET_KEY={SECRET}", "GREETING=Ahoy", "-a", "leaver").ok()
    old.heroku("addons:create", "heroku-postgresql:essential-0", "-a", "leaver").ok()
    old.heroku("buildpacks:set", "heroku/python", "-a", "leaver").ok()
    rows = "CREATE TABLE guests AS SELECT generate_series(1, 1234) AS id"
    old.heroku("pg:psql", "-c", rows, "-a", "leaver").ok()
    old.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    old.heroku("domains:add", "www.leaver.example", "-a", "leaver").ok()
    old.heroku("pipelines:create", "leaving", "-s", "production", "-a", "leaver").ok()


def test_a_plan_shows_everything_and_changes_nothing(two: Two) -> None:
    done = two.run("--app", "leaver", "--plan").ok()
    for said in (
        "app leaver",
        "2 config vars",
        "heroku-postgresql",
        "data of",
        "main at",
        "domain www.leaver.example",
        "pipeline leaving (production)",
        "web=1",
    ):
        assert said in done.err
    assert json.loads(two.new.heroku("apps", "--json").ok().out) == []


def test_an_app_is_taken_over_whole_and_once(two: Two) -> None:
    done = two.run("--app", "leaver").ok()
    assert "0 there already" in done.err
    shown = two.new.heroku("pg:psql", "-c", "SELECT count(*) FROM guests", "-a", "leaver").ok()
    assert "1234" in shown.out
    for platform in (two.old, two.new):
        body = platform.get("leaver").data.decode()
        assert "Ahoy" in body
    revealed = two.new.heroku("config:get", "SECRET_KEY", "--reveal", "-a", "leaver").ok()
    assert revealed.out.strip() == SECRET
    info = json.loads(two.new.heroku("pipelines:info", "leaving", "--json").ok().out)
    assert "leaver" in json.dumps(info)
    releases = json.loads(two.new.heroku("releases", "--json", "-a", "leaver").ok().out)
    again = two.run("--app", "leaver").ok()
    assert "leaver: 0 done and verified" in again.err
    assert json.loads(two.new.heroku("releases", "--json", "-a", "leaver").ok().out) == releases


def _deployed_by_curl(old: Platform, app: str, tmp_path: Path) -> None:
    """Deploy as in Heroku's "Creating slugs from scratch": no git, no build."""
    old.heroku("apps:create", app).ok()
    page = tmp_path / "app/index.html"
    page.parent.mkdir()
    page.write_text("No git here")
    old.command("tar", "czfv", "slug.tgz", "./app", cwd=tmp_path).ok()
    env = old.official_env()
    token = f"Authorization: Bearer {env['HEROKU_API_KEY']}"
    accept = "Accept: application/vnd.heroku+json; version=3"
    curl = ("curl", "-sS", "--fail-with-body", "-X")
    post = (*curl, "POST", "-H", accept, "-H", token, "-H", "Content-Type: application/json", "-d")
    url = f"{env['HEROKU_HOST']}/apps/{app}"
    web = {"process_types": {"web": "exec python3 -m http.server $PORT"}}
    slug = json.loads(old.command(*post, json.dumps(web), f"{url}/slugs").ok().out)
    put = (*curl, "PUT", "-H", "Content-Type:", "--data-binary", "@slug.tgz")
    old.command(*put, slug["blob"]["url"], cwd=tmp_path).ok()
    release = json.dumps({"slug": slug["id"]})
    old.command(*post, release, f"{url}/releases").ok()
    old.heroku("ps:wait", "-a", app).ok()


def test_code_that_is_in_no_git_comes_as_the_slug_that_runs(two: Two, tmp_path: Path) -> None:
    _deployed_by_curl(two.old, "slugged", tmp_path)
    assert two.old.get("slugged").data == b"No git here"
    planned = two.run("--app", "slugged", "--plan").ok()
    assert "+ code of slugged" in planned.err
    assert "heroku-24" in planned.err
    two.run("--app", "slugged").ok()
    assert two.new.get("slugged").data == b"No git here"
    receipts = two.new.json("receipts", "-a", "slugged")
    assert [r["verified"] for r in receipts if r["operation"] == "import"] == [True]
    two.new.heroku("config:set", "A=1", "-a", "slugged").ok()
    again = two.run("--app", "slugged").ok()
    assert "= code of slugged" in again.err


def test_what_is_different_here_is_not_overwritten_unasked(two: Two) -> None:
    two.new.heroku("config:set", "GREETING=Moin", "--yes", "-a", "leaver").ok()
    refused = two.run("--app", "leaver")
    assert (refused.status, "replaces GREETING" in refused.err) == (3, True)
    kept = two.new.heroku("config:get", "GREETING", "--reveal", "-a", "leaver").ok()
    assert kept.out.strip() == "Moin"
    two.run("--app", "leaver", "--yes").ok()
    taken = two.new.heroku("config:get", "GREETING", "--reveal", "-a", "leaver").ok()
    assert taken.out.strip() == "Ahoy"


def test_an_import_that_was_cut_off_is_gone_on_with(two: Two) -> None:
    two.old.heroku("apps:create", "straggler").ok()
    two.old.heroku("config:set", "A=1", "B=2", "-a", "straggler").ok()
    two.new.heroku("apps:create", "late").ok()
    two.new.heroku("config:set", "A=1", "-a", "late").ok()
    done = two.run("--app", "straggler", "--as", "late").ok()
    assert "= app late" in done.err
    assert "+ 1 config var" in done.err
    assert "no counterpart: code of straggler" in done.err
    both = json.loads(two.new.heroku("config", "--json", "-a", "late").ok().out)
    assert set(both) == {"A", "B"}


def test_bad_input_is_told_in_a_line(two: Two) -> None:
    unknown = two.run("--app", "nobody-has-it", "--plan")
    assert (unknown.status, "find that app" in unknown.err) == (1, True)
    unsaid = two.run("--plan")
    assert (unsaid.status, "--app NAME" in unsaid.err) == (2, True)
    alone = two.new.command("hatoba", "import", "--app", "leaver")
    assert (alone.status, "HATOBA_IMPORT_API_KEY" in alone.err) == (1, True)

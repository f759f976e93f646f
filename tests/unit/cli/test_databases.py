"""Options of the pg commands: what each does to the requests that are made."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Shell
from tests.unit.database_platform import DatabasePlatform


@pytest.fixture
def platform() -> DatabasePlatform:
    return DatabasePlatform()


def test_a_database_that_is_not_available_is_promoted_by_force_only(
    shell: Shell, platform: DatabasePlatform
) -> None:
    platform.waiting = True
    promote = ("pg:promote", "COPY", "-a", "harbour", "--yes")
    refused = shell(*promote)
    assert (refused.code, "flat can't be promoted yet: preparing" in refused.err) == (1, True)
    assert "heroku pg:wait flat -a harbour" in refused.err
    assert platform.names["DATABASE"] == "round"
    shell(*promote, "--force")
    assert platform.names["DATABASE"] == "flat"


def test_that_a_follower_takes_no_writes_is_said_before_it_is_promoted(
    shell: Shell, platform: DatabasePlatform
) -> None:
    promote = ("pg:promote", "COPY", "-a", "harbour")
    assert "takes no writes" not in shell(*promote).err
    platform.following = "postgres://localhost:1/x"
    asked = shell(*promote)
    assert (asked.code, "takes no writes while it follows" in asked.err) == (3, True)
    assert "heroku pg:unfollow flat -a harbour" in asked.err
    unfollow = shell("pg:unfollow", "COPY", "-a", "harbour")
    assert (unfollow.code, "follows   DATABASE_URL" in unfollow.err) == (3, True)


def test_a_url_in_the_place_of_a_database_is_not_repeated(shell: Shell) -> None:
    url = "postgres://ada:sekrit@[::1]:5432/x"
    for words, why in (
        (("pg:psql", url, "-c", "SELECT 1"), "not a URL"),
        (("pg:copy", "DATABASE", url), "heroku pg:pull"),
        (("pg:copy", "postgres://ada:sekrit@[x", "COPY"), "postgres://••••"),
        (("pg:backups:restore", "https://ada:sekrit@[x", "COPY"), "can't be understood"),
    ):
        refused = shell(*words, "-a", "harbour")
        assert why in refused.err, refused
        assert "sekrit" not in refused.err


def test_all_credentials_are_rotated_at_once(shell: Shell, platform: DatabasePlatform) -> None:
    rotate = ("pg:credentials:rotate", "-a", "harbour")
    both = shell(*rotate, "--all", "--name", "analyst")
    assert (both.code, "not both" in both.err) == (2, True)
    asked = shell(*rotate, "--all")
    assert (asked.code, "round credentials: default, analyst" in asked.err) == (3, True)
    assert platform.rotated == []
    shell(*rotate, "--all", "--force", "--yes")
    assert platform.rotated == [
        "/postgres/v0/databases/round/credentials_rotation {'forced': True}"
    ]
    shell(*rotate, "-n", "analyst", "--yes")
    assert "credentials/analyst/credentials_rotation {'forced': False}" in platform.rotated[-1]


def test_statements_are_counted_anew_once_that_is_confirmed(
    shell: Shell, platform: DatabasePlatform
) -> None:
    asked = shell("pg:outliers", "--reset", "-a", "harbour")
    assert (asked.code, "counted of its use so far is lost" in asked.err) == (3, True)
    shell("pg:outliers", "--reset", "--yes", "-a", "harbour")
    resets = [path for method, path, _ in platform.requests if method == "PUT"]
    assert resets == ["/client/v11/databases/round/stats_reset"]


def test_credentials_are_listed_whole(shell: Shell) -> None:
    listed = shell("pg:credentials", "--no-wrap", "-a", "harbour")
    assert (listed.code, "analyst" in listed.out) == (0, True), listed.err

"""Which plan takes another's place."""

from __future__ import annotations

import pytest

from hatoba.operations.imports import nearest

OFFERED = (
    "heroku-postgresql:essential-0",
    "heroku-postgresql:essential-1",
    "heroku-postgresql:standard-0",
    "heroku-postgresql:standard-2",
    "heroku-redis:mini",
    "heroku-redis:premium-0",
    "scheduler:standard",
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("heroku-postgresql:essential-1", "heroku-postgresql:essential-1"),
        ("heroku-postgresql:essential-2", "heroku-postgresql:essential-1"),
        ("heroku-postgresql:hobby-dev", "heroku-postgresql:essential-0"),
        ("heroku-postgresql:standard-1", "heroku-postgresql:standard-2"),
        ("heroku-postgresql:premium-9", "heroku-postgresql:standard-2"),
        ("heroku-postgresql:advanced", "heroku-postgresql:standard-0"),
        ("heroku-redis:hobby-dev", "heroku-redis:mini"),
        ("heroku-redis:private-7", "heroku-redis:premium-0"),
        ("scheduler:standard", "scheduler:standard"),
        ("papertrail:choklad", None),
    ],
)
def test_nearest_plan(wanted: str, found: str | None) -> None:
    assert nearest.plan(wanted, OFFERED) == found

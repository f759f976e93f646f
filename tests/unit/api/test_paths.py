"""The endpoint of a path: words before parameters, parameters before the rest."""

from __future__ import annotations

from typing import Any

import pytest

from hatoba.api.paths import Paths

TABLE = (
    "/apps",
    "/apps/{app}",
    "/apps/{app}/dynos",
    "/apps/{app}/log-drains/{drain:path}",
    "/teams/apps/{app}",
    "/teams/{team}/apps",
    "/teams/{team}/{what}",
    "/users/~/pipeline-couplings",
    "/{path:path}",
)


def found(path: str) -> tuple[Any, dict[str, str]] | None:
    return Paths({one: one for one in TABLE}).find(path)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("path", "endpoint", "names"),
    [
        ("/apps", "/apps", {}),
        ("/apps/web", "/apps/{app}", {"app": "web"}),
        ("/apps/dynos/dynos", "/apps/{app}/dynos", {"app": "dynos"}),
        (
            "/apps/a/log-drains/https://x/y",
            "/apps/{app}/log-drains/{drain:path}",
            {"app": "a", "drain": "https://x/y"},
        ),
        ("/teams/apps/a", "/teams/apps/{app}", {"app": "a"}),
        ("/teams/a/apps", "/teams/{team}/apps", {"team": "a"}),
        # A word that leads nowhere may still be a parameter.
        ("/teams/apps/apps", "/teams/apps/{app}", {"app": "apps"}),
        ("/users/~/pipeline-couplings", "/users/~/pipeline-couplings", {}),
        ("/users/ada/pipeline-couplings", "/{path:path}", {"path": "users/ada/pipeline-couplings"}),
        ("/apps/", "/{path:path}", {"path": "apps/"}),
        ("/apps//dynos", "/{path:path}", {"path": "apps//dynos"}),
        ("/", "/{path:path}", {"path": ""}),
    ],
)
def test_the_most_exact_path_is_found(path: str, endpoint: str, names: dict[str, str]) -> None:
    assert found(path) == (endpoint, names)


def test_a_path_without_an_endpoint_is_not_found() -> None:
    assert Paths({"/apps": None}).find("/teams") is None  # type: ignore[dict-item]

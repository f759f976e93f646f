"""Calls about review apps, and the repository and config vars that pipelines share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from hatoba.client import config as app_config
from hatoba.client.api import Api, decode
from hatoba.client.errors import ApiError
from hatoba.schema.review_apps import Branch, Repository, ReviewApp, ReviewConfig

T = TypeVar("T")


def listed(api: Api, pipeline_id: str) -> list[ReviewApp]:
    """Return a pipeline's review apps."""
    return api.pages(f"/pipelines/{pipeline_id}/review-apps", ReviewApp)


def find(api: Api, identity: str) -> ReviewApp | None:
    """Return a review app by id, None when it is gone."""
    return _unless_missing(api, f"/review-apps/{identity}", ReviewApp)


def of_app(api: Api, app: str) -> ReviewApp | None:
    """Return the review app that an app is, None when it is none."""
    return _unless_missing(api, f"/apps/{app}/review-app", ReviewApp)


def create(api: Api, body: Mapping[str, Any]) -> ReviewApp:
    """Have a review app made."""
    return api.change("POST", "/review-apps", ReviewApp, body=dict(body))


def destroy(api: Api, identity: str) -> ReviewApp:
    """Have a review app destroyed."""
    return api.change("DELETE", f"/review-apps/{identity}", ReviewApp)


def config(api: Api, pipeline_id: str) -> ReviewConfig | None:
    """Return how a pipeline wants its review apps, None when it wants none."""
    return _unless_missing(api, f"/pipelines/{pipeline_id}/review-app-config", ReviewConfig)


def configure(api: Api, pipeline_id: str, changes: Mapping[str, Any]) -> ReviewConfig:
    """Want review apps like this; what is not named stays."""
    path = f"/pipelines/{pipeline_id}/review-app-config"
    return api.change("PATCH", path, ReviewConfig, body=dict(changes))


def disable(api: Api, pipeline_id: str) -> None:
    """Want no new review apps."""
    api.send("DELETE", f"/pipelines/{pipeline_id}/review-app-config")


def repository(api: Api, pipeline_id: str) -> Repository | None:
    """Return a pipeline's repository, None when it has none."""
    return _unless_missing(api, f"/pipelines/{pipeline_id}/repo", Repository)


def connect(api: Api, pipeline_id: str, url: str) -> Repository:
    """Connect a pipeline to a repository."""
    return api.change("PUT", f"/pipelines/{pipeline_id}/repo", Repository, body={"url": url})


def branch(api: Api, pipeline_id: str, name: str) -> Branch | None:
    """Return a branch of a pipeline's repository, None when there is no such one."""
    path = f"/pipelines/{pipeline_id}/repo/branches/{quote(name, safe='')}"
    return _unless_missing(api, path, Branch)


def fingerprints(api: Api, pipeline_id: str, stage: str) -> dict[str, str]:
    """Return a stage's config vars' names with their values' fingerprints."""
    return app_config.marks(
        api, api.send("GET", _vars(pipeline_id, stage), headers=app_config.MASK)
    )


def revealed(api: Api, pipeline_id: str, stage: str) -> dict[str, str]:
    """Return a stage's config vars with their values."""
    return decode(api.send("GET", _vars(pipeline_id, stage)), dict[str, str])


def set_config(
    api: Api, pipeline_id: str, stage: str, changes: Mapping[str, str | None]
) -> dict[str, str]:
    """Set and unset (None) config vars of a stage; return all as fingerprints."""
    path = _vars(pipeline_id, stage)
    answer = api.send("PATCH", path, body=dict(changes), headers=app_config.MASK)
    return app_config.marks(api, answer)


def _vars(pipeline_id: str, stage: str) -> str:
    return f"/pipelines/{pipeline_id}/stage/{stage}/config-vars"


def _unless_missing(api: Api, path: str, kind: type[T]) -> T | None:
    try:
        return api.get(path, kind)
    except ApiError as error:
        if error.status == 404:
            return None
        raise

"""The routes of review apps and of what a pipeline's apps share, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import READ, READ_SECRETS, VIEW, WRITE, WRITE_SECRETS
from hatoba.api.endpoint import Route
from hatoba.api.resources import pipeline_shared, review_apps

_PIPELINE = "/pipelines/{pipeline}"
_CONFIG = f"{_PIPELINE}/review-app-config"
_VARS = f"{_PIPELINE}/stage/{{stage}}/config-vars"
_ONE = "/review-apps/{review_app}"

REVIEW_APPS: tuple[Route[Any], ...] = (
    Route("POST", "/review-apps", WRITE, review_apps.create, "reviewapps:create"),
    Route("GET", _ONE, READ, review_apps.info, "reviewapps:create --wait"),
    Route("DELETE", _ONE, WRITE, review_apps.destroy, "reviewapps:destroy"),
    Route("GET", "/apps/{app}/review-app", VIEW, review_apps.of_app, "reviewapps:wait"),
    Route("GET", f"{_PIPELINE}/review-apps", READ, review_apps.of_pipeline, "reviewapps"),
    Route("GET", _CONFIG, READ, review_apps.config, "reviewapps"),
    Route("POST", _CONFIG, WRITE, review_apps.enable, "reviewapps:enable"),
    Route("PATCH", _CONFIG, WRITE, review_apps.update, "reviewapps:enable, reviewapps:disable"),
    Route("DELETE", _CONFIG, WRITE, review_apps.disable, "reviewapps:disable"),
    Route("GET", _VARS, READ_SECRETS, pipeline_shared.config, "ci:config, reviewapps:config"),
    Route("PATCH", _VARS, WRITE_SECRETS, pipeline_shared.change_config, "ci:config:set"),
    Route("GET", f"{_PIPELINE}/repo", READ, pipeline_shared.repository, "reviewapps:enable"),
    Route("PUT", f"{_PIPELINE}/repo", WRITE, pipeline_shared.connect, "pipelines:connect"),
    Route("DELETE", f"{_PIPELINE}/repo", WRITE, pipeline_shared.disconnect, "pipelines:connect"),
    Route(
        "GET",
        f"{_PIPELINE}/repo/branches/{{branch:path}}",
        READ,
        pipeline_shared.branch,
        "reviewapps:create",
    ),
)

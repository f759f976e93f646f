"""The routes of pipelines, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import READ, VIEW, WRITE
from hatoba.api.endpoint import Route
from hatoba.api.resources import couplings, pipelines, promotions
from hatoba.api.team_access import VIEW_TEAM

_PIPELINE = "/pipelines/{pipeline}"
_COUPLING = "/pipeline-couplings/{coupling}"
_PROMOTION = "/pipeline-promotions/{promotion}"

PIPELINES: tuple[Route[Any], ...] = (
    Route("GET", "/pipelines", READ, pipelines.listed, "pipelines, pipelines:info"),
    Route("POST", "/pipelines", WRITE, pipelines.create, "pipelines:create"),
    Route("GET", _PIPELINE, READ, pipelines.info, "pipelines:info, pipelines:diff"),
    Route("PATCH", _PIPELINE, WRITE, pipelines.update, "pipelines:rename"),
    Route("DELETE", _PIPELINE, WRITE, pipelines.destroy, "pipelines:destroy"),
    Route("GET", f"{_PIPELINE}/latest-releases", READ, pipelines.latest_releases),
    Route("GET", f"{_PIPELINE}/latest-deployments", READ, pipelines.latest_releases),
    Route("GET", f"{_PIPELINE}/latest-builds", READ, pipelines.latest_builds),
    Route("GET", f"{_PIPELINE}/pipeline-stack", READ, pipelines.stack),
    Route("GET", f"{_PIPELINE}/pipeline-couplings", READ, couplings.of_pipeline, "pipelines:info"),
    Route("POST", "/pipeline-transfers", WRITE, pipelines.transfer, "pipelines:transfer"),
    Route("GET", "/pipeline-couplings", READ, couplings.listed),
    Route("GET", "/users/~/pipeline-couplings", READ, couplings.listed),
    Route("GET", "/teams/{team}/pipeline-couplings", VIEW_TEAM, couplings.of_team),
    Route("POST", "/pipeline-couplings", WRITE, couplings.create, "pipelines:add"),
    Route("GET", _COUPLING, READ, couplings.info),
    Route("PATCH", _COUPLING, WRITE, couplings.update, "pipelines:update"),
    Route("DELETE", _COUPLING, WRITE, couplings.remove, "pipelines:remove"),
    Route(
        "GET", "/apps/{app}/pipeline-couplings", VIEW, couplings.of_app, "apps:info, pipelines:*"
    ),
    Route("POST", "/pipeline-promotions", WRITE, promotions.create, "pipelines:promote"),
    Route("GET", _PROMOTION, READ, promotions.info),
    Route("GET", f"{_PROMOTION}/promotion-targets", READ, promotions.targets, "pipelines:promote"),
    Route("POST", "/filters/apps", READ, couplings.filtered_apps, "pipelines:info"),
)

"""The routes of sessions in running dynos and of the buildpack registry, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import CONFIGURE, EVERYBODY
from hatoba.api.endpoint import Route
from hatoba.api.resources import buildpack_registry, inside

_BUILDPACK = "/buildpacks/{namespace}/{name}"

SESSIONS: tuple[Route[Any], ...] = (
    Route("POST", "/apps/{app}/dynos/{dyno}", CONFIGURE, inside.run, "run:inside, ps:exec"),
    Route("PATCH", "/hatoba/apps/{app}/sessions/{session}", CONFIGURE, inside.resize, "run"),
    Route("GET", "/buildpacks", EVERYBODY, buildpack_registry.listed, "buildpacks:search"),
    Route("GET", _BUILDPACK, EVERYBODY, buildpack_registry.info, "buildpacks:info, :set, :add"),
    Route("GET", f"{_BUILDPACK}/revisions", EVERYBODY, buildpack_registry.revisions),
    Route("GET", f"{_BUILDPACK}/readme", EVERYBODY, buildpack_registry.readme),
)

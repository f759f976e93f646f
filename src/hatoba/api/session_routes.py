"""The routes of sessions in running dynos, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import CONFIGURE
from hatoba.api.endpoint import Route
from hatoba.api.resources import inside

SESSIONS: tuple[Route[Any], ...] = (
    Route("POST", "/apps/{app}/dynos/{dyno}", CONFIGURE, inside.run, "run:inside, ps:exec"),
    Route("PATCH", "/hatoba/apps/{app}/sessions/{session}", CONFIGURE, inside.resize, "run"),
)

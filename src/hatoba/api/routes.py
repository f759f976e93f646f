"""The table of routes: method, path, access rule, handler, and the command that needs it."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import ACCOUNT, IDENTITY
from hatoba.api.endpoint import Route
from hatoba.api.resources import account

TABLE: tuple[Route[Any], ...] = (
    Route("GET", "/account", IDENTITY, account.info, "auth:whoami"),
    Route("PATCH", "/account", ACCOUNT, account.update),
    Route("GET", "/account/rate-limits", IDENTITY, account.rate_limits),
    Route("GET", "/users/{user}", IDENTITY, account.user, "pipelines:create"),
)

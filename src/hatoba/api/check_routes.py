"""The routes by which a client learns, before it asks anybody, what would be refused."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import OPERATE
from hatoba.api.endpoint import Route
from hatoba.api.resources import checks

_CHECKS = "/hatoba/apps/{app}/checks"

CHECKS: tuple[Route[Any], ...] = (
    Route("POST", f"{_CHECKS}/domain", OPERATE, checks.domain, "domains:add"),
    Route("POST", f"{_CHECKS}/log-drain", OPERATE, checks.log_drain, "drains:add"),
    Route("POST", f"{_CHECKS}/webhook", OPERATE, checks.webhook, "webhooks:add, webhooks:update"),
)

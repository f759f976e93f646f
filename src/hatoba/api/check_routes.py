"""The routes by which a client learns, before it asks anybody, what would be refused."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import CONFIGURE, OPERATE
from hatoba.api.endpoint import Route
from hatoba.api.resources import checks, formation, telemetry

_CHECKS = "/hatoba/apps/{app}/checks"

CHECKS: tuple[Route[Any], ...] = (
    Route("POST", f"{_CHECKS}/certificate", OPERATE, checks.certificate, "certs:add, certs:update"),
    Route("POST", f"{_CHECKS}/config-vars", CONFIGURE, checks.config_vars, "config:set"),
    Route("POST", f"{_CHECKS}/domain", OPERATE, checks.domain, "domains:add"),
    Route("POST", f"{_CHECKS}/formation", OPERATE, formation.check, "ps:scale, ps:type"),
    Route("POST", f"{_CHECKS}/log-drain", OPERATE, checks.log_drain, "drains:add"),
    Route("POST", f"{_CHECKS}/name", OPERATE, checks.name, "apps:rename"),
    Route(
        "POST",
        f"{_CHECKS}/telemetry-drain",
        OPERATE,
        telemetry.check,
        "telemetry:add, telemetry:update",
    ),
    Route("POST", f"{_CHECKS}/webhook", OPERATE, checks.webhook, "webhooks:add, webhooks:update"),
)

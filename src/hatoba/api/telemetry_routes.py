"""The routes of telemetry drains, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import PROTECTED, WRITE
from hatoba.api.endpoint import Route
from hatoba.api.resources import telemetry
from hatoba.api.telemetry_access import OPERATE_TELEMETRY, PROTECTED_TELEMETRY

_DRAIN = "/telemetry-drains/{drain}"

TELEMETRY: tuple[Route[Any], ...] = (
    Route("GET", "/apps/{app}/telemetry-drains", PROTECTED, telemetry.listed, "telemetry"),
    Route("POST", "/telemetry-drains", WRITE, telemetry.add, "telemetry:add"),
    Route("GET", _DRAIN, PROTECTED_TELEMETRY, telemetry.info, "telemetry:info"),
    Route("PATCH", _DRAIN, OPERATE_TELEMETRY, telemetry.update, "telemetry:update"),
    Route("DELETE", _DRAIN, OPERATE_TELEMETRY, telemetry.remove, "telemetry:remove"),
)

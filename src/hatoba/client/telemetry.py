"""Calls about telemetry drains."""

from __future__ import annotations

from hatoba.client.api import Api, Json
from hatoba.schema.telemetry import TelemetryDrain


def listed(api: Api, app: str) -> list[TelemetryDrain]:
    """Return the app's telemetry drains."""
    return api.pages(f"/apps/{app}/telemetry-drains", TelemetryDrain)


def add(api: Api, body: Json, version: int | None = None) -> TelemetryDrain:
    """Send an app's telemetry on."""
    return api.change("POST", "/telemetry-drains", TelemetryDrain, body=body, version=version)


def update(api: Api, drain: str, body: Json, version: int | None = None) -> TelemetryDrain:
    """Change a telemetry drain; what the body does not name stays."""
    path = f"/telemetry-drains/{drain}"
    return api.change("PATCH", path, TelemetryDrain, body=body, version=version)


def remove(api: Api, drain: str, version: int | None = None) -> TelemetryDrain:
    """Send nothing more there."""
    return api.change("DELETE", f"/telemetry-drains/{drain}", TelemetryDrain, version=version)

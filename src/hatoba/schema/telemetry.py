"""Telemetry drains as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec


class TelemetryOwner(msgspec.Struct, frozen=True):
    """Whose telemetry it is: an app's."""

    id: str
    type: str = "app"


class Exporter(msgspec.Struct, frozen=True):
    """How and where it is sent; ``type`` is otlphttp."""

    type: str
    endpoint: str
    headers: dict[str, str]


class TelemetryDrain(msgspec.Struct, frozen=True):
    """A telemetry drain."""

    id: str
    owner: TelemetryOwner
    signals: list[str]
    exporter: Exporter
    created_at: str
    updated_at: str

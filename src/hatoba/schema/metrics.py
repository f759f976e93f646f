"""Metrics and monitors as Heroku's metrics service has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec


class Series(msgspec.Struct, frozen=True):
    """Values by name, one for each step from ``start_time``; None where nothing was measured."""

    start_time: str
    end_time: str
    step: str
    data: dict[str, list[int | None]]


class Monitor(msgspec.Struct, frozen=True):
    """What web dynos are scaled by; ``value`` is the wanted p95 response time in ms."""

    id: str
    app_id: str
    process_type: str
    name: str
    action_type: str
    is_active: bool
    min_quantity: int
    max_quantity: int
    value: int
    op: str
    period: int
    notification_channels: list[str]
    notification_period: int
    created_at: str
    updated_at: str

"""Telemetry drains: where an app's logs, metrics and traces are sent by OTLP. Pure.

https://devcenter.heroku.com/articles/heroku-telemetry
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

SIGNALS = ("traces", "metrics", "logs")
HTTP, GRPC = "otlphttp", "otlp"
MAX_TELEMETRY_DRAINS = 5
MAX_HEADERS = 20


@dataclass(frozen=True)
class TelemetryDrain:
    """Where telemetry goes. The headers, and the endpoint too, may hold a key."""

    id: UUID
    app_id: UUID
    signals: tuple[str, ...]
    type: str
    endpoint: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    created_at: datetime
    updated_at: datetime


def problem(
    signals: Sequence[str], kind: str, endpoint: str, headers: Mapping[str, str]
) -> str | None:
    """Return why there can't be such a telemetry drain, None when there can."""
    if not signals or set(signals) - set(SIGNALS):
        return f"signals is invalid: it may have {', '.join(SIGNALS)}."
    if kind == GRPC:
        return "exporter.type is invalid: OTLP over gRPC is not sent here; use otlphttp."
    if kind != HTTP:
        return f"exporter.type is invalid: it must be {HTTP}."
    if not _is_url(endpoint):
        return "exporter.endpoint is invalid: it must begin with https:// or http://."
    fit = all(_fits(text) for pair in headers.items() for text in pair)
    if not fit or "" in headers or len(headers) > MAX_HEADERS:
        return f"exporter.headers is invalid: up to {MAX_HEADERS} headers of printable ASCII."
    return None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and text.isprintable() and " " not in text


def _fits(text: str) -> bool:
    return text.isascii() and text.isprintable() and len(text) <= 4096

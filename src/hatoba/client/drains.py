"""Calls about log drains."""

from __future__ import annotations

from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.schema.hatoba import DrainDelivery
from hatoba.schema.platform import LogDrain


def listed(api: Api, app: str) -> list[LogDrain]:
    """Return the app's drains."""
    return list(api.pages(f"/apps/{app}/log-drains", LogDrain))


def add(api: Api, app: str, url: str, version: int | None = None) -> LogDrain:
    """Send the app's lines on to a log server."""
    path = f"/apps/{app}/log-drains"
    return api.change("POST", path, LogDrain, body={"url": url}, version=version)


def remove(api: Api, app: str, drain: str, version: int | None = None) -> LogDrain:
    """Send no more lines there; ``drain`` is an id, a URL or a token."""
    path = f"/apps/{app}/log-drains/{quote(drain, safe='')}"
    return api.change("DELETE", path, LogDrain, version=version)


def delivery(api: Api, app: str, drain_id: str) -> DrainDelivery:
    """Return how the drain's lines fare."""
    return api.get(f"/hatoba/apps/{app}/log-drains/{drain_id}/delivery", DrainDelivery)

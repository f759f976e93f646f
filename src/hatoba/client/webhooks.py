"""Calls about webhooks."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from hatoba.client.api import Api, Json, decode, reviewed
from hatoba.schema.webhooks import SECRET_HEADER, Delivery, Event, Webhook

_NEWEST = "seq ..; order=desc,max=1000"


def listed(api: Api, app: str) -> list[Webhook]:
    """Return the app's webhooks."""
    return api.pages(f"/apps/{app}/webhooks", Webhook)


def find(api: Api, app: str, webhook: str) -> Webhook:
    """Return one webhook by id."""
    return api.get(_path(app, webhook), Webhook)


def add(api: Api, app: str, body: Json, version: int | None = None) -> tuple[Webhook, str]:
    """Make a webhook; return it and the secret that its deliveries are signed with."""
    path = f"/apps/{app}/webhooks"
    answer = api.send("POST", path, body=body, headers=reviewed(version))
    return decode(answer, Webhook), answer.headers.get(SECRET_HEADER.lower(), "")


def update(api: Api, app: str, webhook: str, body: Json, version: int | None = None) -> Webhook:
    """Change a webhook; what the body does not name stays."""
    return api.change("PATCH", _path(app, webhook), Webhook, body=body, version=version)


def remove(api: Api, app: str, webhook: str, version: int | None = None) -> Webhook:
    """Forget a webhook."""
    return api.change("DELETE", _path(app, webhook), Webhook, version=version)


def deliveries(api: Api, app: str, status: str | None = None) -> list[Delivery]:
    """Return the newest deliveries, the oldest of them first."""
    query = f"?{urlencode({'eq[status]': status})}" if status else ""
    return api.page(f"/apps/{app}/webhook-deliveries{query}", Delivery, _NEWEST)[::-1]


def delivery(api: Api, app: str, delivery_id: str) -> Delivery:
    """Return one delivery."""
    return api.get(f"/apps/{app}/webhook-deliveries/{quote(delivery_id, safe='')}", Delivery)


def events(api: Api, app: str) -> list[Event]:
    """Return the newest events."""
    return api.pages(f"/apps/{app}/webhook-events", Event)


def event(api: Api, app: str, event_id: str) -> Event:
    """Return one event."""
    return api.get(f"/apps/{app}/webhook-events/{quote(event_id, safe='')}", Event)


def _path(app: str, webhook: str) -> str:
    return f"/apps/{app}/webhooks/{quote(webhook, safe='')}"

"""The routes of webhooks, as in ``routes``. A webhook's URL may hold a key."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import OPERATE, PROTECTED, VIEW
from hatoba.api.endpoint import Route
from hatoba.api.resources import webhooks

_WEBHOOKS = "/apps/{app}/webhooks"
_WEBHOOK = f"{_WEBHOOKS}/{{webhook}}"
_DELIVERIES = "/apps/{app}/webhook-deliveries"
_EVENTS = "/apps/{app}/webhook-events"

WEBHOOKS: tuple[Route[Any], ...] = (
    Route("GET", _WEBHOOKS, PROTECTED, webhooks.listed, "webhooks"),
    Route("POST", _WEBHOOKS, OPERATE, webhooks.add, "webhooks:add"),
    Route("GET", _WEBHOOK, PROTECTED, webhooks.info, "webhooks:info"),
    Route("PATCH", _WEBHOOK, OPERATE, webhooks.update, "webhooks:update"),
    Route("DELETE", _WEBHOOK, OPERATE, webhooks.remove, "webhooks:remove"),
    Route("GET", _DELIVERIES, VIEW, webhooks.deliveries, "webhooks:deliveries"),
    Route(
        "GET", f"{_DELIVERIES}/{{delivery}}", VIEW, webhooks.delivery, "webhooks:deliveries:info"
    ),
    Route("GET", _EVENTS, VIEW, webhooks.events, "webhooks:events"),
    Route("GET", f"{_EVENTS}/{{event}}", VIEW, webhooks.event, "webhooks:events:info"),
)

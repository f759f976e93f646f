"""Webhooks as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba.schema.platform import Named, Reference

# The header by which the answer to a new webhook says what deliveries are signed with.
SECRET_HEADER = "Heroku-Webhook-Secret"  # noqa: S105 the name of a header


class Webhook(msgspec.Struct, frozen=True):
    """A webhook of an app."""

    id: str
    app: Reference
    url: str
    include: list[str]
    level: str
    created_at: str
    updated_at: str


class AddonWebhook(msgspec.Struct, frozen=True):
    """A webhook of an add-on's provider."""

    id: str
    addon: Named
    url: str
    include: list[str]
    level: str
    created_at: str
    updated_at: str


class DeliveryEvent(msgspec.Struct, frozen=True):
    """The event that a delivery tells of."""

    id: str
    include: str


class DeliveryWebhook(msgspec.Struct, frozen=True):
    """The webhook that a delivery goes to."""

    id: str
    level: str


class Attempt(msgspec.Struct, frozen=True):
    """One request to the receiver."""

    id: str
    code: int | None
    error_class: str | None
    status: str
    created_at: str
    updated_at: str


class Delivery(msgspec.Struct, frozen=True):
    """An event on its way to a webhook; ``seq`` puts an app's deliveries in order."""

    id: str
    seq: int
    event: DeliveryEvent
    webhook: DeliveryWebhook
    status: str
    num_attempts: int
    next_attempt_at: str | None
    last_attempt: Attempt | None
    created_at: str
    updated_at: str


class Event(msgspec.Struct, frozen=True):
    """A change of an app, as webhooks are told of it."""

    id: str
    include: str
    payload: dict[str, Any]
    created_at: str
    updated_at: str

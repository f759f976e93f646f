"""Webhooks, their deliveries and events as the API shows them. No secret is among it."""

from __future__ import annotations

from hatoba.api.encode.basics import maybe, moment
from hatoba.model import webhook as model
from hatoba.model.addon import Addon
from hatoba.schema import webhooks as wire
from hatoba.schema.platform import Named, Reference


def webhook(one: model.Webhook) -> wire.Webhook:
    """Return the webhook."""
    return wire.Webhook(
        id=str(one.id),
        app=Reference(str(one.app_id)),
        url=one.url,
        include=list(one.include),
        level=one.level.value,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def addon_webhook(one: model.Webhook, addon: Addon) -> wire.AddonWebhook:
    """Return a webhook of an add-on's provider."""
    return wire.AddonWebhook(
        id=str(one.id),
        addon=Named(str(addon.id), addon.name),
        url=one.url,
        include=list(one.include),
        level=one.level.value,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def delivery(one: model.Delivery) -> wire.Delivery:
    """Return the delivery."""
    return wire.Delivery(
        id=str(one.id),
        seq=one.seq,
        event=wire.DeliveryEvent(str(one.event_id), one.include),
        webhook=wire.DeliveryWebhook(str(one.webhook_id), one.level.value),
        status=one.status.value,
        num_attempts=one.num_attempts,
        next_attempt_at=maybe(one.next_attempt_at),
        last_attempt=_attempt(one.last_attempt) if one.last_attempt else None,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def _attempt(one: model.Attempt) -> wire.Attempt:
    at = moment(one.at)
    status = "succeeded" if one.succeeded else "failed"
    return wire.Attempt(str(one.id), one.code, one.error, status, at, at)


def event(one: model.Event) -> wire.Event:
    """Return the event."""
    at = moment(one.created_at)
    return wire.Event(str(one.id), one.include, one.payload, at, at)

"""Webhooks: who is told of which changes of an app, and how often it is tried. Pure.

https://devcenter.heroku.com/articles/app-webhooks
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from hatoba.kit.retry import backoff

# The resource that a change is of -> the kinds of events that it makes.
ENTITIES: dict[str, tuple[str, ...]] = {
    "addon": ("api:addon",),
    "addon-attachment": ("api:addon-attachment",),
    "app": ("api:app",),
    "build": ("api:build",),
    "collaborator": ("api:collaborator",),
    "domain": ("api:domain",),
    "dyno": ("api:dyno", "dyno"),
    "formation": ("api:formation",),
    "release": ("api:release",),
    "sni-endpoint": ("api:sni-endpoint",),
}
KINDS = tuple(sorted(kind for kinds in ENTITIES.values() for kind in kinds))
MAX_WEBHOOKS = 20
MAX_SECRET = 1024
# What is kept of an app's past: so many deliveries and events, for so long.
KEPT_DELIVERIES = 1000
KEPT_FOR = timedelta(days=7)
# https://devcenter.heroku.com/changelog-items/2525: tried for 72 hours.
RETRIED_FOR = timedelta(hours=72)
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 10.0, 3600.0


class Level(StrEnum):
    """How hard it is tried: ``notify`` once, ``sync`` until it works or three days are over."""

    NOTIFY = "notify"
    SYNC = "sync"


class DeliveryStatus(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    RETRYING = "retrying"
    FAILED = "failed"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True)
class Webhook:
    """Somebody who is told of changes. The URL may hold a key."""

    id: UUID
    app_id: UUID
    url: str = field(repr=False)
    include: tuple[str, ...]
    level: Level
    created_at: datetime
    updated_at: datetime
    secret: str = field(repr=False)
    authorization: str | None = field(repr=False)


@dataclass(frozen=True)
class Change:
    """A row that was changed, as it was noted in the same transaction.

    ``data`` are its columns, without any that is secret; ``previous`` those before an update.
    """

    seq: int
    app_id: UUID
    resource: str
    action: str
    data: dict[str, Any]
    previous: dict[str, Any]
    actor_id: UUID | None
    at: datetime


@dataclass(frozen=True)
class Event:
    """A change in the shape in which it is told."""

    id: UUID
    app_id: UUID
    include: str
    payload: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class Attempt:
    """One request to a receiver: its answer's status, or in a word why there was none."""

    id: UUID
    at: datetime
    code: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken it."""
        return self.code is not None and 200 <= self.code < 300


@dataclass(frozen=True)
class Delivery:
    """An event on its way to one webhook."""

    id: UUID
    seq: int
    app_id: UUID
    webhook_id: UUID
    level: Level
    event_id: UUID
    include: str
    status: DeliveryStatus
    num_attempts: int
    next_attempt_at: datetime | None
    last_attempt: Attempt | None
    created_at: datetime
    updated_at: datetime


def merged(changes: Sequence[Change]) -> list[Change]:
    """Return what each transaction did to each row as one change.

    All changes of a transaction have the same moment. What was made and is gone is nothing.
    """
    found: dict[tuple[object, ...], Change] = {}
    for change in changes:
        key = (change.at, change.app_id, change.resource, change.data.get("id"))
        first = found.get(key)
        if first is None:
            found[key] = change
        elif first.action == "create" and change.action == "destroy":
            del found[key]
        else:
            action = change.action if first.action == "update" else first.action
            found[key] = replace(change, action=action, previous=first.previous)
    return list(found.values())


def url_problem(url: str) -> str | None:
    """Return why this can't be a webhook's URL, None when it can."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        known = known and parts.username is None
    except ValueError:
        known = False
    if known and url.isprintable() and " " not in url and len(url) <= 2048:
        return None
    return "Url is invalid: it must begin with https:// or http:// and name a host, without a user."


def include_problem(include: Sequence[str]) -> str | None:
    """Return why these can't be the entities of a webhook, None when they can."""
    unknown = [kind for kind in include if kind not in KINDS]
    if include and not unknown:
        return None
    wrong = f"has {unknown[0]!r}" if unknown else "is empty"
    return f"Include is invalid: it {wrong}. It may have {', '.join(KINDS)}."


def signature(secret: str, body: bytes) -> str:
    """Return what ``Heroku-Webhook-Hmac-SHA256`` says of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def after_attempt(delivery: Delivery, attempt: Attempt) -> tuple[DeliveryStatus, datetime | None]:
    """Return what becomes of a delivery, and when it is tried again."""
    if attempt.succeeded:
        return DeliveryStatus.SUCCEEDED, None
    late = attempt.at >= delivery.created_at + RETRIED_FOR
    if delivery.level is Level.NOTIFY or late:
        return DeliveryStatus.FAILED, None
    seconds = backoff(delivery.num_attempts, first=_FIRST_RETRY_SECONDS, cap=_LONGEST_RETRY_SECONDS)
    return DeliveryStatus.RETRYING, attempt.at + timedelta(seconds=seconds)

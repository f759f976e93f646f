"""Key-value stores as Heroku's data API has them."""

from __future__ import annotations

from typing import Any

import msgspec


class Fact(msgspec.Struct, frozen=True):
    """One line of what is told of an instance."""

    name: str
    values: list[str]


class KeyValue(msgspec.Struct, frozen=True):
    """An instance. ``resource_url`` holds the password."""

    addon_id: str
    name: str
    plan: str
    created_at: str
    info: list[Fact]
    resource_url: str | None = None
    prefer_native_tls: bool = False
    version: str = ""


class Waiting(msgspec.Struct, frozen=True):
    """Whether it is still being made."""

    waiting: bool = msgspec.field(name="waiting?")
    message: str


class Settings(msgspec.Struct, frozen=True):
    """Its settings, each with ``value``; the policy also with the ``values`` there are."""

    maxmemory_policy: dict[str, Any]
    timeout: dict[str, Any]
    notify_keyspace_events: dict[str, Any]

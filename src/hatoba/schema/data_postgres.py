"""Shapes of the younger data API for Postgres, ``/data/postgres/v1``."""

from __future__ import annotations

from typing import Any

import msgspec


class Named(msgspec.Struct, frozen=True):
    """The name of an add-on or app."""

    name: str


class Rollback(msgspec.Struct, frozen=True):
    """Whether a database can be had as it was, and since when."""

    enabled: bool
    earliest_time: str | None


class Features(msgspec.Struct, frozen=True):
    """What can be done with a database."""

    rollback: Rollback


class Limit(msgspec.Struct, frozen=True):
    """One of a plan's limits, and how much of it is used."""

    name: str
    current: float
    limit: float


class Info(msgspec.Struct, frozen=True):
    """A database. Pools and quotas are the Advanced tier's; here there are none."""

    addon: Named
    app: Named
    created_at: str
    features: Features
    forked_from: Named | None
    pools: list[Any]
    quotas: list[Any]
    plan_limits: list[Limit]
    region: str
    status: str
    tier: str
    version: str


class Waiting(msgspec.Struct, frozen=True):
    """Whether something is still being done with a database."""

    waiting: bool
    message: str


class Items(msgspec.Struct, frozen=True):
    """A list."""

    items: list[Any]


class Setting(msgspec.Struct, frozen=True):
    """A setting's value now."""

    name: str
    current: str


class Change(msgspec.Struct, frozen=True):
    """A setting's value before and after."""

    name: str
    previous: str
    current: str


class Changes(msgspec.Struct, frozen=True):
    """What was changed."""

    changes: list[Change]


class Role(msgspec.Struct, frozen=True):
    """A role of a credential."""

    user: str
    password: str
    state: str

    def __repr__(self) -> str:
        return f"Role(user={self.user!r})"


class Credential(msgspec.Struct, frozen=True):
    """A credential; without ``roles`` as one of a list."""

    name: str
    type: str
    state: str


class FullCredential(Credential, frozen=True):
    """A credential and how to connect as it."""

    database: str
    host: str
    port: int
    roles: list[Role]


class Version(msgspec.Struct, frozen=True):
    """The version that an upgrade leads to."""

    version: str

"""Shapes of the younger data API for Postgres, ``/data/postgres/v1``."""

from __future__ import annotations

from typing import Any

import msgspec


class Named(msgspec.Struct, frozen=True):
    """An add-on or app."""

    id: str
    name: str


class Enabled(msgspec.Struct, frozen=True):
    """Whether a database can do a thing."""

    enabled: bool


class Credentials(msgspec.Struct, frozen=True):
    """Whether more credentials can be made, and how many there are."""

    enabled: bool
    current_count: int


class Rollback(msgspec.Struct, frozen=True):
    """Whether a database can be had as it was, and since when."""

    enabled: bool
    earliest_time: str | None
    latest_time: str | None


class Features(msgspec.Struct, frozen=True):
    """What can be done with a database."""

    continuous_protection: Enabled
    credentials: Credentials
    data_encryption: Enabled
    fork: Enabled
    highly_available: Enabled
    rollback: Rollback


class Waiting(msgspec.Struct, frozen=True):
    """Whether something is still being done with a database."""

    waiting: bool
    message: str


class Endpoint(msgspec.Struct, frozen=True):
    """Where a server is reached."""

    host: str
    port: int
    status: str


class Instance(msgspec.Struct, frozen=True):
    """A server."""

    id: str
    level: str
    name: str
    role: str
    status: str
    updated_at: str


class Pool(msgspec.Struct, frozen=True):
    """The servers that a database is on: here one, ``leader``."""

    id: str
    name: str
    status: str
    connections_used: int
    expected_connection_limit: int
    expected_count: int
    expected_level: str
    compute_instances: list[Instance]
    endpoints: list[Endpoint]
    wait_status: Waiting


class Quota(msgspec.Struct, frozen=True):
    """How much may be stored: beyond ``critical_gb`` writes are refused, when that is in force."""

    type: str
    current_gb: float
    warning_gb: float | None
    critical_gb: float
    enforcement_action: str
    enforcement_active: bool


class Limit(msgspec.Struct, frozen=True):
    """One of a plan's limits, and how much of it is used."""

    name: str
    current: float
    limit: float


class Info(msgspec.Struct, frozen=True):
    """A database. Its plan has made its one pool and its quota."""

    addon: Named
    app: Named
    created_at: str
    features: Features
    forked_from: Named | None
    pools: list[Pool]
    quotas: list[Quota]
    plan_limits: list[Limit]
    region: str
    status: str
    tier: str
    version: str


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

"""Databases and credentials as the younger data API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment
from hatoba.api.encode.databases import Shown
from hatoba.api.encode.databases import waiting as older
from hatoba.model import database as rules
from hatoba.model.database import Credential, Database
from hatoba.schema import data_postgres as wire

_GIB = 1024**3


def info(one: Database, shown: Shown, app: str) -> wire.Info:
    """Return the database."""
    earliest = shown.protection.earliest
    enabled = one.limits.tier is not rules.Tier.ESSENTIAL and one.following is None
    limits = [
        wire.Limit(
            "storage-limit-in-gb", shown.view.size_bytes / _GIB, one.limits.size_bytes / _GIB
        ),
        wire.Limit("connection-limit", shown.view.connections, one.limits.connections),
    ]
    return wire.Info(
        addon=wire.Named(shown.name),
        app=wire.Named(app),
        created_at=moment(one.created_at),
        features=wire.Features(
            wire.Rollback(enabled=enabled, earliest_time=moment(earliest) if earliest else None)
        ),
        forked_from=None,
        pools=[],
        quotas=[],
        plan_limits=limits,
        region="local",
        status=one.state,
        tier=one.limits.tier,
        version=shown.view.version,
    )


def waiting(one: Database) -> wire.Waiting:
    """Return how far a database is."""
    status = older(one)
    return wire.Waiting(status.waiting, status.message)


def credential(one: Credential) -> wire.Credential:
    """Return a credential as one of a list."""
    return wire.Credential(one.name, _type(one), "active")


def full_credential(database: Database, one: Credential) -> wire.FullCredential:
    """Return a credential with its password."""
    return wire.FullCredential(
        name=one.name,
        type=_type(one),
        state="active",
        database=database.name,
        host=rules.HOST,
        port=database.server.port,
        roles=[wire.Role(one.role, one.password, "active")],
    )


def _type(one: Credential) -> str:
    return "owner" if one.name == rules.DEFAULT_CREDENTIAL else "additional"

"""Databases and credentials as the younger data API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import fixed_id, moment
from hatoba.api.encode.databases import Shown
from hatoba.api.encode.databases import waiting as older
from hatoba.model import database as rules
from hatoba.model.app import App
from hatoba.model.database import Credential, Database, DatabaseView
from hatoba.schema import data_postgres as wire

STORAGE = "storage"
_GIB = 1024**3


def info(one: Database, shown: Shown, app: App) -> wire.Info:
    """Return the database."""
    limits = [
        wire.Limit(
            "storage-limit-in-gb", shown.view.size_bytes / _GIB, one.limits.size_bytes / _GIB
        ),
        wire.Limit("connection-limit", shown.view.connections, one.limits.connections),
    ]
    return wire.Info(
        addon=wire.Named(str(one.id), shown.name),
        app=wire.Named(str(app.id), app.name),
        created_at=moment(one.created_at),
        features=_features(one, shown),
        forked_from=None,
        pools=[_pool(one, shown)],
        quotas=[quota(one, shown.view)],
        plan_limits=limits,
        region="local",
        status=one.state,
        tier=one.limits.tier,
        version=shown.view.version,
    )


def _features(one: Database, shown: Shown) -> wire.Features:
    own_server = one.limits.tier is not rules.Tier.ESSENTIAL
    earliest = shown.protection.earliest
    return wire.Features(
        continuous_protection=wire.Enabled(shown.protection.on),
        credentials=wire.Credentials(own_server, shown.credentials),
        data_encryption=wire.Enabled(enabled=False),
        fork=wire.Enabled(own_server),
        highly_available=wire.Enabled(enabled=False),
        rollback=wire.Rollback(
            enabled=own_server and one.following is None,
            earliest_time=moment(earliest) if earliest else None,
            latest_time=None,
        ),
    )


def _pool(one: Database, shown: Shown) -> wire.Pool:
    up = "available" if one.state is rules.State.AVAILABLE else "modifying"
    server = one.server
    instance = wire.Instance(
        id=str(server.id),
        level=one.plan,
        name=f"leader.{server.port}",
        role="follower" if one.following else "leader",
        status="up" if up == "available" else up,
        updated_at=moment(one.created_at),
    )
    return wire.Pool(
        id=fixed_id("pool", str(one.id)),
        name="leader",
        status=up,
        connections_used=shown.view.connections,
        expected_connection_limit=one.limits.connections,
        expected_count=1,
        expected_level=one.plan,
        compute_instances=[instance],
        endpoints=[wire.Endpoint(rules.HOST, server.port, up)],
        wait_status=waiting(one),
    )


def quota(one: Database, view: DatabaseView) -> wire.Quota:
    """Return what a database stores of what its plan allows."""
    return wire.Quota(
        type=STORAGE,
        current_gb=view.size_bytes / _GIB,
        warning_gb=one.quota.warning_gb,
        critical_gb=one.quota.critical(one.limits.size_bytes),
        enforcement_action=one.quota.enforcement_action,
        enforcement_active=one.over_since is not None,
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

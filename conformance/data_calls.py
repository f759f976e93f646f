"""The calls of the data API that the official CLI makes, and the fields that it reads of each.

They stand in an order in which they can be made: ``{name}`` is what the world has of that kind.
Recorded from the official CLI; see tests/e2e/official for what it prints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.shapes import Shape

_V11 = "/client/v11/databases/{database}"
_APP = "/client/v11/apps/{app}/transfers"
_V0 = "/postgres/v0/databases/{database}"
_V1 = "/data/postgres/v1/{database}"
_KV = "/redis/v0/databases/{store}"

_MESSAGE: Shape = {"message": str}
_WAIT: dict[str, Shape] = {"waiting?": bool, "error?": bool, "message": str}
_TRANSFER: Shape = {
    "uuid": str,
    "num": int,
    "from_type": str,
    "to_type": str,
    "from_name": str,
    "to_name": str,
    "to_url": str,
    "created_at": str,
    "started_at": str | None,
    "finished_at": str | None,
    "canceled_at": str | None,
    "succeeded": bool | None,
    "warnings": int,
    "processed_bytes": int,
    "source_bytes": int,
    "options": dict,
    "schedule": dict | None,
    "logs": list,
}
_SCHEDULE: Shape = {"uuid": str, "name": str, "hour": int | str, "timezone": str}
_DATABASE: Shape = {
    "resource_url": str,
    "following": str | None,
    "leader": str | None,
    "info": [{"name": str, "values": list}],
}
_CREDENTIAL: Shape = {
    "uuid": str,
    "name": str,
    "state": str,
    "database": str,
    "host": str,
    "port": int | str,
    "credentials": [{"user": str, "password": str, "state": str, "connections": int}],
}
_SETTINGS: Shape = {
    name: {"value": None, "values": dict, "desc": str}
    for name in (
        "log_lock_waits",
        "log_connections",
        "log_statement",
        "log_min_duration_statement",
        "log_min_error_statement",
        "track_functions",
        "data_connector_details_logs",
        "auto_explain",
        "auto_explain.log_analyze",
        "auto_explain.log_buffers",
        "auto_explain.log_format",
        "auto_explain.log_min_duration",
        "auto_explain.log_nested_statements",
        "auto_explain.log_triggers",
        "auto_explain.log_verbose",
    )
}
_QUOTA: Shape = {
    "type": str,
    "current_gb": int | float | None,
    "warning_gb": int | float | None,
    "critical_gb": int | float | None,
    "enforcement_active": bool,
    "enforcement_action": str,
}
_POOL: Shape = {
    "id": str,
    "name": str,
    "status": str,
    "connections_used": int | None,
    "expected_connection_limit": int,
    "expected_count": int,
    "expected_level": str,
    "compute_instances": [{"id": str, "role": str, "status": str}],
}
_INFO: Shape = {
    "addon": {"id": str, "name": str},
    "app": {"name": str},
    "created_at": str,
    "features": {"rollback": {"enabled": bool, "earliest_time": str | None}},
    "forked_from": dict | None,
    "pools": [_POOL],
    "quotas": [_QUOTA],
    "plan_limits": [{"name": str, "current": int | float, "limit": int | float}],
    "region": str,
    "status": str,
    "tier": str,
    "version": str,
}
_LINK: Shape = {
    "name": str,
    "created_at": str,
    "remote": {"name": str, "attachment_name": str},
}
_V1_CREDENTIAL: Shape = {
    "name": str,
    "type": str,
    "state": str,
    "database": str,
    "host": str,
    "port": int | str,
    "roles": [{"user": str, "password": str, "state": str}],
}
_POOLS = "Pools are of Heroku's Advanced tier; copies to read from are add-ons of their own."
_MIGRATIONS = "There is no Advanced tier to migrate to; heroku pg:copy moves between plans."


@dataclass(frozen=True)
class DataCall:
    """One call: what is sent, what is read. With ``absent`` an error has to say it."""

    name: str
    reads: Shape = None
    body: object = None
    absent: str = ""

    @property
    def method(self) -> str:
        """GET, POST …"""
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path with names in braces."""
        return self.name.partition(" ")[2]

    @property
    def shape(self) -> str:
        """Method and path, as in ``GET /client/v11/databases/{}``."""
        return re.sub(r"\{[^}]*\}", "{}", self.name)


CALLS: tuple[DataCall, ...] = (
    DataCall(f"GET {_V11}", _DATABASE),
    DataCall(f"GET {_V11}/wait_status", _WAIT),
    DataCall(f"GET {_V11}/bastion", dict),
    DataCall(f"GET {_V11}/metrics", dict),
    DataCall(f"GET {_V11}/burst_status", dict),
    DataCall(f"POST {_V11}/links", _LINK, {"as": "boats", "target": "{old}"}),
    DataCall(f"GET {_V11}/links", [_LINK]),
    DataCall(f"DELETE {_V11}/links/{{link}}"),
    DataCall(
        f"POST {_V11}/connection-pooling",
        {"name": str},
        body={"app": "{app}", "credential": "default"},
    ),
    DataCall(f"POST {_V11}/connection_reset", dict),
    DataCall(f"PUT {_V11}/stats_reset", _MESSAGE),
    DataCall(f"POST {_V11}/backups", _TRANSFER),
    DataCall(f"GET {_APP}", [_TRANSFER]),
    DataCall(f"GET {_APP}/{{transfer}}", _TRANSFER),
    DataCall(f"POST {_APP}/{{transfer}}/actions/public-url", {"url": str, "expires_at": str}),
    DataCall(f"POST {_APP}/{{pending}}/actions/cancel", {"uuid": str, "finished_at": str | None}),
    DataCall(f"POST {_V11}/restores", _TRANSFER, {"backup_url": "{backup-url}"}),
    DataCall(
        "POST /client/v11/databases/{spare}/transfers",
        _TRANSFER,
        {"from_name": "MAIN", "from_url": "{url}", "to_name": "SPARE", "to_url": "{spare-url}"},
    ),
    DataCall(f"DELETE {_APP}/{{transfer}}"),
    DataCall(
        f"POST {_V11}/transfer-schedules",
        _SCHEDULE,
        {"hour": "02", "timezone": "America/New_York", "schedule_name": "DATABASE_URL"},
    ),
    DataCall(f"GET {_V11}/transfer-schedules", [_SCHEDULE]),
    DataCall(f"DELETE {_V11}/transfer-schedules/{{schedule}}"),
    DataCall(f"GET {_V0}/config", _SETTINGS),
    DataCall(f"PATCH {_V0}/config", _SETTINGS, {"log_statement": "all"}),
    DataCall(f"POST {_V0}/credentials", body={"name": "analyst"}),
    DataCall(f"GET {_V0}/credentials", [_CREDENTIAL]),
    DataCall(f"GET {_V0}/credentials/{{credential}}", _CREDENTIAL),
    DataCall(f"POST {_V0}/credentials/{{credential}}/credentials_rotation", dict),
    DataCall(f"POST {_V0}/credentials_rotation", dict),
    DataCall(f"POST {_V0}/repair-default", dict),
    DataCall(f"DELETE {_V0}/credentials/{{credential}}"),
    DataCall("GET /data/postgres/v1/levels/advanced", {"items": list}),
    DataCall(
        "GET /data/postgres/v1/pricing",
        {"advanced": dict, "advanced-private": dict, "advanced-shield": dict},
    ),
    DataCall(f"GET {_V1}/info", _INFO),
    DataCall(f"GET {_V1}/wait_status", {"waiting": bool, "message": str | None}),
    DataCall(f"GET {_V1}/settings", {"items": [{"name": str, "current": str}]}),
    DataCall(
        f"PUT {_V1}/settings",
        {"changes": [{"name": str, "previous": str, "current": str}]},
        {"settings": "log_statement:ddl"},
    ),
    DataCall(f"GET {_V1}/quotas", {"items": [_QUOTA]}),
    DataCall(f"GET {_V1}/quotas/{{quota}}", _QUOTA),
    DataCall(
        f"PATCH {_V1}/quotas/{{quota}}",
        _QUOTA,
        {"warning_gb": 12, "critical_gb": 15, "enforcement_action": "notify"},
    ),
    DataCall(f"POST {_V1}/credentials", body={"name": "auditor"}),
    DataCall(f"GET {_V1}/credentials", {"items": [{"name": str, "type": str, "state": str}]}),
    DataCall(f"GET {_V1}/credentials/{{v1-credential}}", _V1_CREDENTIAL),
    DataCall(f"POST {_V1}/credentials/{{v1-credential}}/rotate", dict),
    DataCall(f"POST {_V1}/rotate_credentials", dict),
    DataCall(f"DELETE {_V1}/credentials/{{v1-credential}}"),
    DataCall(f"POST {_V1}/pools", body={"count": 1, "level": "4G-Performance"}, absent=_POOLS),
    DataCall(f"PATCH {_V1}/pools/{{pool}}", body={"count": 2}, absent=_POOLS),
    DataCall(f"DELETE {_V1}/pools/{{pool}}", absent=_POOLS),
    DataCall(f"GET {_V1}/migrations", absent=_MIGRATIONS),
    DataCall(
        f"POST {_V1}/migrations",
        body={"method": "full-load", "source_id": "{database}"},
        absent=_MIGRATIONS,
    ),
    DataCall(f"POST {_V1}/migrations/run", absent=_MIGRATIONS),
    DataCall(f"POST {_V1}/migrations/cancel", absent=_MIGRATIONS),
    DataCall("PUT /client/v11/databases/{follower}/unfollow", dict),
    DataCall(f"POST {_V11}/upgrade/prepare", _MESSAGE, {}),
    DataCall(f"POST {_V11}/upgrade/cancel", _MESSAGE, {}),
    DataCall(f"POST {_V11}/upgrade/dry_run", _MESSAGE, {}),
    DataCall("POST /data/postgres/v1/{old}/upgrade/run", {"version": str}, {}),
    DataCall(f"GET {_V11}/upgrade/wait_status", {**_WAIT, "step": str}),
    DataCall(f"POST {_V11}/upgrade/run", _MESSAGE, {}),
    DataCall(f"PUT {_V11}/reset", dict, {"extensions": ["hstore"]}),
    DataCall(
        f"GET {_KV}",
        {
            "info": [{"name": str, "values": list}],
            "plan": str,
            "prefer_native_tls": bool,
            "resource_url": str,
        },
    ),
    DataCall(f"GET {_KV}/wait", {"waiting?": bool, "message": str}),
    DataCall(
        f"PATCH {_KV}/config",
        {
            "maxmemory_policy": {"value": str, "values": dict},
            "timeout": {"value": int},
            "notify_keyspace_events": {"value": str},
        },
        {"maxmemory_policy": "allkeys-lru"},
    ),
    DataCall(f"POST {_KV}/credentials_rotation", dict, {}),
    DataCall(f"POST {_KV}/stats/reset", _MESSAGE, {}),
    DataCall(f"POST {_KV}/upgrade", _MESSAGE, {"version": "{newest-valkey}"}),
)

"""Key-value stores as the data API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hatoba.api.encode.basics import moment
from hatoba.model.addon import Addon
from hatoba.model.key_value import POLICIES, KeyValue
from hatoba.schema import key_values as wire

_MIB = 1024 * 1024


def key_value(one: KeyValue, addon: Addon, seen: Mapping[str, Any]) -> wire.KeyValue:
    """Return an instance; ``seen`` is what its server says of itself."""
    version = str(seen.get("valkey_version") or seen.get("redis_version") or "")
    used = int(seen.get("used_memory_dataset", 0)) / _MIB
    limit = one.limits.memory_bytes // _MIB
    facts = {
        "Plan": one.limits.human,
        "Status": "available",
        "Created": moment(one.created_at),
        "Version": version,
        "Timeout": str(one.timeout),
        "Maxmemory": one.policy,
        "Memory": f"{used:.1f}/{limit} MB",
        "Connections": f"{seen.get('connected_clients', 0)}/{one.limits.connections}",
        "Keyspace notifications": one.notify or "off",
        "Persistence": "append-only file, written every second",
    }
    return wire.KeyValue(
        addon_id=str(one.id),
        name=addon.name,
        # The data API's word for servers without TLS, which are on this machine only.
        plan=f"hobby-{one.plan}",
        created_at=moment(one.created_at),
        info=[wire.Fact(name, [value]) for name, value in facts.items()],
        resource_url=one.url,
        version=version,
    )


def settings(one: KeyValue) -> wire.Settings:
    """Return its settings."""
    return wire.Settings(
        maxmemory_policy={"value": one.policy, "values": dict(POLICIES)},
        timeout={"value": one.timeout},
        notify_keyspace_events={"value": one.notify},
    )

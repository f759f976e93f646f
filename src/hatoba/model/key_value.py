"""Heroku Key-Value Store: plans, instances, and what can be set on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

SERVICE = "heroku-redis"
DEFAULT_PLAN = "mini"
HOST = "localhost"
# Apart from those of databases, and below those that clients' sockets get.
_FIRST_PORT, _LAST_PORT = 30000, 32699
_MIB = 1024**2


@dataclass(frozen=True)
class KeyValuePlan:
    """A plan's limits: sessions at a time, and bytes of data.

    Numbers: https://devcenter.heroku.com/articles/heroku-key-value-store-production-plans.
    """

    name: str
    connections: int
    memory_bytes: int

    @property
    def human(self) -> str:
        """The name as people read it, such as Premium 0."""
        return self.name.replace("-", " ").capitalize()


PLANS: Mapping[str, KeyValuePlan] = {
    plan.name: plan
    for plan in (
        KeyValuePlan("mini", 20, 25 * _MIB),
        KeyValuePlan("premium-0", 40, 50 * _MIB),
        KeyValuePlan("premium-1", 80, 100 * _MIB),
        KeyValuePlan("premium-2", 200, 250 * _MIB),
        KeyValuePlan("premium-3", 400, 500 * _MIB),
        KeyValuePlan("premium-5", 1000, 1024 * _MIB),
    )
}

POLICIES: Mapping[str, str] = {
    "noeviction": "return errors when memory limit is reached",
    "allkeys-lru": "evict any key trying to remove the less recently used ones first",
    "volatile-lru": "evict keys trying to remove the less recently used keys first, but only those "
    "with an expiry set",
    "allkeys-lfu": "evict any key trying to remove the less frequently used ones first",
    "volatile-lfu": "evict keys trying to remove the less frequently used ones first, but only "
    "those with an expiry set",
    "allkeys-random": "evict random keys",
    "volatile-random": "evict random keys, but only those with an expiry set",
    "volatile-ttl": "evict keys with an expiry set and try to evict keys with a shorter TTL first",
}
"""What becomes of keys when memory is full, in the words of the official command line."""

_EVENTS = frozenset("KEg$lshzxetdmnoA")


@dataclass(frozen=True)
class KeyValue:
    """An instance; its id is that of its add-on. The password never shows itself.

    ``timeout`` is seconds that a session may be idle, 0 for no limit; ``notify`` is which
    keyspace events are published. ``version`` is the line of versions that its server is of,
    such as 9.1; None for whichever is there.
    """

    id: UUID
    plan: str
    port: int
    password: str = field(repr=False)
    policy: str
    timeout: int
    notify: str
    created_at: datetime
    version: str | None = None

    @property
    def limits(self) -> KeyValuePlan:
        """The plan's limits."""
        return PLANS[self.plan]

    @property
    def url(self) -> str:
        """The URL by which dynos and people connect; it holds the password."""
        return f"redis://:{quote(self.password, safe='')}@{HOST}:{self.port}"


def ports(seed: int) -> list[int]:
    """Return the ports to try for a new server."""
    count = _LAST_PORT - _FIRST_PORT + 1
    return [_FIRST_PORT + (seed + step) % count for step in range(count)]


def setting_problem(name: str, value: object) -> str | None:
    """Return why a setting can't have that value, None when it can."""
    match name:
        case "maxmemory_policy" if value not in POLICIES:
            return f"There is no policy {value}. Choose one of: {', '.join(POLICIES)}."
        case "timeout" if not isinstance(value, int) or not 0 <= value <= 86_400:
            return "The timeout must be a number of seconds from 0 to 86400."
        case "notify_keyspace_events" if not isinstance(value, str) or set(value) - _EVENTS:
            return f"Keyspace events can only be letters of {''.join(sorted(_EVENTS))}."
    return None

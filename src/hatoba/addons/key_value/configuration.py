"""A Valkey server's configuration file. Pure.

https://github.com/valkey-io/valkey/blob/9.1/valkey.conf
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hatoba.model.key_value import KeyValue

ADMIN = "hatoba"
"""The user that only the platform is."""
# The platform's own sessions come on top of the plan's.
_RESERVED_CONNECTIONS = 5
# What could take the server down, open files, or hand the data to another one is not the
# customer's; looking at clients and slow commands is.
_CUSTOMER = "~* &* +@all -@admin +monitor +slowlog +latency +client|list +client|kill"
_TRUE = "yes"


def text(instance: KeyValue, folder: Path, admin_password: str) -> str:
    """Return the file's text. It holds passwords' digests only."""
    limits = instance.limits
    lines = {
        "bind": "127.0.0.1 -::1",
        "port": instance.port,
        "dir": folder,
        "daemonize": "no",
        # Its supervisor knows it by its command line.
        "set-proc-title": "no",
        "appendonly": _TRUE,
        "appendfsync": "everysec",
        "save": '""',
        "maxclients": limits.connections + _RESERVED_CONNECTIONS,
        "maxmemory": limits.memory_bytes,
        "maxmemory-policy": instance.policy,
        "timeout": instance.timeout,
        "notify-keyspace-events": f'"{instance.notify}"',
        "enable-debug-command": "no",
        "enable-module-command": "no",
    }
    users = (
        f"user default on sanitize-payload {password_rule(instance.password)} {_CUSTOMER}",
        f"user {ADMIN} on {password_rule(admin_password)} ~* &* +@all",
    )
    settings = [f"{name} {value}" for name, value in lines.items()]
    return "\n".join([*settings, *users, ""])


def password_rule(password: str) -> str:
    """Return how a user's password is given, by its digest."""
    return f"#{hashlib.sha256(password.encode()).hexdigest()}"

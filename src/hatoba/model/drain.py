"""Log drains."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

SCHEMES = ("https", "http", "syslog+tls", "syslog")
# https://devcenter.heroku.com/articles/log-drains
MAX_DRAINS = 5
_SYSLOG_PORTS = {"syslog": 514, "syslog+tls": 6514}


@dataclass(frozen=True)
class Drain:
    """Where an app's lines are sent on to. ``url`` may hold a password or a key."""

    id: UUID
    app_id: UUID
    url: str = field(repr=False)
    created_at: datetime
    updated_at: datetime

    @property
    def token(self) -> str:
        """By which the receiver knows the drain."""
        return f"d.{self.id}"


@dataclass(frozen=True)
class SyslogAddress:
    """Where a syslog server listens; the default ports are 514, and 6514 over TLS (RFC 5425)."""

    host: str
    port: int
    tls: bool


def url_problem(url: str) -> str | None:
    """Return why this can't be a drain's URL, None when it can."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if known and url.isprintable() and " " not in url:
        return None
    return "Url is invalid: it must begin with https://, http://, syslog+tls:// or syslog://."


def syslog_address(url: str) -> SyslogAddress | None:
    """Return where to send syslog to, None for a drain over HTTP."""
    parts: SplitResult = urlsplit(url)
    if parts.scheme not in _SYSLOG_PORTS or parts.hostname is None:
        return None
    port = parts.port or _SYSLOG_PORTS[parts.scheme]
    return SyslogAddress(parts.hostname, port, tls=parts.scheme == "syslog+tls")

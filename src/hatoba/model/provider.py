"""Providers of add-ons elsewhere: what their manifests say, and what they hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from hatoba.model.account import Account
from hatoba.model.addon import AddonPlan

ACCEPTED_FOR = timedelta(hours=12)
"""A provider that takes longer to make what it has accepted is told to drop it."""
GRANT_LASTS = timedelta(minutes=5)
ACCESS_LASTS = timedelta(hours=8)
REGION = "amazon-web-services::us-east-1"
"""What Heroku calls its region us when it speaks to providers."""
DRAINS = "syslog_drain"
LOG_INPUT = "log_input"
MAX_MESSAGE = 1000

_ID = re.compile(r"[a-z][a-z0-9-]{1,49}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_PLAN = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class Provider:
    """A service that somebody else offers, as its manifest describes it.

    ``config_vars`` are whole names; ``client_secret`` is what its grants are exchanged with.
    """

    id: str
    human_name: str
    prefix: str
    config_vars: tuple[str, ...]
    base_url: str
    sso_url: str | None
    requires: frozenset[str]
    regions: tuple[str, ...]
    plans: tuple[AddonPlan, ...]
    password: str = field(repr=False)
    sso_salt: str = field(repr=False)
    client_secret: str = field(repr=False)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The ends of its config vars: ``URL`` of ``ACME_URL``."""
        return tuple(name.removeprefix(f"{self.prefix}_") for name in self.config_vars)

    def problem(self) -> str | None:
        """Return why this can't be offered, in a whole sentence; None when it can."""
        if not _ID.fullmatch(self.id):
            return "The id must be lower case letters, digits and dashes, such as acme-search."
        for name in self.config_vars:
            if not _VARIABLE.fullmatch(name) or not name.startswith(f"{self.prefix}_"):
                return f"The config var {name} must begin with {self.prefix}_."
        if not self.password:
            return "The manifest needs api.password, which the provider is called with."
        for url in filter(None, (self.base_url, self.sso_url)):
            if not _safe(url):
                return f"{url} must be an https:// address; http:// only on this machine."
        if not self.plans or any(not _PLAN.fullmatch(plan.name) for plan in self.plans):
            return "Plans must be named in lower case letters, digits, dots and dashes."
        names = [plan.name for plan in self.plans]
        return "Two plans have the same name." if len(set(names)) < len(names) else None


def _safe(url: str) -> bool:
    """Tell whether a password may be sent there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.username or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _here(host))


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def prefix_of(service: str) -> str:
    """Return the prefix of config vars of a service that names none: fast-db has FAST_DB."""
    return service.upper().replace("-", "_")


class Holding(StrEnum):
    """What a provider has of an add-on, as far as it is known."""

    RESERVED = "reserved"
    """Nothing: it was not asked yet."""
    ASKED = "asked"
    """Perhaps something: it was asked, and its answer is not known."""
    ACCEPTED = "accepted"
    """It is making it, and will say when it has."""
    HELD = "held"
    GONE = "gone"
    """Nothing: it refused, or has let go."""


@dataclass(frozen=True)
class Resource:
    """What a provider holds for an add-on. ``options`` are those of its making.

    The grant is what it may exchange for tokens; ``granted_at`` is when it was last given it.
    """

    id: UUID
    provider: str
    state: Holding
    options: Mapping[str, str]
    config: Mapping[str, str] = field(repr=False)
    granted_at: datetime | None = None
    access_until: datetime | None = None


def said(body: Mapping[str, object], otherwise: str = "") -> str:
    """Return the message of a provider's answer, fit to be shown on one screen."""
    raw = body.get("message")
    text = raw if isinstance(raw, str) else ""
    plain = "".join(c for c in text if c.isprintable() or c == "\n").strip()
    return plain[:MAX_MESSAGE] or otherwise


def config_of(body: Mapping[str, object]) -> dict[str, str] | None:
    """Return the config vars of a provider's answer, None when they aren't names and texts."""
    given = body.get("config", {})
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        return None
    return {str(name): value for name, value in given.items()}


def sso_fields(
    provider: Provider, resource: UUID, now: datetime, account: Account
) -> dict[str, str]:
    """Return what proves to a provider who comes, and from where.

    ``resource_token`` is of Heroku's version 3, ``user_scoped_resource_token`` its better one.
    """
    moment = str(int(now.timestamp()))
    pair = f"{resource}:{provider.sso_salt}:{moment}"
    token = hashlib.sha1(pair.encode()).hexdigest()  # noqa: S324 the protocol's own
    scoped = hashlib.sha256(f"{pair}:{account.id}:{account.email}".encode()).hexdigest()
    return {
        "resource_id": str(resource),
        "resource_token": token,
        "user_scoped_resource_token": scoped,
        "id": str(resource),
        "token": token,
        "timestamp": moment,
        "email": account.email,
        "user_id": str(account.id),
    }

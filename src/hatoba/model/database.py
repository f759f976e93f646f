"""Heroku Postgres: plans, databases, the servers that they are on, and their credentials."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from hatoba.model.database_quota import Level, Quota

SERVICE = "heroku-postgresql"
DEFAULT_PLAN = "essential-0"
DEFAULT_CREDENTIAL = "default"
HOST = "localhost"
"""Official psql commands demand TLS of every other host name."""
TRASH_DAYS = 7
# https://devcenter.heroku.com/articles/heroku-postgres-rollback
_ROLLBACK_DAYS = 4
_GIB = 1024**3
_CREDENTIAL_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,49}")
_FIRST_PORT, _LAST_PORT = 20000, 29999


class Tier(StrEnum):
    """What a plan shares with others: essential a server, standard nothing."""

    ESSENTIAL = "essential"
    STANDARD = "standard"


@dataclass(frozen=True)
class DatabasePlan:
    """A plan's limits: sessions at a time, and bytes of data.

    Numbers: https://devcenter.heroku.com/articles/heroku-postgres-plans.
    """

    name: str
    tier: Tier
    connections: int
    size_bytes: int

    @property
    def rollback(self) -> timedelta:
        """How far back a database can be had; not at all from a server that is shared."""
        return timedelta(days=_ROLLBACK_DAYS if self.tier is Tier.STANDARD else 0)

    @property
    def human(self) -> str:
        """The name as people read it, such as Standard 0."""
        tier, _, number = self.name.partition("-")
        return f"{tier.capitalize()} {number}"


PLANS: Mapping[str, DatabasePlan] = {
    plan.name: plan
    for plan in (
        DatabasePlan("essential-0", Tier.ESSENTIAL, 20, 1 * _GIB),
        DatabasePlan("essential-1", Tier.ESSENTIAL, 20, 10 * _GIB),
        DatabasePlan("essential-2", Tier.ESSENTIAL, 40, 32 * _GIB),
        DatabasePlan("standard-0", Tier.STANDARD, 120, 64 * _GIB),
        DatabasePlan("standard-2", Tier.STANDARD, 400, 256 * _GIB),
        DatabasePlan("standard-3", Tier.STANDARD, 500, 512 * _GIB),
        DatabasePlan("standard-4", Tier.STANDARD, 500, 768 * _GIB),
    )
}


class State(StrEnum):
    """How far a database is."""

    CREATING = "creating"
    AVAILABLE = "available"
    UPGRADING = "upgrading"
    FAILED = "failed"
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class DatabaseServer:
    """A Postgres server of the customers'. ``shared`` ones hold the essential databases."""

    id: UUID
    shared: bool
    port: int
    major: int


@dataclass(frozen=True)
class Database:
    """A database; its id is that of its add-on.

    ``following`` is the id of the database it copies, ``forked_from`` of the one it came
    from, as that one was at the moment ``recovered_to`` if there is one. ``over_since`` says
    since when writes are refused for its size, ``unarchived_since`` since when its log can't be
    put away. ``pool_port`` is that of its connection pooler, which it keeps once it had one;
    ``size_level`` is what was told of its size last.
    """

    id: UUID
    plan: str
    server: DatabaseServer
    name: str
    state: State
    created_at: datetime
    following: UUID | None = None
    forked_from: UUID | None = None
    recovered_to: datetime | None = None
    settings: Mapping[str, str | bool | int] = field(default_factory=dict)
    over_since: datetime | None = None
    unarchived_since: datetime | None = None
    problem: str | None = None
    pool_port: int | None = None
    quota: Quota = field(default_factory=Quota)
    size_level: Level = Level.WITHIN

    @property
    def limits(self) -> DatabasePlan:
        """The plan's limits."""
        return PLANS[self.plan]


@dataclass(frozen=True)
class Credential:
    """A role that may log in to a database. Its ``password`` never shows itself."""

    database_id: UUID
    name: str
    role: str
    password: str = field(repr=False)

    def url(self, database: Database) -> str:
        """Return the URL by which dynos and people connect."""
        return self._url(database, database.server.port)

    def pooled_url(self, database: Database) -> str:
        """Return the URL by which they connect over the database's pooler."""
        return self._url(database, database.pool_port or database.server.port)

    def _url(self, database: Database, port: int) -> str:
        user = f"{self.role}:{quote(self.password, safe='')}"
        return f"postgres://{user}@{HOST}:{port}/{database.name}"


@dataclass(frozen=True)
class TrashedDatabase:
    """The content that a database had before it was reset, kept under another name."""

    id: UUID
    database_id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True)
class DatabaseView:
    """A database as it was seen; ``behind`` is how old a follower's newest change is."""

    version: str
    size_bytes: int
    tables: int
    connections: int
    behind: timedelta | None = None


def new_name(kind: str) -> str:
    """Return a name that nobody has: ``d`` begins a database's, ``u`` a role's, as on Heroku."""
    letters = string.ascii_lowercase + string.digits
    return kind + "".join(secrets.choice(letters) for _ in range(13))


def new_password() -> str:
    """Return 256 random bits, in characters that need no escape in a URL."""
    return "p" + secrets.token_hex(32)


def log_name(attachment: str) -> str:
    """Return how lines of a log name the database of an attachment: ``DATABASE``, ``TEAL``."""
    return attachment.removeprefix("HEROKU_POSTGRESQL_")


def credential_problem(name: str) -> str | None:
    """Return why this can't be a credential's name, None when it can."""
    if _CREDENTIAL_NAME.fullmatch(name):
        return None
    return (
        "Name is invalid: it must begin with a letter or digit and have at most 50 letters, "
        "digits, dashes and underscores."
    )


def ports(seed: int) -> list[int]:
    """Return the ports to try for a new server, below those that clients' sockets get."""
    count = _LAST_PORT - _FIRST_PORT + 1
    return [_FIRST_PORT + (seed + step) % count for step in range(count)]

"""Shapes of Heroku's data API for Postgres, as the official command line reads them.

Fields that end with a question mark on the wire have none here.
"""

from __future__ import annotations

import msgspec


class InfoItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of ``pg:info``; with ``resolve_db_name`` the values are databases' URLs."""

    name: str
    values: list[str]
    resolve_db_name: bool = False


class Database(msgspec.Struct, frozen=True):
    """A database. Its URLs have neither user nor password: they only tell databases apart."""

    addon_id: str
    name: str
    plan: str
    state: str
    resource_url: str
    following: str | None
    leader: str | None
    created_at: str
    postgres_version: str
    database_name: str
    num_bytes: int
    num_bytes_limit: int
    num_tables: int
    num_connections: int
    num_connections_limit: int
    info: list[InfoItem]


class WaitStatus(msgspec.Struct, frozen=True, rename={"waiting": "waiting?", "error": "error?"}):
    """Whether something is still being done with a database; ``message`` says what."""

    waiting: bool
    error: bool
    message: str


class UpgradeStatus(msgspec.Struct, frozen=True, rename={"waiting": "waiting?", "error": "error?"}):
    """How far an upgrade is; ``undoable`` while the data of before it is kept."""

    waiting: bool
    error: bool
    message: str
    step: str
    state: str = "none"
    version: int = 0
    undoable: bool = False


class Message(msgspec.Struct, frozen=True):
    """What was done, in a sentence."""

    message: str


class Login(msgspec.Struct, frozen=True):
    """A role of a credential, and how many sessions it has."""

    user: str
    password: str
    state: str
    connections: int

    def __repr__(self) -> str:
        return f"Login(user={self.user!r})"


class Credential(msgspec.Struct, frozen=True):
    """A credential of a database."""

    uuid: str
    name: str
    state: str
    database: str
    host: str
    port: int
    credentials: list[Login]


class Setting(msgspec.Struct, frozen=True):
    """A setting of a database, its value and what the values mean."""

    value: str | bool | int | None
    values: dict[str, str]
    desc: str
    default: str | bool | int | None = None


class Kept(msgspec.Struct, frozen=True):
    """A database's content from before a reset, which can be taken back until then."""

    id: str
    created_at: str
    until: str

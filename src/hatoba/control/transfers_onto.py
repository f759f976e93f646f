"""What is written over: restores and copies onto a database, checked before they begin."""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg
from psycopg import conninfo

from hatoba import errors
from hatoba.control import databases, transfers
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Platform
from hatoba.control.transfers import Draft
from hatoba.model.app import App
from hatoba.model.backup import Kind, Transfer
from hatoba.model.database import Database

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", ""})


@dataclass(frozen=True)
class Restore:
    """What is restored: a backup of this platform, or a dump at a URL, which may be a secret."""

    backup: Transfer | None = None
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Copy:
    """What a copy is asked for: names to show, and both URLs, which hold passwords."""

    from_name: str
    from_url: str = field(repr=False)
    to_name: str
    to_url: str = field(repr=False)


async def restore(p: Platform, app: App, target: Database, label: str, wanted: Restore) -> Transfer:
    """Begin to replace what is in a database by a backup. Raises Conflict."""
    await _writable(p, target)
    backup = wanted.backup
    draft = Draft(
        Kind.RESTORE,
        target.id,
        backup.name if backup else "URL",
        label,
        target.plan,
        backup_id=backup.id if backup else None,
        url=wanted.url,
    )
    return await transfers.begin(p, app.id, draft)


async def copy(p: Platform, app: App, target: Database, wanted: Copy) -> Transfer:
    """Begin to replace what is in a database by what is in another one.

    Raises InvalidParams for a database onto itself, and for another target than this one.
    """
    await _writable(p, target)
    source, own = place_of(wanted.from_url), place_of(await credentials.url(p, target))
    if place_of(wanted.to_url) != own:
        raise errors.InvalidParams(
            "A copy can be made onto a database of this platform only. To copy out of it, use "
            "heroku pg:pull, or heroku pg:backups:download and pg_restore."
        )
    if source == own:
        raise errors.InvalidParams("A database can't be copied onto itself.")
    draft = Draft(
        Kind.COPY,
        target.id,
        wanted.from_name,
        wanted.to_name,
        target.plan,
        url=wanted.from_url,
    )
    return await transfers.begin(p, app.id, draft)


async def _writable(p: Platform, target: Database) -> None:
    found = await databases.available(p, target.id)
    if found.following is not None:
        raise errors.Conflict("A follower can't be written to: heroku pg:unfollow it first.")


def place_of(url: str) -> tuple[str, str, str]:
    """Return the host, port and database of a URL. Raises InvalidParams when it is none."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise errors.InvalidParams("A database's URL must begin with postgres://.")
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise errors.InvalidParams("The database's URL can't be understood.") from error
    host = str(given.get("host") or "")
    user = str(given.get("user") or "")
    return (
        "localhost" if host in _LOCAL else host.lower(),
        str(given.get("port") or "5432"),
        str(given.get("dbname") or user),
    )

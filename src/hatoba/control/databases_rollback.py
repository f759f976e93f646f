"""Databases made as another one was at a moment: which moment, and how it is brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.postgres import admin, archive, recovery
from hatoba.control import databases_archive
from hatoba.control import databases_credentials as credentials
from hatoba.control.platform import Platform
from hatoba.model import database_archive as rules
from hatoba.model.database import DEFAULT_CREDENTIAL, Database

_TO = sa.text("SELECT CAST(:text AS timestamptz)")
_BY = sa.text("SELECT CAST(:now AS timestamptz) - CAST(:text AS interval)")


@dataclass(frozen=True)
class Rollback:
    """The database that another one is made from, and the moment that it is wanted as of."""

    source: UUID
    to: datetime


async def asked(
    p: Platform, conn: AsyncConnection, source: UUID, options: Mapping[str, str]
) -> Rollback:
    """Return what the options ``to`` and ``by`` ask for, as people write times and durations.

    Raises InvalidParams for what is neither.
    """
    given = [name for name in ("to", "by") if name in options]
    if len(given) != 1:
        raise errors.InvalidParams(
            "Say how far to roll back, by one of --to '2026-11-27 18:30 UTC' and "
            "--by '3 hours 15 minutes'."
        )
    text = options[given[0]]
    query, values = (_TO, {}) if given == ["to"] else (_BY, {"now": p.clock.now()})
    try:
        async with conn.begin_nested():
            moment = (await conn.execute(query, {**values, "text": text})).scalar_one()
    except (DBAPIError, OverflowError, ValueError) as error:
        kind = "time" if given == ["to"] else "duration"
        raise errors.InvalidParams(f"{text} is no {kind} that can be understood.") from error
    return Rollback(source, moment)


async def check(p: Platform, source: Database, moment: datetime) -> None:
    """Raise InvalidParams when a database can't be had as of that moment, Unavailable."""
    if not databases_archive.protected(source):
        raise errors.InvalidParams(
            "Only a database on a standard plan that follows no other can be rolled back."
        )
    seen = await databases_archive.protection(p, source)
    if seen.earliest is None:
        raise errors.InvalidParams(
            "There is no base copy of the database yet; it is taken within a minute or so. "
            "See Rollback in heroku pg:info."
        )
    if not seen.earliest <= moment <= p.clock.now():
        raise errors.InvalidParams(
            f"It can be rolled back to {seen.earliest:%Y-%m-%d %H:%M:%S} UTC at the earliest, "
            f"and to now at the latest, not to {moment:%Y-%m-%d %H:%M:%S%z}."
        )


async def fill(p: Platform, source: Database, made: Database, moment: datetime) -> None:
    """Make a new server as the source's was at that moment; it lets in who is let in now.

    Idempotent. Raises Unavailable.
    """
    base = rules.base_for(await archive.bases(p.databases, source.server), moment)
    if base is None:
        raise errors.Unavailable("The base copy that is needed is not there any more.")
    async with p.databases.session(source.server) as conn:
        await archive.flush(conn)
    await recovery.recover(p.databases, source.server, made.server, base, moment)
    there = await credentials.listed(p, made)
    owner = next(one for one in there if one.name == DEFAULT_CREDENTIAL)
    async with p.databases.session(made.server) as conn:
        await admin.put_role(conn, owner)
        await admin.let_in_only(conn, [one.role for one in there])
    for credential in there:
        if credential is not owner:
            await admin.add_credential(p.databases, made, owner, credential)

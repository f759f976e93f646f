"""Queries about customers' databases. Passwords are sealed: the vault is above the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.database import Database, DatabaseServer, State, TrashedDatabase
from hatoba.model.database_quota import Level, Quota
from hatoba.store.tables import (
    addons,
    database_credentials,
    database_servers,
    database_trash,
    databases,
)

# Any number that is ours alone: it has one transaction at a time choose a server.
_CHOOSING = 0x6861746F6462


@dataclass(frozen=True)
class Owner:
    """The add-on that a database is, and the app that it was made for."""

    addon_id: UUID
    addon_name: str
    app_id: UUID


@dataclass(frozen=True)
class CredentialRow:
    """A credential as it is stored."""

    database_id: UUID
    name: str
    role: str
    created_at: datetime
    sealed_password: bytes = field(repr=False)


async def choosing(conn: AsyncConnection) -> None:
    """Have this transaction alone choose a server, and a port for one, until it ends."""
    await conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHOOSING)))


async def servers(conn: AsyncConnection) -> list[DatabaseServer]:
    """Return all servers, the oldest first."""
    found = await conn.execute(sa.select(database_servers).order_by(database_servers.c.created_at))
    return [_server(row) for row in found.mappings()]


async def ports(conn: AsyncConnection) -> frozenset[int]:
    """Return the ports that servers and poolers have."""
    pools = await conn.scalars(sa.select(databases.c.pool_port))
    taken = {port for port in pools if port is not None}
    return frozenset(taken | set(await conn.scalars(sa.select(database_servers.c.port))))


async def insert_server(conn: AsyncConnection, server: DatabaseServer) -> None:
    """Keep a new server."""
    values = {"id": server.id, "shared": server.shared}
    await conn.execute(
        database_servers.insert().values(**values, port=server.port, major=server.major)
    )


async def delete_server(conn: AsyncConnection, server_id: UUID) -> None:
    """Forget a server, and with it the databases that were on it."""
    await conn.execute(database_servers.delete().where(database_servers.c.id == server_id))


async def update_server(conn: AsyncConnection, server_id: UUID, **values: object) -> None:
    """Change a server's columns."""
    query = database_servers.update().where(database_servers.c.id == server_id)
    await conn.execute(query.values(**values))


async def insert(conn: AsyncConnection, made: Database) -> None:
    """Keep a new database."""
    await conn.execute(
        databases.insert().values(
            id=made.id,
            server_id=made.server.id,
            plan=made.plan,
            name=made.name,
            state=made.state,
            following=made.following,
            forked_from=made.forked_from,
            recovered_to=made.recovered_to,
        )
    )


async def find(conn: AsyncConnection, database_id: UUID, *, lock: bool = False) -> Database | None:
    """Return a database, destroyed or not; with ``lock`` nobody else changes it meanwhile."""
    query = _query().where(databases.c.id == database_id)
    found = await conn.execute(query.with_for_update(of=databases) if lock else query)
    row = found.mappings().one_or_none()
    return _database(row) if row is not None else None


async def living(conn: AsyncConnection) -> list[Database]:
    """Return all databases that are not destroyed."""
    found = await conn.execute(_query().where(databases.c.destroyed_at.is_(None)))
    return [_database(row) for row in found.mappings()]


async def alone_on(conn: AsyncConnection, server_id: UUID) -> Database | None:
    """Return the living database of a server that is its own; None for a shared one."""
    query = _query().where(databases.c.server_id == server_id, databases.c.destroyed_at.is_(None))
    row = (await conn.execute(query.where(~database_servers.c.shared))).mappings().first()
    return _database(row) if row is not None else None


async def orphans(conn: AsyncConnection) -> list[UUID]:
    """Return the living databases whose add-on went with its app."""
    query = sa.select(databases.c.id).outerjoin(addons, addons.c.id == databases.c.id)
    found = await conn.execute(
        query.where(addons.c.id.is_(None), databases.c.destroyed_at.is_(None))
    )
    return [row[0] for row in found]


async def followers(conn: AsyncConnection, database_id: UUID) -> list[Database]:
    """Return the living databases that follow this one."""
    query = _query().where(databases.c.following == database_id)
    found = await conn.execute(query.where(databases.c.destroyed_at.is_(None)))
    return [_database(row) for row in found.mappings()]


async def destroyed_before(conn: AsyncConnection, moment: datetime) -> list[Database]:
    """Return the databases that were destroyed before then."""
    found = await conn.execute(_query().where(databases.c.destroyed_at < moment))
    return [_database(row) for row in found.mappings()]


async def owner(conn: AsyncConnection, identity: str) -> Owner | None:
    """Return whose a living database is, by its add-on's id or name."""
    columns = (databases.c.id, addons.c.name, addons.c.app_id)
    query = sa.select(*columns).join(addons, addons.c.id == databases.c.id)
    wanted = sa.or_(sa.cast(addons.c.id, sa.Text) == identity, addons.c.name == identity)
    found = await conn.execute(query.where(wanted, databases.c.destroyed_at.is_(None)))
    row = found.one_or_none()
    return Owner(row[0], row[1], row[2]) if row is not None else None


async def update(conn: AsyncConnection, database_id: UUID, **values: object) -> None:
    """Change a database's columns."""
    await conn.execute(databases.update().where(databases.c.id == database_id).values(**values))


async def delete(conn: AsyncConnection, database_id: UUID) -> None:
    """Forget a database with its credentials."""
    await conn.execute(databases.delete().where(databases.c.id == database_id))


async def credentials(conn: AsyncConnection, database_id: UUID) -> list[CredentialRow]:
    """Return a database's credentials, the oldest, which is the default one, first."""
    table = database_credentials
    query = sa.select(table).where(table.c.database_id == database_id)
    found = await conn.execute(query.order_by(table.c.created_at, table.c.name))
    return [
        CredentialRow(
            row["database_id"], row["name"], row["role"], row["created_at"], row["sealed_password"]
        )
        for row in found.mappings()
    ]


async def put_credential(
    conn: AsyncConnection, database_id: UUID, name: str, role: str, sealed: bytes
) -> None:
    """Keep a credential, new or with a new password."""
    table = database_credentials
    values = {"database_id": database_id, "name": name, "role": role, "sealed_password": sealed}
    changed = table.update().where(table.c.database_id == database_id, table.c.name == name)
    if not (await conn.execute(changed.values(sealed_password=sealed))).rowcount:
        await conn.execute(table.insert().values(**values))


async def delete_credential(conn: AsyncConnection, database_id: UUID, name: str) -> None:
    """Forget a credential."""
    table = database_credentials
    await conn.execute(
        table.delete().where(table.c.database_id == database_id, table.c.name == name)
    )


async def trash(conn: AsyncConnection, database_id: UUID | None = None) -> list[TrashedDatabase]:
    """Return what was reset, of one database or of all, the newest first."""
    query = sa.select(database_trash).order_by(database_trash.c.created_at.desc())
    if database_id is not None:
        query = query.where(database_trash.c.database_id == database_id)
    return [TrashedDatabase(**row) for row in (await conn.execute(query)).mappings()]


async def insert_trash(conn: AsyncConnection, entry: TrashedDatabase) -> None:
    """Keep that a database's content was set aside."""
    values = {"id": entry.id, "database_id": entry.database_id, "name": entry.name}
    await conn.execute(database_trash.insert().values(**values))


async def delete_trash(conn: AsyncConnection, entry_id: UUID) -> None:
    """Forget something that was set aside."""
    await conn.execute(database_trash.delete().where(database_trash.c.id == entry_id))


_SERVER = {
    "server_shared": database_servers.c.shared,
    "server_port": database_servers.c.port,
    "server_major": database_servers.c.major,
}


def _query() -> sa.Select[Any]:
    more = [column.label(name) for name, column in _SERVER.items()]
    return sa.select(databases, *more).join(
        database_servers, database_servers.c.id == databases.c.server_id
    )


def _server(row: sa.RowMapping) -> DatabaseServer:
    return DatabaseServer(row["id"], row["shared"], row["port"], row["major"])


def _database(row: sa.RowMapping) -> Database:
    return Database(
        id=row["id"],
        plan=row["plan"],
        server=DatabaseServer(
            row["server_id"], row["server_shared"], row["server_port"], row["server_major"]
        ),
        name=row["name"],
        state=State(row["state"]),
        created_at=row["created_at"],
        following=row["following"],
        forked_from=row["forked_from"],
        recovered_to=row["recovered_to"],
        settings=row["settings"],
        over_since=row["over_since"],
        unarchived_since=row["unarchived_since"],
        problem=row["problem"],
        pool_port=row["pool_port"],
        quota=Quota.of(row["quota"]),
        size_level=Level(row["size_level"]),
    )

"""The credentials of a database: listed, made, given another password, dropped."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.postgres import admin, facts
from hatoba.addons.postgres.facts import SessionCount
from hatoba.control.platform import Platform
from hatoba.model import database as rules
from hatoba.model.database import DEFAULT_CREDENTIAL, Credential, Database, Tier
from hatoba.store import databases as rows
from hatoba.store.databases import CredentialRow


async def listed(p: Platform, database: Database) -> list[Credential]:
    """Return a database's credentials, the default one first."""
    async with p.store.begin() as conn:
        found = await rows.credentials(conn, database.id)
    return [_opened(p, row) for row in found]


async def find(p: Platform, database: Database, name: str) -> Credential:
    """Return one credential. Raises NotFound."""
    for credential in await listed(p, database):
        if credential.name == name:
            return credential
    raise errors.NotFound(
        f"There is no credential {name}. See: heroku pg:credentials", resource="credential"
    )


async def default(p: Platform, database: Database) -> Credential:
    """Return the credential that owns the database."""
    return await find(p, database, DEFAULT_CREDENTIAL)


async def url(p: Platform, database: Database, name: str = DEFAULT_CREDENTIAL) -> str:
    """Return where apps connect to; it holds the password. Raises NotFound."""
    return (await find(p, database, name)).url(database)


async def put(p: Platform, conn: AsyncConnection, credential: Credential) -> None:
    """Keep a credential, its password sealed."""
    sealed = p.vault.seal(credential.password.encode(), _bound(credential))
    await rows.put_credential(
        conn, credential.database_id, credential.name, credential.role, sealed
    )


async def copy(p: Platform, conn: AsyncConnection, source: UUID, target: UUID) -> None:
    """Give a copy of a database the credentials of the original: they are in its data."""
    for row in await rows.credentials(conn, source):
        await put(p, conn, replace(_opened(p, row), database_id=target))


async def create(p: Platform, database: Database, name: str) -> Credential:
    """Make a further credential. Raises InvalidParams, Conflict when there is one already."""
    _check_standard(database)
    if problem := rules.credential_problem(name):
        raise errors.InvalidParams(problem)
    there = await listed(p, database)
    if any(one.name == name for one in there):
        raise errors.Conflict(f"There is a credential {name} already.")
    made = Credential(database.id, name, rules.new_name("u"), rules.new_password())
    async with p.store.begin() as conn:
        await put(p, conn, made)
    await admin.add_credential(p.databases, database, there[0], made)
    return made


async def destroy(p: Platform, database: Database, name: str) -> Credential:
    """Drop a credential; what it owned goes to the default one. Raises NotFound."""
    if name == DEFAULT_CREDENTIAL:
        raise errors.InvalidParams("The default credential can't be destroyed.")
    gone = await find(p, database, name)
    await admin.drop_credential(p.databases, database, await default(p, database), gone)
    async with p.store.begin() as conn:
        await rows.delete_credential(conn, database.id, name)
    return gone


async def rotate(p: Platform, database: Database, name: str, *, end_now: bool) -> Credential:
    """Give a credential another password. Raises NotFound.

    The row is written first: a server that did not get the password yet gets it again by the
    same call.
    """
    fresh = replace(await find(p, database, name), password=rules.new_password())
    async with p.store.begin() as conn:
        await put(p, conn, fresh)
    await admin.rotate(p.databases, database, fresh, end_now=end_now)
    return fresh


async def repair_default(p: Platform, database: Database) -> None:
    """Make the default credential own everything in its database again."""
    await admin.repair_default(p.databases, database, await default(p, database))


async def sessions(p: Platform, database: Database) -> SessionCount:
    """Return how many sessions each role has now."""
    async with p.databases.session(database.server) as conn:
        return await facts.sessions(conn, database.name)


def _check_standard(database: Database) -> None:
    if database.following is not None:
        raise errors.Conflict("A follower has its leader's credentials: make it there.")
    if database.limits.tier is Tier.ESSENTIAL:
        raise errors.InvalidParams(
            "You can't create a custom credential on Essential-tier databases. "
            "A standard plan has them."
        )


def _opened(p: Platform, row: CredentialRow) -> Credential:
    sealed = Credential(row.database_id, row.name, row.role, "")
    return replace(sealed, password=p.vault.unseal(row.sealed_password, _bound(sealed)).decode())


def _bound(credential: Credential) -> str:
    return f"database:{credential.database_id}:{credential.name}"

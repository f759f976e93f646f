"""Transfers of databases: begun, found, cancelled. What one does is in ``transfers_run``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Actor, Platform
from hatoba.model.app import App
from hatoba.model.backup import Cause, Kind, LogLine, State, Transfer, number
from hatoba.store import apps as app_rows
from hatoba.store import backups as rows


@dataclass(frozen=True)
class Draft:
    """A transfer to be begun. ``addon_id`` is the database that is read or written over.

    What it is written over with comes from ``source_id`` (a database), ``backup_id``, or
    ``url`` (a database's).
    """

    kind: Kind
    addon_id: UUID
    from_name: str
    to_name: str
    plan: str
    cause: Cause = Cause.MANUAL
    source_id: UUID | None = None
    backup_id: UUID | None = None
    schedule_id: UUID | None = None
    expires_at: datetime | None = None
    url: str | None = field(default=None, repr=False)


async def begin(p: Platform, app_id: UUID, draft: Draft) -> Transfer:
    """Have the transfer carried out. Raises Conflict while its database is in another one."""
    async with p.store.begin() as conn:
        return await begin_in(p, conn, app_id, draft)


async def begin_in(p: Platform, conn: AsyncConnection, app_id: UUID, draft: Draft) -> Transfer:
    """Do so once this transaction is committed."""
    made = await note(p, conn, app_id, draft)
    await p.jobs.transfer(conn, made.id)
    return made


async def note(p: Platform, conn: AsyncConnection, app_id: UUID, draft: Draft) -> Transfer:
    """Keep the transfer for whoever carries it out; a platform that starts again does.

    Raises Conflict.
    """
    await app_rows.by_id(conn, app_id, lock=True)
    for other in await rows.of_addon(conn, draft.addon_id):
        if not other.state.ended:
            raise errors.Conflict(
                f"{other.name} of this database is still going on. Wait for it "
                f"(heroku pg:backups:info {other.name}) or stop it "
                f"(heroku pg:backups:cancel {other.name}), then try again."
            )
    try:
        return await rows.insert(conn, app_id, _values(p, draft))
    except IntegrityError as error:
        raise errors.Conflict("Another transfer of this database is going on.") from error


def _values(p: Platform, draft: Draft) -> dict[str, Any]:
    transfer_id = uuid4()
    sealed = p.vault.seal(draft.url.encode(), _bound(transfer_id)) if draft.url else None
    return {
        "id": transfer_id,
        "kind": draft.kind.value,
        "cause": draft.cause.value,
        "addon_id": draft.addon_id,
        "from_name": draft.from_name,
        "to_name": draft.to_name,
        "plan": draft.plan,
        "source_id": draft.source_id,
        "backup_id": draft.backup_id,
        "schedule_id": draft.schedule_id,
        "expires_at": draft.expires_at,
        "sealed": sealed,
    }


def given_url(p: Platform, transfer: Transfer) -> str | None:
    """Return the URL that the transfer was begun with; it may hold a password."""
    if transfer.sealed is None:
        return None
    return p.vault.unseal(transfer.sealed, _bound(transfer.id)).decode()


def _bound(transfer_id: UUID) -> str:
    return f"transfer:{transfer_id}"


async def listed(p: Platform, app: App) -> list[Transfer]:
    """Return the app's transfers, the newest first."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, identity: str) -> Transfer:
    """Return a transfer of the app by id, number or name. Raises NotFound."""
    wanted = number(identity)
    for transfer in await listed(p, app):
        if identity == str(transfer.id) or (wanted is not None and transfer.num == wanted):
            return transfer
    raise errors.NotFound(f"Couldn't find the backup {identity}.", resource="transfer")


async def lines(p: Platform, transfer: Transfer) -> list[LogLine]:
    """Return the transfer's log."""
    async with p.store.begin() as conn:
        return await rows.lines(conn, transfer.id)


async def cancel(p: Platform, actor: Actor, app: App, transfer: Transfer) -> Transfer:
    """Stop a transfer; a target stays as it was. Raises Conflict when it has ended."""
    reason = f"Cancelled by {actor.account.email}"
    async with p.store.begin() as conn:
        if not await rows.end(conn, transfer.id, State.CANCELED, problem=reason):
            raise errors.Conflict(f"{transfer.name} has ended already.")
        await rows.say(conn, transfer.id, reason)
    p.jobs.cancel(transfer.id)
    p.logs.platform(app.id, "postgres", f"{transfer.name} was cancelled")
    return await find(p, app, str(transfer.id))

"""Queries about apps that are offered to another account."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.account import AppTransfer
from hatoba.store.tables import accounts, apps
from hatoba.store.tables import app_transfers as transfers

_owner, _recipient = accounts.alias("owner"), accounts.alias("recipient")
_select = (
    sa.select(
        transfers,
        apps.c.name.label("app_name"),
        _owner.c.email.label("owner_email"),
        _recipient.c.email.label("recipient_email"),
    )
    .join(apps, apps.c.id == transfers.c.app_id)
    .join(_owner, _owner.c.id == transfers.c.owner_id)
    .join(_recipient, _recipient.c.id == transfers.c.recipient_id)
    .where(apps.c.destroyed_at.is_(None))
)


async def of_account(conn: AsyncConnection, account_id: UUID) -> list[AppTransfer]:
    """Return what an account offers and is offered, the oldest first."""
    ends = (transfers.c.owner_id == account_id) | (transfers.c.recipient_id == account_id)
    query = _select.where(ends).order_by(transfers.c.created_at)
    return [AppTransfer(**row) for row in (await conn.execute(query)).mappings()]


async def insert(conn: AsyncConnection, app_id: UUID, owner_id: UUID, recipient_id: UUID) -> UUID:
    """Offer an app; raises IntegrityError when it is on offer already."""
    values = {"app_id": app_id, "owner_id": owner_id, "recipient_id": recipient_id}
    query = transfers.insert().values(**values).returning(transfers.c.id)
    return (await conn.execute(query)).scalar_one()  # type: ignore[no-any-return]


async def settle(conn: AsyncConnection, transfer_id: UUID, state: str) -> bool:
    """Note how an offer ended; False when it had ended already."""
    query = transfers.update().where(transfers.c.id == transfer_id, transfers.c.state == "pending")
    done = await conn.execute(query.values(state=state, updated_at=sa.func.now()))
    return done.rowcount == 1


async def drop_pending(conn: AsyncConnection, app_id: UUID) -> None:
    """Take back whatever offer of an app is open."""
    pending = (transfers.c.app_id == app_id) & (transfers.c.state == "pending")
    await conn.execute(transfers.delete().where(pending))


async def delete(conn: AsyncConnection, transfer_id: UUID) -> None:
    """Take an offer back."""
    await conn.execute(transfers.delete().where(transfers.c.id == transfer_id))

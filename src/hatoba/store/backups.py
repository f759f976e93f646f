"""Queries about transfers of databases, their logs and schedules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.backup import Cause, Kind, LogLine, State, Transfer
from hatoba.model.backup_schedule import Schedule
from hatoba.store.tables import apps
from hatoba.store.tables.backups import backup_schedules as schedules
from hatoba.store.tables.backups import transfer_lines, transfers

_ACTIVE = (State.PENDING.value, State.RUNNING.value)


def _transfer(row: sa.RowMapping) -> Transfer:
    values = dict(row)
    values["kind"] = Kind(values["kind"])
    values["cause"] = Cause(values["cause"])
    values["state"] = State(values["state"])
    return Transfer(**values)


async def _transfers(conn: AsyncConnection, query: sa.Select[Any]) -> list[Transfer]:
    return [_transfer(row) for row in (await conn.execute(query)).mappings()]


async def insert(
    conn: AsyncConnection,
    app_id: UUID,
    values: Mapping[str, Any],
    state: State = State.PENDING,
) -> Transfer:
    """Add a transfer with the app's next number.

    Raises IntegrityError while another transfer of the same database has not ended.
    """
    await conn.execute(sa.select(apps.c.id).where(apps.c.id == app_id).with_for_update())
    last = sa.select(sa.func.coalesce(sa.func.max(transfers.c.num), 0) + 1)
    number = last.where(transfers.c.app_id == app_id).scalar_subquery()
    query = transfers.insert().values(app_id=app_id, num=number, state=state.value, **values)
    return _transfer((await conn.execute(query.returning(transfers))).mappings().one())


async def by_id(conn: AsyncConnection, transfer_id: UUID) -> Transfer | None:
    """Return the transfer."""
    query = sa.select(transfers).where(transfers.c.id == transfer_id)
    return next(iter(await _transfers(conn, query)), None)


async def of_app(conn: AsyncConnection, app_id: UUID) -> list[Transfer]:
    """Return an app's transfers but for deleted backups, the newest first."""
    query = sa.select(transfers).where(
        transfers.c.app_id == app_id, transfers.c.deleted_at.is_(None)
    )
    return await _transfers(conn, query.order_by(transfers.c.num.desc()))


async def of_addon(conn: AsyncConnection, addon_id: UUID) -> list[Transfer]:
    """Return the transfers of a database but for deleted backups, the newest first."""
    query = sa.select(transfers).where(
        transfers.c.addon_id == addon_id, transfers.c.deleted_at.is_(None)
    )
    return await _transfers(conn, query.order_by(transfers.c.created_at.desc()))


async def active(conn: AsyncConnection) -> list[Transfer]:
    """Return every transfer that has not ended, the oldest first."""
    query = sa.select(transfers).where(transfers.c.state.in_(_ACTIVE))
    return await _transfers(conn, query.order_by(transfers.c.created_at))


async def kept(conn: AsyncConnection) -> list[Transfer]:
    """Return every backup whose dump is there, or is being made."""
    query = sa.select(transfers).where(
        transfers.c.kind == Kind.BACKUP.value,
        transfers.c.deleted_at.is_(None),
        transfers.c.state.in_((*_ACTIVE, State.SUCCEEDED.value)),
    )
    return await _transfers(conn, query)


async def update(conn: AsyncConnection, transfer_id: UUID, **values: Any) -> bool:  # noqa: ANN401
    """Change a transfer that has not ended; False when it has."""
    result = await conn.execute(
        transfers.update()
        .where(transfers.c.id == transfer_id, transfers.c.state.in_(_ACTIVE))
        .values(updated_at=sa.func.now(), **values)
    )
    return bool(result.rowcount)


async def end(
    conn: AsyncConnection,
    transfer_id: UUID,
    state: State,
    **values: Any,  # noqa: ANN401
) -> bool:
    """End a transfer; False when it had ended already."""
    return await update(
        conn, transfer_id, state=state.value, finished_at=sa.func.now(), sealed=None, **values
    )


async def mark_deleted(conn: AsyncConnection, transfer_id: UUID) -> None:
    """Note that a backup's dump is not kept any more."""
    await conn.execute(
        transfers.update()
        .where(transfers.c.id == transfer_id)
        .values(deleted_at=sa.func.now(), updated_at=sa.func.now())
    )


async def say(conn: AsyncConnection, transfer_id: UUID, message: str) -> None:
    """Add a line to a transfer's log."""
    await conn.execute(transfer_lines.insert().values(transfer_id=transfer_id, message=message))


async def lines(conn: AsyncConnection, transfer_id: UUID) -> list[LogLine]:
    """Return a transfer's log."""
    query = sa.select(transfer_lines.c.created_at, transfer_lines.c.message).where(
        transfer_lines.c.transfer_id == transfer_id
    )
    found = (await conn.execute(query.order_by(transfer_lines.c.id))).mappings()
    return [LogLine(**row) for row in found]


async def put_schedule(
    conn: AsyncConnection, app_id: UUID, addon_id: UUID, values: Mapping[str, Any]
) -> Schedule:
    """Set the schedule of a database; one that is there is replaced."""
    given = {**values, "app_id": app_id, "problem": None, "updated_at": sa.func.now()}
    query = upsert(schedules).values(addon_id=addon_id, **given)
    query = query.on_conflict_do_update(index_elements=["addon_id"], set_=given)
    row = (await conn.execute(query.returning(schedules))).mappings().one()
    return Schedule(**row)


async def _schedules(conn: AsyncConnection, query: sa.Select[Any]) -> list[Schedule]:
    found = await conn.execute(query.order_by(schedules.c.created_at))
    return [Schedule(**row) for row in found.mappings()]


async def schedules_of(conn: AsyncConnection, app_id: UUID) -> list[Schedule]:
    """Return an app's schedules."""
    return await _schedules(conn, sa.select(schedules).where(schedules.c.app_id == app_id))


async def every_schedule(conn: AsyncConnection) -> list[Schedule]:
    """Return the schedules of all apps."""
    return await _schedules(conn, sa.select(schedules))


async def due(conn: AsyncConnection, now: datetime) -> list[Schedule]:
    """Return the schedules whose time has come, and keep them locked."""
    query = sa.select(schedules).where(schedules.c.next_at <= now)
    return await _schedules(conn, query.with_for_update(skip_locked=True))


async def update_schedule(
    conn: AsyncConnection,
    schedule_id: UUID,
    **values: Any,  # noqa: ANN401
) -> None:
    """Change a schedule."""
    await conn.execute(
        schedules.update()
        .where(schedules.c.id == schedule_id)
        .values(updated_at=sa.func.now(), **values)
    )


async def delete_schedule(conn: AsyncConnection, schedule_id: UUID) -> None:
    """Forget a schedule."""
    await conn.execute(schedules.delete().where(schedules.c.id == schedule_id))

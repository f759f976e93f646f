"""Daily backups: set, taken away, begun when they are due, and loud when one goes wrong."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import databases, transfers
from hatoba.control.platform import Actor, Platform, locked
from hatoba.control.transfers import Draft
from hatoba.model.app import App
from hatoba.model.backup import Cause, Kind
from hatoba.model.backup_schedule import Schedule, days_missed, following, zone_name
from hatoba.model.database import Database
from hatoba.store import apps as app_rows
from hatoba.store import backups as rows

log = structlog.get_logger("schedules")

TICK_SECONDS = 15.0


async def listed(p: Platform, app: App) -> list[Schedule]:
    """Return the app's schedules."""
    async with p.store.begin() as conn:
        return await rows.schedules_of(conn, app.id)


async def put(
    p: Platform, actor: Actor, app: App, database: Database, name: str, at: tuple[int, str]
) -> Schedule:
    """Back a database up every day at an hour of a time zone. Raises InvalidParams.

    ``name`` is the config var by which the app knows the database.
    """
    hour, zone = at[0], zone_name(at[1])
    if not 0 <= hour <= 23:
        raise errors.InvalidParams("The hour must be between 0 and 23.")
    if zone is None:
        raise errors.InvalidParams(
            f"There is no time zone {at[1]}. Give one such as America/New_York or UTC."
        )
    values = {"name": name, "hour": hour, "timezone": zone}
    next_at = following(hour, zone, p.clock.now())
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        return await rows.put_schedule(conn, app.id, database.id, {**values, "next_at": next_at})


async def remove(p: Platform, actor: Actor, app: App, identity: str) -> Schedule:
    """Take a schedule away. Raises NotFound."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        for schedule in await rows.schedules_of(conn, app.id):
            if identity == str(schedule.id):
                await rows.delete_schedule(conn, schedule.id)
                return schedule
    raise errors.NotFound("Couldn't find that schedule.", resource="schedule")


async def run(p: Platform) -> None:
    """Begin what is due, for ever."""
    while True:
        await tick(p)
        await p.clock.sleep(TICK_SECONDS)


async def tick(p: Platform) -> None:
    """Begin what is due, each in the transaction that moves its schedule on."""
    async with p.store.begin() as conn:
        waiting = [s.id for s in await rows.due(conn, p.clock.now())]
    for schedule_id in waiting:
        async with p.store.begin() as conn:
            now = p.clock.now()
            for schedule in await rows.due(conn, now):
                if schedule.id == schedule_id:
                    await _begin(p, conn, schedule)


async def _begin(p: Platform, conn: AsyncConnection, schedule: Schedule) -> None:
    now = p.clock.now()
    app = await app_rows.by_id(conn, schedule.app_id)
    next_at = following(schedule.hour, schedule.timezone, now)
    await rows.update_schedule(conn, schedule.id, next_at=next_at)
    if app is None or app.destroyed_at is not None:
        return
    if schedule.missed(now):
        count = days_missed(schedule, now)
        await _complain(
            p, conn, schedule, f"{count} scheduled backup{'s were' if count > 1 else ' was'} "
            f"missed, the first at {schedule.next_at:%Y-%m-%d %H:%M} UTC: the platform was down",
        )  # fmt: skip
    try:
        database = await databases.available(p, schedule.addon_id)
        await transfers.begin_in(p, conn, schedule.app_id, _draft(schedule, database))
    except errors.NotFound:
        # It was destroyed; should it come back from the trash, its backups go on.
        return
    except errors.Unavailable:
        raise
    except errors.HatobaError as error:
        await _complain(p, conn, schedule, f"The scheduled backup did not begin: {error.message}")


def _draft(schedule: Schedule, database: Database) -> Draft:
    return Draft(
        Kind.BACKUP,
        database.id,
        schedule.name.removesuffix("_URL"),
        "SCHEDULED BACKUP",
        database.plan,
        Cause.SCHEDULE,
        schedule_id=schedule.id,
    )


async def _complain(p: Platform, conn: AsyncConnection, schedule: Schedule, why: str) -> None:
    await rows.update_schedule(conn, schedule.id, problem=why)
    p.logs.platform(schedule.app_id, "postgres", f"Daily backup of {schedule.name}: {why}")
    log.warning("scheduled backup", schedule=str(schedule.id), why=why)


async def alarms(p: Platform) -> list[str]:
    """Say of every schedule that went wrong what it was, in whole sentences."""
    async with p.store.begin() as conn:
        failing = [s for s in await rows.every_schedule(conn) if s.problem]
        named = [(s, await app_rows.by_id(conn, s.app_id)) for s in failing]
    return [
        f"Daily backup of {s.name} on {app.name}: {s.problem} See: heroku pg:backups -a {app.name}"
        for s, app in named
        if app is not None and app.destroyed_at is None
    ]

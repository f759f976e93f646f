"""Scheduled jobs: listed, added, changed, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import scheduled_job as rules
from hatoba.model.addon import Addon, AddonState
from hatoba.model.app import App
from hatoba.model.dyno import DEFAULT_SIZE, SIZES
from hatoba.model.scheduled_job import Job, Rhythm, Run
from hatoba.store import addons as addon_rows
from hatoba.store import apps as app_rows
from hatoba.store import scheduler as rows

MAX_JOBS = 100


@dataclass(frozen=True)
class Wish:
    """What is to be set of a job; None is what it has, or the default."""

    command: str | None = None
    size: str | None = None
    every: str | None = None
    at: str | None = None


async def listed(p: Platform, app: App) -> list[Job]:
    """Return the app's jobs by number. Raises NotFound without the add-on."""
    async with p.store.begin() as conn:
        return await rows.of_addon(conn, (await _addon(conn, app)).id)


async def find(p: Platform, app: App, identity: str) -> Job:
    """Return a job by number or id. Raises NotFound."""
    return _named(await listed(p, app), identity)


async def runs(p: Platform, job: Job) -> list[Run]:
    """Return a job's runs, the newest first."""
    async with p.store.begin() as conn:
        return await rows.runs(conn, job.id)


async def add(p: Platform, actor: Actor, app: App, wish: Wish) -> Job:
    """Have a command run from now on. Raises InvalidParams, NotFound without the add-on."""
    values = _values(wish, {"command": "", "size": DEFAULT_SIZE.name})
    rhythm = _rhythm(wish.every or "", wish.at)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        addon = await _addon(conn, app, lock=True)
        if len(await rows.of_addon(conn, addon.id)) >= MAX_JOBS:
            raise errors.InvalidParams(f"{app.name} has {MAX_JOBS} jobs, which is the limit.")
        places = {"addon_id": addon.id, "app_id": app.id}
        next_at = rhythm.following(p.clock.now())
        times = {**rows.columns(rhythm), "next_at": next_at}
        await app_rows.update(conn, app.id)
        return await rows.insert(conn, {**places, **values, **times})


async def change(p: Platform, actor: Actor, app: App, identity: str, wish: Wish) -> Job:
    """Change a job's command, size or rhythm. Raises InvalidParams and NotFound."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        addon = await _addon(conn, app, lock=True)
        job = _named(await rows.of_addon(conn, addon.id), identity)
        values = _values(wish, {"command": job.command, "size": job.size})
        if wish.every is not None or wish.at is not None:
            at = wish.at if wish.at is not None or wish.every is not None else job.rhythm.at
            rhythm = _rhythm(wish.every or job.rhythm.every, at)
            values |= {**rows.columns(rhythm), "next_at": rhythm.following(p.clock.now())}
        await app_rows.update(conn, app.id)
        return await rows.update(conn, job.id, values)


async def remove(p: Platform, actor: Actor, app: App, identity: str) -> Job:
    """Let a job run no more; what runs of it goes on. Raises NotFound."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        addon = await _addon(conn, app, lock=True)
        job = _named(await rows.of_addon(conn, addon.id), identity)
        await app_rows.update(conn, app.id)
        await rows.delete(conn, job.id)
    return job


async def _addon(conn: AsyncConnection, app: App, *, lock: bool = False) -> Addon:
    for one in await addon_rows.of_app(conn, app.id):
        if one.service == rules.SERVICE:
            now = await addon_rows.by_id(conn, one.id, lock=True) if lock else one
            if now is not None and now.state is AddonState.PROVISIONED:
                return now
    raise errors.NotFound(
        f"{app.name} has no scheduler. Add it: heroku addons:create scheduler -a {app.name}",
        resource="add_on",
    )


def _named(there: list[Job], identity: str) -> Job:
    for job in there:
        if identity in (str(job.number), str(job.id)):
            return job
    raise errors.NotFound("Couldn't find that job.", resource="job")


def _values(wish: Wish, before: Mapping[str, Any]) -> dict[str, Any]:
    command = before["command"] if wish.command is None else wish.command.strip()
    if problem := rules.command_problem(command):
        raise errors.InvalidParams(problem)
    size = SIZES.get((wish.size or before["size"]).lower())
    if size is None:
        raise errors.InvalidParams(
            f"No such dyno size as {wish.size}. There are: {', '.join(SIZES)}."
        )
    return {"command": command, "size": size.name}


def _rhythm(every: str, at: str | None) -> Rhythm:
    try:
        return rules.rhythm(every, at)
    except ValueError as error:
        raise errors.InvalidParams(str(error)) from error

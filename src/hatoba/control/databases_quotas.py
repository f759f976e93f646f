"""Sizes of databases: looked at, told about, and writes refused where a plan or quota says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from hatoba import errors
from hatoba.addons.postgres import admin, facts
from hatoba.control.databases_log import by_app
from hatoba.control.platform import Platform
from hatoba.kit.text import size as human
from hatoba.model import database_quota as rules
from hatoba.model.database import Database, log_name
from hatoba.model.database_quota import Level
from hatoba.store import addons as addon_rows
from hatoba.store import databases as rows

log = structlog.get_logger(__name__)


async def change(p: Platform, database: Database, changes: Mapping[str, Any]) -> Database:
    """Change a database's quota, and put it in force at once.

    Raises InvalidParams for what is no quota or none of its plan's, Conflict on a follower.
    """
    if database.following is not None:
        raise errors.Conflict("A follower stores what its leader does: set the quota there.")
    if problem := rules.problem(changes):
        raise errors.InvalidParams(problem)
    async with p.store.begin() as conn:
        now = await rows.find(conn, database.id, lock=True) or database
        quota = rules.changed(now.quota, changes)
        if problem := rules.conflict(quota, now.limits.size_bytes):
            raise errors.InvalidParams(problem)
        await rows.update(conn, now.id, quota=quota.stored)
    return await check(p, replace(now, quota=quota))


async def check(p: Platform, database: Database) -> Database:
    """Refuse writes on a database that is over its size, and take them again once it is below.

    Each level that it comes to is told once in the logs of the apps that have it.
    """
    async with p.databases.session(database.server) as session:
        size = await facts.size(session, database.name)
        over = database.quota.refuses(size, database.limits.size_bytes)
        level = database.quota.level(size, database.limits.size_bytes)
        refused = database.over_since is not None
        if over != refused:
            await admin.only_read(session, database.name, on=over)
    if over == refused and level is database.size_level:
        return database
    since = (database.over_since or p.clock.now()) if over else None
    async with p.store.begin() as conn:
        await rows.update(conn, database.id, over_since=since, size_level=level)
    seen = replace(database, over_since=since, size_level=level)
    log.warning("database size", database=str(database.id), bytes=size, refused=over)
    if over != refused or seen.quota.tells(level):
        await _tell(p, seen, size)
    return seen


async def _tell(p: Platform, database: Database, size: int) -> None:
    async with p.store.begin() as conn:
        known = await addon_rows.attachments(conn, addon_id=database.id)
    for attachment in by_app(known):
        text = f"[{log_name(attachment.name)}] {said(database, size)}"
        p.logs.platform(attachment.app_id, "postgres", text)


def said(database: Database, size: int) -> str:
    """Return what the logs say of a database of that size. Pure."""
    quota, plan = database.quota, database.limits.size_bytes
    if database.over_since is not None:
        limit = human(min(plan, quota.critical_bytes(plan)))
        return f"{human(size)} stored, more than {limit}: writes are refused until it is less"
    if database.size_level is Level.CRITICAL:
        return (
            f"{human(size)} stored, more than the critical size {human(quota.critical_bytes(plan))}"
        )
    if database.size_level is Level.WARNING and quota.warning_gb is not None:
        return f"{human(size)} stored, more than the warning size {quota.warning_gb:g} GB"
    return f"{human(size)} stored, within its sizes again: writes are taken"

"""Reports on databases: made, kept for a month, shown again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.addons.postgres import diagnosis
from hatoba.control.platform import Platform
from hatoba.model.app import App
from hatoba.model.database import Database
from hatoba.model.database_report import KEPT_DAYS, Report
from hatoba.store import addons as addon_rows
from hatoba.store import database_reports as rows
from hatoba.store import databases as database_rows


async def make(p: Platform, app: App, name: str) -> Report:
    """Examine the database that an app knows by that name. Raises NotFound, Unavailable."""
    database = await _named(p, app, name)
    checks = await diagnosis.examine(p.databases, database)
    report = Report(
        id=uuid4(),
        app_id=app.id,
        database=name,
        created_at=p.clock.now(),
        checks=[
            {"name": one.name, "status": one.status, "results": [dict(row) for row in one.results]}
            for one in checks
        ],
    )
    async with p.store.begin() as conn:
        await rows.drop_before(conn, p.clock.now() - timedelta(days=KEPT_DAYS))
        await rows.insert(conn, report)
    return report


async def find(p: Platform, identity: str) -> Report:
    """Return a report by its id. Raises NotFound."""
    try:
        report_id = UUID(identity)
    except ValueError:
        raise _unknown() from None
    async with p.store.begin() as conn:
        found = await rows.find(conn, report_id)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> errors.NotFound:
    return errors.NotFound("Couldn't find that report.", resource="report")


async def _named(p: Platform, app: App, name: str) -> Database:
    wanted = name.removesuffix("_URL")
    async with p.store.begin() as conn:
        for attachment in await addon_rows.attachments(conn, app_ids=[app.id]):
            if attachment.name == wanted:
                found = await database_rows.find(conn, attachment.addon_id)
                if found is not None:
                    return found
    raise errors.NotFound(f"{app.name} has no database {name}.", resource="database")

"""Reports on databases: what Heroku has another host for is computed here.

The official command line sends the database's URL along, with its password. It is not read.
"""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Reply, SignedIn
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode.basics import moment
from hatoba.auth import access
from hatoba.control import databases, databases_reports
from hatoba.model.app import App
from hatoba.model.database_report import Report
from hatoba.model.permission import Permission
from hatoba.schema import database_reports as wire


class Wish(msgspec.Struct):
    """``POST /reports``; other fields are not read."""

    app: str
    database: str = "DATABASE_URL"


async def make(call: SignedIn) -> Answer:
    """Examine a database of an app."""
    wish = decode.body(call, Wish)
    app = await access.app(call.platform.store, call.account, wish.app, Permission.VIEW)
    report = await databases_reports.make(call.platform, app, wish.database)
    return Reply(_shown(report, app), 201)


async def info(call: SignedIn) -> Answer:
    """Show a report again."""
    report = await databases_reports.find(call.platform, call.path("report"))
    app = await access.app(call.platform.store, call.account, str(report.app_id), Permission.VIEW)
    return Reply(_shown(report, app))


async def metrics(call: OnDatabase) -> Answer:
    """Tell the numbers that Heroku's report is made with; here it asks the server itself."""
    view = await databases.view(call.platform, call.database)
    return Reply({"connections": view.connections, "size_bytes": view.size_bytes})


async def burst_status(_: OnDatabase) -> Answer:
    """Tell nothing: there are no burst credits here."""
    return Reply({})


def _shown(report: Report, app: App) -> wire.Report:
    checks = msgspec.convert(report.checks, list[wire.Check])
    return wire.Report(str(report.id), app.name, report.database, moment(report.created_at), checks)

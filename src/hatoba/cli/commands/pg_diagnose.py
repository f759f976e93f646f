"""pg:diagnose."""

from __future__ import annotations

from uuid import UUID

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import database_reports, databases
from hatoba.schema.database_reports import Check, Report


@command("pg:diagnose", "heroku pg:diagnose -a harbour", "heroku pg:diagnose DATABASE -a harbour")
@click.argument("database", required=False, metavar="[DATABASE|REPORT]")
def diagnose(session: Session, app: str, database: str | None) -> None:
    """Examine a database, or show a report again. The platform asks the server itself."""
    report = _report(session, app, database)
    if session.json:
        session.out.json(msgspec.to_builtins(report))
        return
    session.out.say(f"Report {report.id} for {report.app}::{report.database}")
    session.out.say(f"available for one month after creation on {report.created_at}")
    for status in ("red", "yellow", "green", "skipped"):
        for check in report.checks:
            if check.status == status:
                _show(session, check)


def _report(session: Session, app: str, wanted: str | None) -> Report:
    try:
        return database_reports.find(session.api, str(UUID(wanted or "")))
    except ValueError:
        found = databases.resolve(session.api, app, wanted)
        return database_reports.make(session.api, app, found.url_var)


def _show(session: Session, check: Check) -> None:
    session.out.data(f"{check.status.upper()}: {check.name}")
    if check.results:
        heads = tuple(check.results[0])
        session.out.table([tuple(row.values()) for row in check.results], heads)

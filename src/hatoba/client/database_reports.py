"""Calls about reports on databases."""

from __future__ import annotations

from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.schema.database_reports import Report


def make(api: Api, app: str, database: str) -> Report:
    """Have the platform examine a database, named by its config var."""
    return api.change("POST", "/reports", Report, body={"app": app, "database": database})


def find(api: Api, report: str) -> Report:
    """Return a report that was made before."""
    return api.get(f"/reports/{quote(report, safe='')}", Report)

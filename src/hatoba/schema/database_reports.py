"""Reports on databases, as the official command line reads them."""

from __future__ import annotations

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One check: green, yellow, red or skipped, and the rows that are worth a look."""

    name: str
    status: str
    results: list[dict[str, str]]


class Report(msgspec.Struct, frozen=True):
    """A report; it can be shown again by its id for a month."""

    id: str
    app: str
    database: str
    created_at: str
    checks: list[Check]

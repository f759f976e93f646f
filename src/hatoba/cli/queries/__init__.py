"""What the diagnostic commands of ``pg:`` ask a database. They change nothing."""

from __future__ import annotations

from hatoba.cli.queries.base import Query
from hatoba.cli.queries.sessions import SESSIONS
from hatoba.cli.queries.sizes import SIZES
from hatoba.cli.queries.use import USE

QUERIES: dict[str, Query] = {query.command: query for query in (*SESSIONS, *SIZES, *USE)}

__all__ = ["QUERIES", "Query"]

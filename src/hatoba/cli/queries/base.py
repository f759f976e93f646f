"""A diagnostic query."""

from __future__ import annotations

from dataclasses import dataclass

OWN_TABLES = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
"""Leaves Postgres' own tables out; the namespace is called n."""


@dataclass(frozen=True)
class Query:
    """What a command asks; ``help`` is the command's own line of help."""

    command: str
    help: str
    sql: str

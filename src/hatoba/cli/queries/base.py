"""A diagnostic query."""

from __future__ import annotations

from dataclasses import dataclass

OWN_TABLES = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
"""Leaves Postgres' own tables out; the namespace is called n."""

SHOWN = 10
"""How many rows the longest lists have."""

LIMIT = f"LIMIT {SHOWN}"


@dataclass(frozen=True)
class Query:
    """What a command asks; ``help`` is the command's own line of help.

    ``statement`` is the column that shows other people's statements, which can be long.
    """

    command: str
    help: str
    sql: str
    statement: str = ""

    def asking(self, *, truncate: bool = False, number: int = SHOWN) -> str:
        """Return the SQL, with statements cut to 40 characters, or with so many rows."""
        sql = self.sql.replace(LIMIT, f"LIMIT {number}")
        whole = self.statement
        if not truncate or not whole:
            return sql
        cut = f"CASE WHEN length({whole}) <= 40 THEN {whole} ELSE left({whole}, 39) || '…' END"
        return sql.replace(f"{whole} AS", f"{cut} AS")

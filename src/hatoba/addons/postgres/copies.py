"""Whole servers copied while they run: forks and followers."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import psycopg

from hatoba import errors
from hatoba.kit import process
from hatoba.kit.files import private_dir, write_atomic
from hatoba.store.postgres_server import ADMIN, PostgresServer, ServerPlan

_PROMOTE_SECONDS = 60


def basebackup_argv(leader: ServerPlan, plan: ServerPlan, data: Path, *, follow: bool) -> list[str]:
    """Return the command line that copies a running server; pure."""
    return [
        str(plan.binaries / "pg_basebackup"),
        *("-h", str(leader.socket_dir)),
        *("-p", str(leader.port)),
        *("-U", ADMIN),
        *("-D", str(data)),
        "--checkpoint=fast",
        "--wal-method=stream",
        "--no-password",
        *(["--write-recovery-conf"] if follow else []),
    ]


async def take(leader: PostgresServer, plan: ServerPlan, *, follow: bool) -> None:
    """Copy a running server's files to where the plan has them, whole or not at all.

    A copy of a follower is no follower itself, unless it is to be. Raises Unavailable, with
    nothing left behind.
    """
    draft, passwords = plan.folder / "data.new", plan.folder / "leader.pgpass"
    await asyncio.to_thread(_prepare, leader.plan, plan, draft, passwords)
    try:
        await process.check(
            basebackup_argv(leader.plan, plan, draft, follow=follow),
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGPASSFILE": str(passwords)},
            cwd=plan.folder,
            user=plan.user,
        )
    except process.CommandError as error:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        raise errors.Unavailable(f"The database could not be copied: {error}.") from error
    if not follow:
        # Beside a follower's files lies the word that it follows; the copy would obey it.
        (draft / "standby.signal").unlink(missing_ok=True)
    draft.rename(plan.data)


def _prepare(leader: ServerPlan, plan: ServerPlan, draft: Path, passwords: Path) -> None:
    """Make the folder, and give the copy the leader's password: its data has that one."""
    private_dir(plan.folder)
    shutil.rmtree(draft, ignore_errors=True)
    password = leader.password_file.read_text()
    write_atomic(plan.password_file, password)
    write_atomic(passwords, f"*:*:*:{ADMIN}:{password}\n")
    if plan.user is not None:
        for path in (plan.folder, passwords):
            os.chown(path, plan.user, plan.user)


async def promote(conn: psycopg.AsyncConnection) -> None:
    """Have a follower follow no more; one that follows nobody is left alone.

    Raises Unavailable when it does not end its recovery.
    """
    following = await (await conn.execute("SELECT pg_is_in_recovery()")).fetchone()
    if not following or not following[0]:
        return
    done = await (await conn.execute("SELECT pg_promote(true, %s)", (_PROMOTE_SECONDS,))).fetchone()
    if not done or not done[0]:
        raise errors.Unavailable("The follower did not end its recovery in time; try again.")

"""Connection poolers: a PgBouncer in front of a database with a server of its own.

It is the machine's own program. It knows the roles' password verifiers as the server has them,
and no password: with these it lets clients in, and they let it in to the server.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from hatoba import errors
from hatoba.addons.postgres.place import ServersPlace
from hatoba.kit.files import private_dir, write_atomic
from hatoba.kit.supervise import Program, Supervisor
from hatoba.model.database import HOST, Database
from hatoba.store.postgres_files import owner, servers_home

PATH = f"{os.defpath}:/usr/sbin:/usr/local/bin:/usr/local/sbin"
"""Where its program is looked for."""
MAX_CLIENTS = 1000
"""How many clients a pooler takes. Heroku's takes 10,000, each of them an open file."""
# https://devcenter.heroku.com/articles/postgres-connection-pooling: the rest is for others.
_SHARE = 0.75
_READY_SECONDS = 10.0
_POLL_SECONDS = 0.02

Verifiers = Mapping[str, str]
"""What of a role's password the server knows, by role."""


def program() -> str:
    """Return the path of PgBouncer. Raises InvalidParams that says how to get it."""
    found = shutil.which("pgbouncer", path=PATH)
    if found is None:
        raise errors.InvalidParams(
            "Connection pooling needs PgBouncer on the platform's machine. "
            "Install it: apt-get install pgbouncer"
        )
    return found


def settings(database: Database, users: Path) -> str:
    """Return a pooler's configuration; pure.

    A client has a session of the server for one transaction, as on Heroku.
    """
    size = int(database.limits.connections * _SHARE)
    return "\n".join(
        [
            "[databases]",
            f"{database.name} = host={HOST} port={database.server.port} dbname={database.name}",
            "[pgbouncer]",
            f"listen_addr = {HOST}",
            f"listen_port = {database.pool_port}",
            "unix_socket_dir =",
            "auth_type = scram-sha-256",
            f"auth_file = {users}",
            "pool_mode = transaction",
            f"default_pool_size = {size}",
            f"max_db_connections = {size}",
            f"max_client_conn = {MAX_CLIENTS}",
            # Drivers ask for it, and it does no harm that it stays as it is.
            "ignore_startup_parameters = extra_float_digits",
            "log_connections = 0",
            "log_disconnections = 0",
            "",
        ]
    )


def users(verifiers: Verifiers) -> str:
    """Return the list of who may log in; pure."""
    return "".join(f'"{role}" "{verifier}"\n' for role, verifier in sorted(verifiers.items()))


class Poolers:
    """Starts poolers, finds them again, and stops those of databases that need none."""

    def __init__(self, place: ServersPlace, *, notice: Callable[[str], None]) -> None:
        self._place = place
        self._notice = notice
        self._running: dict[UUID, Supervisor] = {}
        self._lock = asyncio.Lock()

    async def ensure(self, database: Database, verifiers: Verifiers) -> None:
        """Have a database's pooler run, with these roles. Idempotent. Raises HatobaError."""
        async with self._lock:
            binary, user = program(), await owner()
            try:
                changed = await asyncio.to_thread(self._write, database, verifiers, user)
            except OSError as error:
                raise errors.Unavailable(
                    f"The connection pooler can't be set up: {error.strerror}."
                ) from error
            running = self._running.get(database.id)
            if running is None:
                running = self._supervisor(database.id, binary, user)
                await _started(running)
                self._running[database.id] = running
            if changed:
                running.send(signal.SIGHUP)
        await _answering(database)

    def _write(self, database: Database, verifiers: Verifiers, user: int | None) -> bool:
        """Write what it works by; tell whether something of it is new."""
        folder = self.folder(database.id)
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        private_dir(folder)
        wanted = {
            folder / "users.txt": users(verifiers),
            folder / "pgbouncer.ini": settings(database, folder / "users.txt"),
        }
        changed = False
        for path, text in wanted.items():
            if not path.exists() or path.read_text() != text:
                write_atomic(path, text)
                changed = True
        if user is not None:
            for path in (folder, *wanted):
                os.chown(path, user, user)
        return changed

    def _supervisor(self, database_id: UUID, binary: str, user: int | None) -> Supervisor:
        key = str(database_id)[:8]
        ini = self.folder(database_id) / "pgbouncer.ini"
        return Supervisor(
            Program(
                name=f"connection pooler {key}",
                argv=[binary, "-q", str(ini)],
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=user,
            ),
            record=self._place.runtime_dir / f"pool-{key}.json",
            log=self._place.data_dir / "log" / f"pool-{key}.log",
            notice=self._notice,
        )

    def _home(self) -> Path:
        return servers_home(self._place.data_dir, self._place.work_dir) / "poolers"

    def folder(self, database_id: UUID) -> Path:
        """Return the folder of what a pooler works by."""
        return self._home() / str(database_id)

    def pid(self, database_id: UUID) -> int | None:
        """Return the process id of a database's pooler, if it runs."""
        running = self._running.get(database_id)
        return running.pid if running else None

    async def keep_only(self, wanted: frozenset[UUID]) -> None:
        """Stop the poolers of all other databases, also those that an earlier daemon left."""
        async with self._lock:
            for path in await asyncio.to_thread(lambda: list(self._home().glob("*-*"))):
                if (gone := UUID(path.name)) not in wanted:
                    running = self._running.pop(gone, None)
                    # It is known by its record; the program itself may be uninstalled by now.
                    await (running or self._supervisor(gone, "pgbouncer", None)).stop()
                    await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    async def release(self) -> None:
        """Stop watching the poolers; they go on."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.release() for one in running))

    async def close(self) -> None:
        """Stop every pooler."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.stop() for one in running))


async def _started(pooler: Supervisor) -> None:
    try:
        await pooler.start()
    except OSError as error:
        raise errors.Unavailable(
            f"The connection pooler can't be started: {error.strerror}."
        ) from error


async def _answering(database: Database) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_SECONDS
    while not await _listens(database.pool_port or 0):
        if asyncio.get_running_loop().time() > deadline:
            raise errors.Unavailable("The connection pooler did not start within 10 s.")
        await asyncio.sleep(_POLL_SECONDS)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True

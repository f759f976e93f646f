"""The customers' Postgres servers of this machine, apart from the control database."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import psycopg

from hatoba import errors
from hatoba.addons.postgres import archive_files, copies, installations
from hatoba.addons.postgres.installations import Installation
from hatoba.addons.postgres.place import ServersPlace
from hatoba.addons.postgres.poolers import Poolers
from hatoba.addons.postgres.server_log import LINE_PREFIX
from hatoba.model.database import HOST, DatabaseServer, ports
from hatoba.store.postgres_files import owner, servers_home
from hatoba.store.postgres_server import PostgresServer, ServerPlan

# Sessions of a server: of all essential databases on it together, or as many as the largest
# standard plan has. Each database has its plan's limit too.
_MOST_CONNECTIONS = 500
# What the platform itself does is not the customer's to read; passwords' digests are in it.
_UNLOGGED = (
    "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic"
)
# How much of what was written can be lost with the server's disk at most.
_ARCHIVE_SECONDS = 60
# The platform's own sessions: diagnostics, copies and followers.
_RESERVED_CONNECTIONS = 20


def options(
    server: DatabaseServer, connections: int, extensions: frozenset[str], archive: Path
) -> dict[str, str]:
    """Return a customers' server's settings; pure."""
    given = {
        "listen_addresses": HOST,
        "max_connections": str(connections + _RESERVED_CONNECTIONS),
        "shared_buffers": "32MB",
        "work_mem": "4MB",
        "maintenance_work_mem": "64MB",
        "max_wal_size": "512MB",
        "min_wal_size": "32MB",
        "wal_level": "replica",
        "wal_keep_size": "128MB",
        "password_encryption": "scram-sha-256",
        "shared_preload_libraries": "pg_stat_statements",
        "log_min_messages": "warning",
        "log_line_prefix": LINE_PREFIX,
        "cluster_name": f"customers-{server.id}",
        "extwlist.extensions": ",".join(sorted(extensions)),
        "rds.allowed_extensions": ",".join(sorted(extensions)),
    }
    if server.shared:
        # A statement may hold a password; errors still show which table or column was meant.
        given["log_min_error_statement"] = "panic"
    else:
        given["archive_mode"] = "on"
        given["archive_command"] = archive_files.archive_command(archive)
        given["archive_timeout"] = str(_ARCHIVE_SECONDS)
    return {**given, "io_method": "sync"} if server.major >= 18 else given


class Servers:
    """Starts servers when they are needed, finds them again, and opens sessions on them."""

    def __init__(self, place: ServersPlace, *, notice: Callable[[str], None]) -> None:
        self.place = place
        self._notice = notice
        self._running: dict[UUID, PostgresServer] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._installations: dict[int, Installation] | None = None
        self._user: int | None = None
        self.poolers = Poolers(place, notice=notice)

    async def installed(self) -> dict[int, Installation]:
        """Return the binaries there are, by major version."""
        if self._installations is None:
            self._user = await owner()
            self._installations = await asyncio.to_thread(
                installations.found, self.place.work_dir, self._user
            )
        return self._installations

    async def free_port(self, taken: frozenset[int], seed: int) -> int:
        """Return a port that no server has and nobody listens on. Raises Unavailable."""
        for port in ports(seed):
            if port not in taken and _free(port):
                return port
        raise errors.Unavailable("No port is left for another Postgres server.")

    async def plan(self, server: DatabaseServer, connections: int | None = None) -> ServerPlan:
        """Return what a server is made of. Raises Unavailable when its binaries are gone."""
        there = (await self.installed()).get(server.major)
        if there is None:
            raise errors.Unavailable(
                f"This machine has no PostgreSQL {server.major} any more; install it again."
            )
        key = str(server.id)
        secret = self.place.data_dir / "databases.secret"
        return ServerPlan(
            name=f"Postgres server {key[:8]}",
            binaries=there.binaries,
            major=server.major,
            folder=self._home() / "databases" / key,
            socket_dir=self.place.runtime_dir / f"db-{key[:8]}",
            password_file=secret / f"{key}.password",
            record=self.place.runtime_dir / f"db-{key[:8]}.json",
            log=self.log_file(server),
            user=self._user,
            port=server.port,
            options=options(
                server,
                connections or _MOST_CONNECTIONS,
                there.extensions,
                self._archive(server),
            ),
        )

    def log_file(self, server: DatabaseServer) -> Path:
        """Return the file of what a server says."""
        return self.place.data_dir / "log" / f"database-{str(server.id)[:8]}.log"

    def _home(self) -> Path:
        return servers_home(self.place.data_dir, self.place.work_dir)

    def _archive(self, server: DatabaseServer) -> Path:
        return self._home() / "archive" / str(server.id)

    async def archive(self, server: DatabaseServer) -> Path:
        """Return the folder that a server's log and base copies are kept in."""
        await self.installed()
        return self._archive(server)

    async def start(self, server: DatabaseServer, connections: int | None = None) -> PostgresServer:
        """Have a server run: set up, adopted or started. Idempotent. Raises StartupError."""
        async with self._locks.setdefault(server.id, asyncio.Lock()):
            if (running := self._running.get(server.id)) is not None:
                return running
            plan = await self.plan(server, connections)
            plan.password_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            plan.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
            if not server.shared:
                archive_files.prepare(self._archive(server), self._user)
            made = PostgresServer(plan, notice=self._notice)
            await made.start()
            self._running[server.id] = made
            return made

    async def url(self, server: DatabaseServer, database: str = "postgres") -> str:
        """Return where its superuser finds a database. It holds the password: never print it."""
        return (await self.start(server)).url(database)

    async def copy(self, source: DatabaseServer, made: DatabaseServer, *, follow: bool) -> None:
        """Make a server that is a copy of another, and follows it from then on if it is to.

        Idempotent. Raises Unavailable when the copy fails, with nothing left of it.
        """
        leader = await self.start(source)
        plan = await self.plan(made)
        if not plan.data.exists():
            await copies.take(leader, plan, follow=follow)
        await self.start(made)

    async def promote(self, server: DatabaseServer) -> None:
        """Have a follower follow no more and take writes. Idempotent."""
        async with self.session(server) as conn:
            await copies.promote(conn)

    async def stop(self, server: DatabaseServer) -> None:
        """Stop a server; its files stay."""
        if (running := self._running.pop(server.id, None)) is not None:
            await running.stop()

    async def remove(self, server: DatabaseServer) -> None:
        """Stop a server and delete its files and its archive for good."""
        running = self._running.pop(server.id, None)
        gone = running or PostgresServer(await self.plan(server), notice=self._notice)
        await gone.remove()
        await asyncio.to_thread(shutil.rmtree, self._archive(server), ignore_errors=True)

    def logs(self) -> dict[UUID, Path]:
        """Return the log files of the servers that run, by their ids."""
        return {server_id: one.plan.log for server_id, one in self._running.items()}

    def pids(self) -> list[int]:
        """Return the process ids of the servers that run."""
        return [one.pid for one in self._running.values() if one.pid is not None]

    @asynccontextmanager
    async def session(
        self, server: DatabaseServer, database: str = "postgres"
    ) -> AsyncIterator[psycopg.AsyncConnection]:
        """Open a session of the superuser, each statement a transaction of its own.

        Raises Unavailable while the server is away.
        """
        running = await self.start(server)
        try:
            conn = await psycopg.AsyncConnection.connect(
                running.url(database), autocommit=True, connect_timeout=10, options=_UNLOGGED
            )
        except psycopg.OperationalError as error:
            raise errors.Unavailable(
                "The database's server is away; it is being restarted. Try again in a moment."
            ) from error
        async with conn:
            yield conn

    async def release(self) -> None:
        """Stop watching the servers and poolers; they go on."""
        await self.poolers.release()
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.release() for one in running))

    async def close(self) -> None:
        """Stop every pooler and server in order."""
        await self.poolers.close()
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.stop() for one in running))


def _free(port: int) -> bool:
    """Tell whether nobody listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

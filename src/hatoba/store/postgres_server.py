"""One Postgres server: set up from nothing, adopted or started, supervised, healed, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from hatoba.errors import StartupError
from hatoba.kit import process
from hatoba.kit.files import private_dir, write_atomic
from hatoba.kit.supervise import Program, Supervisor
from hatoba.store.postgres_files import leftovers

ADMIN = "hatoba"
"""The superuser of every server that the platform sets up."""
_READY_SECONDS = 30.0
_POLL_SECONDS = 0.05
# How long processes of a killed server may take to notice that it is gone.
_ORPHAN_SECONDS = 3.0
# The first major whose pages have checksums unless it is told otherwise.
_CHECKSUMS_BY_DEFAULT = 18
# The first major with a collation provider of its own, which needs no locale of the machine.
_BUILTIN_LOCALE = 17


@dataclass(frozen=True)
class ServerPlan:
    """What a server is made of.

    ``folder`` gets its files, ``socket_dir`` its socket (both mode 0700, owned by ``user``,
    a uid or None for the caller's own); ``password_file`` keeps the superuser's password;
    ``record`` and ``log`` are the supervisor's. ``name`` is what people call it.
    """

    name: str
    binaries: Path
    major: int
    folder: Path
    socket_dir: Path
    password_file: Path
    record: Path
    log: Path
    user: int | None
    port: int = 5432
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Postgres' own data folder."""
        return self.folder / "data"


def server_argv(plan: ServerPlan) -> list[str]:
    """Return the command line of the server; pure."""
    own = {"port": str(plan.port), "unix_socket_directories": str(plan.socket_dir)}
    given = {**plan.options, **own, "unix_socket_permissions": "0700"}
    options = [arg for name, value in given.items() for arg in ("-c", f"{name}={value}")]
    return [str(plan.binaries / "postgres"), "-D", str(plan.data), *options]


def initdb_argv(
    plan: ServerPlan, data: Path, password_file: Path, *, checksums: bool | None = None
) -> list[str]:
    """Return the command line that makes a server's files; pure.

    ``checksums`` says whether pages get them, None: as that version has it by default.
    """
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    switch = ["--data-checksums"] if checksums else []
    if checksums is False and plan.major >= _CHECKSUMS_BY_DEFAULT:
        switch = ["--no-data-checksums"]
    return [
        str(plan.binaries / "initdb"),
        *("-D", str(data)),
        *("-U", ADMIN),
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        *(builtin if plan.major >= _BUILTIN_LOCALE else ["--locale=C.UTF-8"]),
        "--no-instructions",
        *switch,
    ]


class PostgresServer:
    """Runs what a plan says. It outlives this process and is adopted by the next one."""

    def __init__(self, plan: ServerPlan, *, notice: Callable[[str], None]) -> None:
        self.plan = plan
        program = Program(
            name=plan.name,
            argv=server_argv(plan),
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=plan.user,
            stop_signal=signal.SIGINT,
            stop_seconds=30.0,
        )
        self._supervisor = Supervisor(
            program,
            record=plan.record,
            log=plan.log,
            notice=notice,
            prepare=self._clear_leftovers,
        )

    @property
    def pid(self) -> int | None:
        """The server's process id, or None while it does not run."""
        return self._supervisor.pid

    def url(self, database: str = "postgres") -> str:
        """Return where its superuser finds a database. It holds the password: never print it."""
        password = self.plan.password_file.read_text()
        host = quote(str(self.plan.socket_dir), safe="")
        return f"postgresql://{ADMIN}:{password}@/{database}?host={host}&port={self.plan.port}"

    async def healthy(self) -> bool:
        """Tell whether it accepts connections now."""
        try:
            conn = await psycopg.AsyncConnection.connect(self.url(), connect_timeout=2)
        except (psycopg.OperationalError, OSError):
            return False
        await conn.close()
        return True

    async def start(self) -> None:
        """Set it up when needed, adopt or start it, and wait until it accepts connections.

        Raises StartupError with one line that says what is in the way.
        """
        try:
            await asyncio.to_thread(self._make_folders)
            if not self.plan.data.exists():
                await self._initialise()
            elif not self.plan.password_file.exists():
                raise StartupError(
                    f"{self.plan.folder} is of an earlier platform, whose data folder was deleted. "
                    f"Move it away to begin anew: mv {self.plan.folder} {self.plan.folder}.old"
                )
            await self._supervisor.start()
        except PermissionError as error:
            raise StartupError(
                f"{self.plan.name} can't use {error.filename}: permission denied. "
                "Choose a data folder that this user owns."
            ) from error
        except (OSError, process.CommandError) as error:
            raise StartupError(f"{self.plan.name} could not be set up: {error}.") from error
        await self._accepting()

    async def stop(self) -> None:
        """Shut it down in order, ending its sessions."""
        await self._supervisor.stop()

    async def release(self) -> None:
        """Stop watching it; it goes on."""
        await self._supervisor.release()

    async def remove(self) -> None:
        """Stop it and delete its files for good."""
        await self.stop()
        await asyncio.to_thread(shutil.rmtree, self.plan.folder, ignore_errors=True)
        self.plan.password_file.unlink(missing_ok=True)

    def _make_folders(self) -> None:
        self.plan.record.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (self.plan.folder, self.plan.socket_dir):
            self._own(private_dir(folder))

    def _own(self, path: Path) -> None:
        if self.plan.user is not None:
            os.chown(path, self.plan.user, self.plan.user)

    async def set_up(self, *, checksums: bool | None = None) -> None:
        """Make its files without starting it. Raises CommandError, OSError."""
        await asyncio.to_thread(self._make_folders)
        await self._initialise(checksums=checksums)

    async def _initialise(self, *, checksums: bool | None = None) -> None:
        folder = self.plan.folder
        draft, secret = folder / "data.new", folder / "password.new"
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        if not self.plan.password_file.exists():
            write_atomic(self.plan.password_file, secrets.token_urlsafe(24))
        write_atomic(secret, self.plan.password_file.read_text())
        self._own(secret)
        try:
            await process.check(
                initdb_argv(self.plan, draft, secret, checksums=checksums),
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                cwd=folder,
                user=self.plan.user,
            )
        finally:
            secret.unlink(missing_ok=True)
        draft.rename(self.plan.data)

    async def _clear_leftovers(self) -> None:
        """Wait until no process of a killed server is left, since its memory is shared."""
        data = self.plan.data
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
                raise StartupError(
                    f"{self.plan.name} did not start within 30 s; {self.plan.log} says why."
                )
            await asyncio.sleep(_POLL_SECONDS)

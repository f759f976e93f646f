"""The Valkey servers of this machine: started, adopted, asked, stopped."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import shutil
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hatoba import errors
from hatoba.addons.key_value import configuration, programs
from hatoba.addons.key_value.programs import Valkey
from hatoba.kit.files import private_dir, write_atomic
from hatoba.kit.supervise import Program, Supervisor
from hatoba.model.key_value import HOST, KeyValue, ports
from hatoba.store.postgres_files import owner, servers_home

_READY_SECONDS = 15.0
_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 5.0
_PAUSE_MS = 15_000


@dataclass(frozen=True)
class KeyValuePlace:
    """Where servers live; ``runtime_dir`` holds what finds them again."""

    data_dir: Path
    work_dir: Path
    runtime_dir: Path


class KeyValueServers:
    """Starts servers, finds them again, and asks them. They outlive this process."""

    def __init__(self, place: KeyValuePlace, *, notice: Callable[[str], None]) -> None:
        self.place = place
        self._notice = notice
        self._running: dict[UUID, Supervisor] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}

    async def free_port(self, taken: frozenset[int]) -> int:
        """Return a port that no server has and nobody listens on. Raises Unavailable."""
        for port in ports(secrets.randbelow(10_000)):
            if port not in taken and _free(port):
                return port
        raise errors.Unavailable("No port is left for another key-value store.")

    async def start(self, instance: KeyValue) -> None:
        """Have its server run: adopted or started. Idempotent. Raises Unavailable."""
        async with self._locks.setdefault(instance.id, asyncio.Lock()):
            if instance.id in self._running:
                return
            try:
                supervisor = await self._prepared(instance)
                await supervisor.start()
            except OSError as error:
                raise errors.Unavailable(
                    f"The key-value store can't be started: {error.strerror}."
                ) from error
            self._running[instance.id] = supervisor
        await self._answering(instance)

    async def programs(self) -> list[Valkey]:
        """Return the servers' programs that there are. Raises Unavailable."""
        return await programs.found(self.place.work_dir, await owner())

    async def _prepared(self, instance: KeyValue) -> Supervisor:
        user = await owner()
        binary = programs.chosen(await self.programs(), instance.version).path
        folder, kept = self._folder(instance.id), self._before(instance.id)
        if kept.exists() and not folder.exists():
            # A killed daemon was giving it back.
            kept.rename(folder)
        config = folder / "valkey.conf"
        await asyncio.to_thread(self._write, instance, folder, config, user)
        program = Program(
            name=f"key-value store {str(instance.id)[:8]}",
            argv=[str(binary), str(config)],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=user,
            stop_signal=signal.SIGTERM,
        )
        key = str(instance.id)[:8]
        return Supervisor(
            program,
            record=self.place.runtime_dir / f"kv-{key}.json",
            log=self.place.data_dir / "log" / f"key-value-{key}.log",
            notice=self._notice,
        )

    def _write(self, instance: KeyValue, folder: Path, config: Path, user: int | None) -> None:
        for parent in (folder.parent, self.place.runtime_dir):
            parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        private_dir(folder)
        content = configuration.text(instance, folder, self._admin_password(instance.id))
        write_atomic(config, content)
        if user is not None:
            os.chown(folder, user, user)
            os.chown(config, user, user)

    def _folder(self, instance_id: UUID) -> Path:
        home = servers_home(self.place.data_dir, self.place.work_dir)
        return home / "key-values" / str(instance_id)

    def _admin_password(self, instance_id: UUID) -> str:
        path = private_dir(self.place.data_dir / "key-values.secret") / f"{instance_id}.password"
        if not path.exists():
            write_atomic(path, secrets.token_urlsafe(24))
        return path.read_text()

    async def _answering(self, instance: KeyValue) -> None:
        deadline = asyncio.get_running_loop().time() + _READY_SECONDS
        while not await self.answers(instance):
            if asyncio.get_running_loop().time() > deadline:
                raise errors.Unavailable("The key-value store did not start within 15 s.")
            await asyncio.sleep(_POLL_SECONDS)

    async def answers(self, instance: KeyValue) -> bool:
        """Tell whether it answers by the customer's own password."""
        try:
            async with _session(instance, instance.password, None) as session:
                return bool(await session.ping())
        except (RedisError, OSError):
            return False

    async def info(self, instance: KeyValue) -> dict[str, Any]:
        """Return what the server says of itself. Raises Unavailable."""
        found: dict[str, Any] = await self._ask(instance, "INFO")
        return found

    async def configure(self, instance: KeyValue, settings: Mapping[str, object]) -> None:
        """Put settings in force, and keep them for its next start. Raises Unavailable."""
        for name, value in settings.items():
            await self._ask(instance, "CONFIG SET", name, str(value))
        await self._rewrite(instance)

    async def reset_statistics(self, instance: KeyValue) -> None:
        """Count anew. Raises Unavailable."""
        await self._ask(instance, "CONFIG RESETSTAT")

    async def rotate(self, instance: KeyValue) -> None:
        """Put the instance's password in force and end the sessions of the one before."""
        rule = configuration.password_rule(instance.password)
        await self._ask(instance, "ACL SETUSER", "default", "resetpass", rule)
        await self._ask(instance, "CLIENT KILL", "USER", "default")
        await self._rewrite(instance)

    async def _rewrite(self, instance: KeyValue) -> None:
        folder, user = self._folder(instance.id), await owner()
        config = folder / "valkey.conf"
        await asyncio.to_thread(self._write, instance, folder, config, user)

    async def _ask(self, instance: KeyValue, *words: str) -> Any:  # noqa: ANN401 as the server answers
        password = self._admin_password(instance.id)
        try:
            async with _session(instance, password, configuration.ADMIN) as session:
                return await session.execute_command(*words)  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            raise errors.Unavailable(
                "The key-value store is away; it is being restarted. Try again in a moment."
            ) from error

    async def pause(self, instance: KeyValue) -> None:
        """Take no writes for as long as a server needs to be stopped. Raises Unavailable."""
        await self._ask(instance, "CLIENT PAUSE", str(_PAUSE_MS), "WRITE")

    async def stop(self, instance_id: UUID) -> None:
        """Stop its server in order; what it holds stays. Idempotent."""
        if (running := self._running.pop(instance_id, None)) is not None:
            await running.stop()

    async def keep_before(self, instance_id: UUID) -> None:
        """Keep what a stopped server holds beside it. Raises OSError, with nothing left."""
        kept = self._before(instance_id)
        draft = kept.with_suffix(".draft")
        await asyncio.to_thread(_copy, self._folder(instance_id), draft, kept)

    async def take_before(self, instance_id: UUID) -> None:
        """Give a stopped server back what was kept beside it, if there is anything."""
        kept, folder = self._before(instance_id), self._folder(instance_id)
        if kept.exists():
            gone = kept.with_suffix(".gone")
            await asyncio.to_thread(shutil.rmtree, gone, ignore_errors=True)
            folder.rename(gone)
            kept.rename(folder)
            await asyncio.to_thread(shutil.rmtree, gone, ignore_errors=True)

    async def forget_before(self, instance_id: UUID) -> None:
        """Delete what was kept beside a server. Idempotent."""
        await asyncio.to_thread(shutil.rmtree, self._before(instance_id), ignore_errors=True)

    def _before(self, instance_id: UUID) -> Path:
        return self._folder(instance_id).with_suffix(".before")

    async def remove(self, instance_id: UUID) -> None:
        """Stop its server and delete its files for good. Idempotent."""
        await self.stop(instance_id)
        for folder in (self._folder(instance_id), self._before(instance_id)):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        secret = self.place.data_dir / "key-values.secret" / f"{instance_id}.password"
        secret.unlink(missing_ok=True)

    async def release(self) -> None:
        """Stop watching the servers; they go on."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.release() for one in running))

    async def close(self) -> None:
        """Stop every server in order; what they hold stays."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.stop() for one in running))

    def pids(self) -> list[int]:
        """Return the process ids of the servers that run."""
        return [one.pid for one in self._running.values() if one.pid is not None]


def _copy(folder: Path, draft: Path, kept: Path) -> None:
    """Copy a folder with its owners, whole or not at all. Raises OSError."""
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(kept, ignore_errors=True)
    try:
        shutil.copytree(folder, draft)
        for original in (folder, *folder.rglob("*")):
            there = original.stat()
            os.chown(draft / original.relative_to(folder), there.st_uid, there.st_gid)
        draft.rename(kept)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise OSError(errno.EIO, f"its files can't be copied: {error}") from error


def _session(instance: KeyValue, password: str, user: str | None) -> Redis:
    return Redis(
        host=HOST,
        port=instance.port,
        username=user,
        password=password,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        decode_responses=True,
    )


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

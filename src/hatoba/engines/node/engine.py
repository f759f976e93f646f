"""What engines have in common whose dynos run on this machine: one runner process owns them."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, time
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.engines.base import (
    EXPIRED_GRACE,
    DynoSpec,
    EngineDyno,
    EngineState,
    Output,
    Terminal,
    Usage,
)
from hatoba.engines.images import ImageBuilder, ImageRunner
from hatoba.engines.node import disk, wire
from hatoba.engines.node.attachment import NodeAttachment, Resize
from hatoba.engines.node.client import RunnerLink, link
from hatoba.engines.node.holds import Holds
from hatoba.kit import process
from hatoba.kit.files import private_dir, used, write_atomic
from hatoba.kit.process import ProcessId

log = structlog.get_logger("engine")

# The runner answers within a millisecond; even on a machine that swaps not after this long.
PATIENCE_SECONDS = 15.0
_READY_SECONDS = 15.0
_RETRY_SECONDS = 0.1


class NodeEngine(ABC):
    """All of ``engines.base.Engine`` but ``start``, with one runner process that it keeps alive.

    An engine over it makes the dyno's folder in ``_dynos`` and then has the runner ``_ask``-ed.
    """

    def __init__(
        self,
        work_dir: Path,
        runtime_dir: Path,
        *,
        patience: float = PATIENCE_SECONDS,
        disk_limit: int = disk.LIMIT,
    ) -> None:
        """``patience`` is how many seconds a runner may take to answer before it counts as hung.

        ``disk_limit`` is how many bytes a dyno may keep on disk before it is ended.
        """
        self._patience = patience
        self._dynos = work_dir / "dynos"
        self._spool = work_dir / "spool"
        self._socket = runtime_dir / "runner.sock"
        self._note = runtime_dir / "runner.json"
        self._log = work_dir / "runner.log"
        self._holds = Holds(self._dynos)
        self._starting = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._disk_limit = disk_limit
        self._disk_watch: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Find the runner, or start it, and keep it alive from now on."""
        self._dynos.mkdir(parents=True, exist_ok=True, mode=0o711)
        private_dir(self._spool)
        self._holds.take_all()
        await self._ensure()
        self._keeper = asyncio.create_task(self._keep(), name="keep the runner")
        self._disk_watch = asyncio.create_task(self._watch_disk(), name="watch dynos' disk")

    async def close(self, *, stop: bool) -> None:
        """Let go; with ``stop`` end the runner and all dynos too."""
        for task in (self._disk_watch, self._keeper):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._holds.release_all()
        if stop and self.runner is not None:
            await self._stop_all()

    async def _stop_all(self) -> None:
        """Have the runner end all dynos and itself; one that hangs is replaced first."""
        try:
            await self._ensure()
        except errors.Unavailable as error:
            log.warning("dynos may run on", why=error.message)
        if (runner := self.runner) is not None:
            process.send(runner, signal.SIGTERM)
            if not await asyncio.to_thread(process.gone_within, runner, self._patience):
                log.warning("the runner did not end; it was killed", pid=runner.pid)
                process.send(runner, signal.SIGKILL)

    @property
    def runs_images_for(self) -> str | None:
        """The processor that images must be for; None where none runs."""
        return None

    @property
    def image_builder(self) -> ImageBuilder | None:
        """What builds images of Dockerfiles; None where none are run."""
        return None

    @property
    def image_runner(self) -> ImageRunner | None:
        """What runs builders; None where no images are run."""
        return None

    @property
    def pid(self) -> int | None:
        """The runner's process id, or None while it does not run."""
        runner = self.runner
        return runner.pid if runner else None

    @property
    def runner(self) -> ProcessId | None:
        """The runner's process, if it runs."""
        try:
            return process.recalled(json.loads(self._note.read_text()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    async def _keep(self) -> None:
        while True:
            runner = self.runner
            if runner is not None:
                await self._until_gone(runner)
                log.warning("the runner ended; it is started again, dynos go on")
            try:
                await self._ensure()
            except errors.HatobaError as error:
                log.warning("the runner does not start", why=error.message)
                await asyncio.sleep(1)

    async def _until_gone(self, runner: ProcessId) -> None:
        """Wait for the runner's end, and bring it about when it answers no more."""
        gone = asyncio.create_task(process.gone(runner))
        try:
            while not gone.done():
                await asyncio.wait({gone}, timeout=self._patience)
                if not gone.done() and not await self._answers(self._patience):
                    _end_hung(runner)
                    await gone
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _ensure(self) -> None:
        async with self._starting:
            hung = self.runner
            if hung is not None and not await self._answers(self._patience):
                _end_hung(hung)
                await process.gone(hung)
            if self.runner is None:
                self._spawn()
            if not await self._answers(_READY_SECONDS):
                raise errors.Unavailable(
                    f"The runner of the dynos does not answer. Its log is {self._log}."
                )

    async def _answers(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._answered()
        except TimeoutError:
            return False
        return True

    async def _answered(self) -> None:
        while True:
            try:
                await self._ask({"ask": "list"})
            except errors.Unavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    def _spawn(self) -> None:
        argv = [sys.executable, "-I", "-m", "hatoba.engines.node.runner"]
        argv += [str(self._dynos), str(self._spool), str(self._socket)]
        self._socket.unlink(missing_ok=True)
        with open(self._log, "ab", opener=_private) as output:
            started = process.spawn_detached(argv, env={"PATH": os.defpath}, output=output)
        write_atomic(self._note, json.dumps(asdict(started)))

    async def _ask(self, header: wire.Header) -> wire.Header:
        return check(await self._request(header))

    async def _request(self, header: wire.Header) -> wire.Header:
        async with link(self._socket) as connection:
            await connection.send(header)
            answer, _ = await connection.receive()
        return answer

    @abstractmethod
    async def start(self, spec: DynoSpec) -> None:
        """Start a dyno, as ``engines.base.Engine`` has it."""

    async def _start_inside(self, spec: DynoSpec, request: wire.Header) -> None:
        """Start a command in a running dyno; it has a folder for the runner's notes only."""
        folder = private_dir(self._dynos / str(spec.id))
        answer = await self._request(request)
        if "error" in answer:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if answer.get("errno") == errno.ESRCH:
            raise errors.NotFound("That dyno does not run.", resource="dyno")
        check(answer)

    async def stop(self, dyno_id: UUID, *, grace: float) -> None:
        """Send SIGTERM to the dyno's processes, and SIGKILL after ``grace`` seconds."""
        await self._ask({"ask": "stop", "id": str(dyno_id), "grace": grace})

    async def forget(self, dyno_id: UUID) -> None:
        """Remove an exited dyno's files; its unread output stays until acknowledged."""
        await self._ask({"ask": "forget", "id": str(dyno_id)})
        self._holds.release(dyno_id)

    async def _watch_disk(self) -> None:
        while True:
            began = monotonic()
            try:
                await self.bound_disk()
            except errors.HatobaError as error:
                log.warning("dynos' disk use is not known", why=error.message)
            await asyncio.sleep(disk.pause(monotonic() - began))

    async def bound_disk(self) -> None:
        """End the dynos that keep more on disk than they may. Raises Unavailable."""
        running = {d.id for d in await self.dynos() if d.state is not EngineState.EXITED}
        for dyno_id, size in (await self._on_disk(running)).items():
            if size > self._disk_limit:
                over = {"over_disk": self._disk_limit}
                await self._ask({"ask": "stop", "id": str(dyno_id), "grace": 0, **over})

    async def _on_disk(self, dynos: set[UUID]) -> dict[UUID, int]:
        """Return the bytes that each of these dynos keeps on disk."""
        folders = {dyno_id: self._dynos / str(dyno_id) for dyno_id in dynos}
        return {key: await asyncio.to_thread(used, path) for key, path in folders.items()}

    async def dynos(self) -> list[EngineDyno]:
        """Return all dynos that are known, exited ones until they are forgotten."""
        answer = await self._ask({"ask": "list"})
        return [_dyno(header) for header in answer["dynos"]]

    async def events(self) -> AsyncIterator[EngineDyno]:
        """Yield a dyno each time its state changes; never ends by itself.

        After a lost runner all dynos are yielded, for whatever was missed.
        """
        while True:
            try:
                async with link(self._socket) as connection:
                    await connection.send({"ask": "follow"})
                    await connection.receive()
                    for dyno in await self.dynos():
                        yield dyno
                    while True:
                        header, _ = await connection.receive()
                        yield _dyno(header["dyno"])
            except errors.Unavailable:
                await asyncio.sleep(_RETRY_SECONDS)

    async def output(self, acknowledged: int) -> AsyncIterator[Output]:
        """Yield output after that offset; never ends by itself, and reconnects by itself.

        What a damaged disk has made of it is skipped, up to the next segment.
        """
        offset, damaged = acknowledged, False
        while True:
            try:
                async with link(self._socket) as connection:
                    await connection.send({"ask": "read", "from": offset, "damaged": damaged})
                    damaged = False
                    async for piece in _pieces(connection):
                        yield piece
                        offset = piece.offset
            except errors.Unavailable:
                await asyncio.sleep(_RETRY_SECONDS)
            except wire.WireError as error:
                log.warning("what dynos printed is damaged; a part is skipped", why=str(error))
                damaged = True

    async def attach(self, dyno_id: UUID) -> NodeAttachment:
        """Connect to a dyno started with ``attach``. Raises ``errors.NotFound``."""
        connection = await RunnerLink.open(self._socket)
        await connection.send({"ask": "attach", "id": str(dyno_id)})
        answer, _ = await connection.receive()
        if "error" in answer:
            await connection.close()
            raise errors.NotFound("That dyno can't be attached to.", resource="dyno")
        return NodeAttachment(connection, self._resizing(dyno_id))

    def _resizing(self, dyno_id: UUID) -> Resize:
        async def resize(terminal: Terminal) -> None:
            size = [terminal.columns, terminal.rows]
            await self._ask({"ask": "resize", "id": str(dyno_id), "terminal": size})

        return resize


def _end_hung(runner: ProcessId) -> None:
    """Kill a runner that answers no more: the next one adopts its dynos."""
    log.warning("the runner does not answer; it is replaced, dynos go on", pid=runner.pid)
    process.send(runner, signal.SIGKILL)


def asked_for(spec: DynoSpec, user: int | None, *, sandboxed: bool) -> wire.Header:
    """Return what the runner must know of any dyno."""
    return {
        "meta": {
            "id": str(spec.id),
            "app_id": str(spec.app_id),
            "name": spec.name,
            "user": user,
            "port": 0,
            "listens": spec.listens,
            "memory_limit": 0 if spec.inside else spec.memory,
            "sandboxed": sandboxed and spec.inside is None,
            "inside": str(spec.inside) if spec.inside else None,
            "ends_at": time() + spec.lifetime if spec.lifetime is not None else None,
            "end_grace": EXPIRED_GRACE,
        },
        "attach": spec.attach,
        "terminal": [spec.terminal.columns, spec.terminal.rows] if spec.terminal else None,
    }


def check(answer: wire.Header) -> wire.Header:
    """Return what the runner answered. Raises DiskFull or Unavailable when it is an error."""
    if "error" in answer:
        if answer.get("errno") == errno.ENOSPC:
            raise errors.DiskFull
        raise errors.Unavailable(f"The runner could not do it: {answer['error']}.")
    return answer


async def _pieces(connection: RunnerLink) -> AsyncIterator[Output]:
    """Cut what the runner sends of its spool into pieces; say what was stored meanwhile."""
    records, at = wire.Decoder(), -1
    while True:
        header, data = await connection.receive()
        if at < 0 or header["at"] != at:
            records, position = wire.Decoder(), int(header["at"])
        at = int(header["at"]) + len(data)
        records.feed(data)
        while (record := records.next()) is not None:
            position += len(wire.encode(*record))
            yield _output(*record, position)
        await connection.send({"ask": "stored", "to": position})


def _output(header: wire.Header, data: bytes, offset: int) -> Output:
    return Output(
        app_id=UUID(header["a"]),
        dyno_id=UUID(header["d"]),
        name=header["n"],
        at=datetime.fromtimestamp(header["t"], UTC),
        data=data,
        offset=offset,
        dropped=header.get("x", 0),
    )


def _dyno(header: wire.Header) -> EngineDyno:
    exited_at = header["exited_at"]
    return EngineDyno(
        id=UUID(header["id"]),
        app_id=UUID(header["app_id"]),
        name=header["name"],
        state=EngineState(header["state"]),
        # A runner that was started by an earlier version does not say it.
        host=header.get("host", "127.0.0.1"),
        port=header["port"],
        status=header["status"],
        memory=header["memory"],
        memory_limit=header["memory_limit"],
        output_end=header["output_end"],
        exited_at=datetime.fromtimestamp(exited_at, UTC) if exited_at else None,
        # A runner that was started by an older version measures nothing.
        usage=Usage(*usage) if (usage := header.get("usage")) else None,
        over_disk=header.get("over_disk", 0),
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

"""The engines that the contract suite runs over, each with the same few programs."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

from hatoba.engines.base import DynoSpec, Engine, EngineDyno, EngineState, Output
from hatoba.engines.fake.dyno import FakeDyno, obedient, stubborn
from hatoba.engines.fake.engine import FakeEngine, FakePlace
from hatoba.engines.local.engine import LocalEngine
from hatoba.engines.node.engine import NodeEngine
from hatoba.engines.swarm.engine import SwarmEngine, SwarmPlace
from hatoba.kit import sandbox
from hatoba.kit.sandbox import Isolation
from tests.docker_engine import DockerEngine

DEADLINE = 20.0
MEGABYTE = 1024 * 1024
# The same words mean a program of the fake engine.
PRINTS = "echo one; echo two; exit 3"
WAITS = "echo ready; exec sleep 1000"
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 1000; done"
LISTENS = "exec python3 -u -m http.server $PORT"
ECHOES = "cat; exit 5"
FLOODS = "exec yes"


async def _prints(dyno: FakeDyno) -> int:
    dyno.say(b"one\n")
    dyno.say(b"two\n")
    return 3


async def _waits(dyno: FakeDyno) -> int:
    dyno.say(b"ready\n")
    return await obedient(dyno)


async def _stubborn(dyno: FakeDyno) -> int:
    dyno.say(b"ready\n")
    return await stubborn(dyno)


async def _echoes(dyno: FakeDyno) -> int:
    while data := await dyno.input.get():
        dyno.say(data)
    return 5


async def _floods(dyno: FakeDyno) -> int:
    while True:
        dyno.say(b"y\n" * 512)
        await asyncio.sleep(0)


PROGRAMS = {
    PRINTS: _prints,
    WAITS: _waits,
    STUBBORN: _stubborn,
    ECHOES: _echoes,
    FLOODS: _floods,
}


_E = TypeVar("_E", bound=NodeEngine)


class Rig(Protocol):
    """A place for dynos that outlives the engines over it."""

    async def engine(self) -> Engine: ...

    async def close(self) -> None: ...


class FakeRig:
    def __init__(self) -> None:
        self.place = FakePlace(PROGRAMS)

    async def engine(self) -> Engine:
        return FakeEngine(self.place)

    async def close(self) -> None:
        await self.place.close()


class NodeRig:
    """Folders of engines whose dynos run on this machine.

    Short ones: a unix socket's path may have 107 bytes, and other users must get in.
    """

    def __init__(self, isolation: Isolation | None = None) -> None:
        self.work = Path(tempfile.mkdtemp(prefix="hatoba-dynos-"))
        self.work.chmod(0o711)
        self.runtime = Path(tempfile.mkdtemp(prefix="hatoba-run-"))
        self.isolation = isolation or Isolation(root=os.getuid() == 0, bwrap=sandbox.find())
        self.engines: list[NodeEngine] = []

    async def opened(self, engine: _E) -> _E:
        self.engines.append(engine)
        await engine.open()
        return engine

    async def close(self) -> None:
        for engine in self.engines[:-1]:
            await engine.close(stop=False)
        for engine in self.engines[-1:]:
            await engine.close(stop=True)
        shutil.rmtree(self.work)
        shutil.rmtree(self.runtime)


class LocalRig(NodeRig):
    async def engine(self, **options: Any) -> LocalEngine:
        engine = LocalEngine(self.work, self.runtime, self.isolation, **options)
        return await self.opened(engine)


class SwarmRig(NodeRig):
    """The same folders, and a Docker Engine."""

    def __init__(self, docker: DockerEngine, stack: Path | None = None) -> None:
        super().__init__()
        self.docker = docker
        self.stack = stack
        self.key = hashlib.sha256(str(self.work).encode()).hexdigest()[:8]

    async def engine(self) -> SwarmEngine:
        place = SwarmPlace(
            self.work,
            self.runtime,
            self.docker.socket,
            self.key,
            self.docker.networks,
            self.stack,
        )
        return await self.opened(SwarmEngine(place, self.isolation))


_R = TypeVar("_R", bound=Rig)


@asynccontextmanager
async def rigged(rig: _R) -> AsyncIterator[_R]:
    try:
        yield rig
    finally:
        await rig.close()


@dataclass(frozen=True)
class Request:
    """What a test changes of a dyno's spec."""

    name: str = "web.1"
    user: int = 1
    slug: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    memory: int = 512 * MEGABYTE


def spec(command: str, request: Request | None = None, **more: Any) -> DynoSpec:
    asked = request or Request()
    return DynoSpec(
        id=uuid4(),
        app_id=uuid4(),
        name=asked.name,
        user=asked.user,
        slug=asked.slug,
        command=command,
        env=asked.env,
        memory=asked.memory,
        **more,
    )


async def find(engine: Engine, dyno_id: UUID) -> EngineDyno:
    return next(dyno for dyno in await engine.dynos() if dyno.id == dyno_id)


async def becomes(engine: Engine, dyno_id: UUID, state: EngineState) -> EngineDyno:
    """Wait for the event of that state."""
    async with asyncio.timeout(DEADLINE), aclosing(engine.events()) as events:  # type: ignore[type-var]
        async for dyno in events:
            if dyno.id == dyno_id and dyno.state is state:
                return dyno
    raise AssertionError("events ended")


async def pieces(engine: Engine, dyno_id: UUID, until: bytes, start: int = 0) -> list[Output]:
    """Read a dyno's output from an offset until it holds ``until``."""
    found: list[Output] = []
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(start)) as output:  # type: ignore[type-var]
        async for piece in output:
            if piece.dyno_id == dyno_id:
                found.append(piece)
            if until in text(found):
                return found
    raise AssertionError("output ended")


def text(found: list[Output]) -> bytes:
    return b"".join(piece.data for piece in found)


async def runs_to_end(engine: Engine, dyno: DynoSpec) -> tuple[EngineDyno, bytes]:
    """Start a dyno, wait for its end, return it and all that it printed."""
    await engine.start(dyno)
    end = await becomes(engine, dyno.id, EngineState.EXITED)
    found: list[Output] = []
    if end.output_end:
        found = await _up_to(engine, dyno.id, end.output_end)
    return end, text(found)


async def _up_to(engine: Engine, dyno_id: UUID, offset: int) -> list[Output]:
    found: list[Output] = []
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(0)) as output:  # type: ignore[type-var]
        async for piece in output:
            if piece.dyno_id == dyno_id:
                found.append(piece)
            if piece.offset >= offset:
                return found
    raise AssertionError("output ended")

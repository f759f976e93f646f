"""An engine in memory. A ``FakePlace`` outlives the engines that are made over it."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Mapping
from itertools import count
from uuid import UUID

from hatoba import errors
from hatoba.engines.base import EXPIRED_GRACE, DynoSpec, EngineDyno, Output
from hatoba.engines.fake.dyno import KILLED, FakeAttachment, FakeDyno, Program, obedient
from hatoba.engines.fake.spool import FakeSpool
from hatoba.engines.images import ImageBuilder, ImageRunner

_FIRST_PORT = 20000


class FakePlace:
    """Where fake dynos live. ``programs`` says what a command does; others are ``obedient``."""

    def __init__(
        self, programs: Mapping[str, Program] | None = None, *, bound: int = 1_000_000
    ) -> None:
        self.programs = dict(programs or {})
        self.runs_images_for: str | None = None
        self.image_builder: ImageBuilder | None = None
        self.image_runner: ImageRunner | None = None
        self.spool = FakeSpool(bound)
        self.dynos: dict[UUID, FakeDyno] = {}
        self.commands: dict[UUID, FakeDyno] = {}
        self.followers: set[asyncio.Queue[EngineDyno]] = set()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._ports = count(_FIRST_PORT)

    def start(self, spec: DynoSpec) -> None:
        """Start a dyno unless it is known."""
        if spec.id in self.dynos:
            return
        dyno = FakeDyno(spec, next(self._ports), self.spool, self._tell)
        self.dynos[spec.id] = dyno
        self._tell(dyno.seen)
        self._tasks[spec.id] = asyncio.create_task(self._run(dyno), name=spec.name)
        if spec.lifetime is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(spec.lifetime, self.stop, dyno, EXPIRED_GRACE)

    def start_inside(self, spec: DynoSpec) -> None:
        """Start a command in a running dyno. Raises ``errors.NotFound``."""
        around = self.dynos.get(spec.inside) if spec.inside else None
        if around is None or around.exited:
            raise errors.NotFound("That dyno does not run.", resource="dyno")
        command = FakeDyno(spec, around.seen.port, self.spool, lambda seen: None)
        self.commands[spec.id] = command
        self._tasks[spec.id] = asyncio.create_task(self._run(command), name=spec.name)

    async def _run(self, dyno: FakeDyno) -> None:
        command = dyno.spec.command
        line = command if isinstance(command, str) else shlex.join(command)
        dyno.exit(await self.programs.get(line, obedient)(dyno))
        self._end_inside(dyno)

    def _end_inside(self, around: FakeDyno) -> None:
        for command in self.commands.values():
            if command.spec.inside == around.spec.id:
                self._kill(command)

    def _tell(self, dyno: EngineDyno) -> None:
        for follower in self.followers:
            follower.put_nowait(dyno)

    def stop(self, dyno: FakeDyno, grace: float) -> None:
        """Ask a dyno to end and make it after ``grace`` seconds."""
        if grace <= 0:
            self._kill(dyno)
        elif not dyno.exited:
            dyno.asked_to_end.set()
            asyncio.get_running_loop().call_later(grace, self._kill, dyno)

    def _kill(self, dyno: FakeDyno) -> None:
        self._tasks[dyno.spec.id].cancel()
        dyno.exit(KILLED)
        self._end_inside(dyno)

    async def close(self) -> None:
        """End every dyno and wait for its program to have ended."""
        for dyno in self.dynos.values():
            self._kill(dyno)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


class FakeEngine:
    """Implements ``engines.base.Engine``; ``dyno()`` gives what a test directs."""

    def __init__(self, place: FakePlace | None = None) -> None:
        self.place = place or FakePlace()

    def dyno(self, name: str) -> FakeDyno:
        """Return the newest dyno of that name. Raises LookupError."""
        for dyno in reversed(self.place.dynos.values()):
            if dyno.spec.name == name:
                return dyno
        raise LookupError(name)

    @property
    def runs_images_for(self) -> str | None:
        """The processor that images are for here."""
        return self.place.runs_images_for

    @property
    def image_builder(self) -> ImageBuilder | None:
        """What the place has of it."""
        return self.place.image_builder

    @property
    def image_runner(self) -> ImageRunner | None:
        """What the place has of it."""
        return self.place.image_runner

    async def start(self, spec: DynoSpec) -> None:
        """Start a dyno; a known id changes nothing."""
        if spec.inside is None:
            self.place.start(spec)
        elif spec.id not in self.place.commands:
            self.place.start_inside(spec)

    async def stop(self, dyno_id: UUID, *, grace: float) -> None:
        """Ask the dyno to end, and make it after ``grace`` seconds."""
        if dyno := self.place.dynos.get(dyno_id) or self.place.commands.get(dyno_id):
            self.place.stop(dyno, grace)

    async def forget(self, dyno_id: UUID) -> None:
        """Forget an exited dyno; its unread output stays."""
        dyno = self.place.dynos.get(dyno_id)
        if dyno is not None and not dyno.exited:
            raise errors.Unavailable("The dyno still runs. Stop it, then try again.")
        self.place.dynos.pop(dyno_id, None)

    async def dynos(self) -> list[EngineDyno]:
        """Return all dynos that are known."""
        return [dyno.seen for dyno in self.place.dynos.values()]

    async def events(self) -> AsyncIterator[EngineDyno]:
        """Yield a dyno each time it changes."""
        follower: asyncio.Queue[EngineDyno] = asyncio.Queue()
        self.place.followers.add(follower)
        try:
            for dyno in await self.dynos():
                yield dyno
            while True:
                yield await follower.get()
        finally:
            self.place.followers.discard(follower)

    def output(self, acknowledged: int) -> AsyncIterator[Output]:
        """Yield output after that offset."""
        return self.place.spool.follow(acknowledged)

    async def attach(self, dyno_id: UUID) -> FakeAttachment:
        """Connect to a dyno started with ``attach``. Raises ``errors.NotFound``."""
        dyno = self.place.dynos.get(dyno_id) or self.place.commands.get(dyno_id)
        if dyno is None or not dyno.spec.attach:
            raise errors.NotFound("That dyno can't be attached to.", resource="dyno")
        return FakeAttachment(dyno)

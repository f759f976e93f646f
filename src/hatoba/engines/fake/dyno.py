"""A dyno in memory, which a test or a small program makes do things."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

from hatoba.engines.base import DynoSpec, EngineDyno, EngineState, Terminal, Usage
from hatoba.engines.fake.spool import FakeSpool

HUNG_UP = 128 + 1
TERMINATED = 128 + 15
KILLED = 128 + 9


class FakeDyno:
    """What runs instead of a process. ``seen`` is what the engine tells of it.

    ``asked_to_end`` is set by SIGTERM, ``hung_up`` when an attachment lets go.
    """

    def __init__(
        self, spec: DynoSpec, port: int, spool: FakeSpool, tell: Callable[[EngineDyno], None]
    ) -> None:
        self.spec = spec
        self.asked_to_end = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.input: asyncio.Queue[bytes] = asyncio.Queue()
        self.attached: asyncio.Queue[bytes] = asyncio.Queue()
        self.terminal = spec.terminal
        self._spool = spool
        self._tell = tell
        self.seen = EngineDyno(
            spec.id,
            spec.app_id,
            spec.name,
            EngineState.STARTING,
            port=port,
            memory_limit=spec.memory,
        )

    @property
    def exited(self) -> bool:
        """Whether it has ended."""
        return self.seen.state is EngineState.EXITED

    def listen(self) -> None:
        """Accept connections on its port from now on."""
        if self.seen.state is EngineState.STARTING:
            self._become(replace(self.seen, state=EngineState.LISTENING))

    def say(self, data: bytes) -> None:
        """Print."""
        if self.spec.attach:
            self.attached.put_nowait(data)
        else:
            self._spool.append(self.spec, data)

    def use(self, memory: int) -> None:
        """Take that many bytes of memory."""
        usage = Usage(memory, 0, 0, 0.0, 0.0, 0.0)
        self._become(replace(self.seen, memory=memory, usage=usage))

    def exit(self, status: int) -> None:
        """End with that status; an end that has been stays as it is."""
        if self.exited:
            return
        self.attached.put_nowait(b"")
        self._become(
            replace(
                self.seen,
                state=EngineState.EXITED,
                status=status,
                output_end=self._spool.end,
                exited_at=datetime.now(UTC),
            )
        )

    def _become(self, seen: EngineDyno) -> None:
        self.seen = seen
        self._tell(seen)


Program = Callable[[FakeDyno], Awaitable[int]]


async def obedient(dyno: FakeDyno) -> int:
    """Listen if that is asked for, and end at SIGTERM: what a well-made app does."""
    if dyno.spec.listens:
        dyno.listen()
    await dyno.asked_to_end.wait()
    return TERMINATED


async def idle(dyno: FakeDyno) -> int:
    """Neither listen nor end by itself: the test does both."""
    await dyno.asked_to_end.wait()
    return TERMINATED


async def stubborn(dyno: FakeDyno) -> int:
    """Listen if that is asked for, and care for no signal but SIGKILL."""
    if dyno.spec.listens:
        dyno.listen()
    await asyncio.Event().wait()
    return 0


class FakeAttachment:
    """Implements ``engines.base.Attachment`` over a fake dyno's queues."""

    def __init__(self, dyno: FakeDyno) -> None:
        self._dyno = dyno

    async def read(self) -> bytes:
        """Return the next output; empty when the dyno has closed it."""
        data = await self._dyno.attached.get()
        if not data:
            self._dyno.attached.put_nowait(b"")
        return data

    async def write(self, data: bytes) -> None:
        """Send input; raises ConnectionError when the dyno is gone."""
        if self._dyno.exited:
            raise ConnectionResetError("the dyno is gone")
        self._dyno.input.put_nowait(data)

    async def end_input(self) -> None:
        """Give the dyno the end of its input: an empty piece."""
        self._dyno.input.put_nowait(b"")

    async def resize(self, terminal: Terminal) -> None:
        """Give the dyno's terminal its new size."""
        if self._dyno.terminal is not None:
            self._dyno.terminal = terminal

    async def close(self) -> None:
        """Let go of the streams; the dyno is hung up on, and a command inside one ends."""
        self._dyno.hung_up.set()
        if self._dyno.spec.inside is not None:
            self._dyno.exit(HUNG_UP)

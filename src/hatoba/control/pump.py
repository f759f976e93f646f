"""Carries what dynos print from the engine into the logs, and to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from hatoba.engines.base import Engine
from hatoba.logs.base import Logs

Sink = Callable[[bytes], None]


class Pump:
    """One reader of the engine's output. A piece is in the logs before the next is asked for."""

    def __init__(self, engine: Engine, logs: Logs) -> None:
        self._engine = engine
        self._logs = logs
        self._sinks: dict[UUID, Sink] = {}
        self._offset = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def tap(self, dyno_id: UUID, sink: Sink) -> None:
        """Give the dyno's output to ``sink`` too, from now on."""
        self._sinks[dyno_id] = sink

    def untap(self, dyno_id: UUID) -> None:
        """Give it no more."""
        self._sinks.pop(dyno_id, None)

    async def reached(self, offset: int) -> None:
        """Wait until everything up to that offset is in the logs."""
        if self._offset < offset:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((offset, done))
            await done

    async def run(self) -> None:
        """Carry output; never ends by itself."""
        self._offset = self._logs.acknowledged
        async for piece in self._engine.output(self._offset):
            self._logs.ingest(piece)
            if sink := self._sinks.get(piece.dyno_id):
                sink(piece.data)
            self._offset = piece.offset
            self._release()

    def _release(self) -> None:
        for offset, done in self._waiting:
            if offset <= self._offset and not done.done():
                done.set_result(None)
        self._waiting = [(o, d) for o, d in self._waiting if not d.done()]

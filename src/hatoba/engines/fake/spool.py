"""Output of fake dynos: in memory, bounded, kept until it was acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hatoba.engines.base import DynoSpec, Output


class FakeSpool:
    """Pieces of output in order; over ``bound`` bytes the loudest dyno loses its oldest."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._pieces: list[Output] = []
        self._lost: Counter[UUID] = Counter()
        self._followers: set[asyncio.Event] = set()
        self.end = 0

    def append(self, spec: DynoSpec, data: bytes) -> None:
        """Keep what a dyno printed and wake those who follow."""
        self.end += len(data)
        self._pieces.append(
            Output(spec.app_id, spec.id, spec.name, datetime.now(UTC), data, self.end)
        )
        while self._size() > self._bound:
            self._lose()
        for news in self._followers:
            news.set()

    def _size(self) -> int:
        return sum(len(piece.data) for piece in self._pieces)

    def _lose(self) -> None:
        unread: Counter[UUID] = Counter()
        for piece in self._pieces:
            unread[piece.dyno_id] += len(piece.data)
        [(loudest, _)] = unread.most_common(1)
        oldest = next(piece for piece in self._pieces if piece.dyno_id == loudest)
        self._pieces.remove(oldest)
        self._lost[loudest] += len(oldest.data)

    def acknowledge(self, offset: int) -> None:
        """Let go of everything up to the offset."""
        self._pieces = [piece for piece in self._pieces if piece.offset > offset]

    async def follow(self, acknowledged: int) -> AsyncIterator[Output]:
        """Yield what comes after the offset; asking on acknowledges what was yielded."""
        news, sent = asyncio.Event(), acknowledged
        self._followers.add(news)
        try:
            while True:
                self.acknowledge(sent)
                news.clear()
                piece = next((p for p in self._pieces if p.offset > sent), None)
                if piece is None:
                    await news.wait()
                    continue
                sent = piece.offset
                yield replace(piece, dropped=self._lost.pop(piece.dyno_id, 0))
        finally:
            self._followers.discard(news)

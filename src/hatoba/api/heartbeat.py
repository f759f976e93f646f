"""Streams that show that they are alive while nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

# Proxies and clients give up on what is silent for a minute or so.
EVERY = 15.0


async def beating(source: AsyncIterator[bytes], beat: bytes) -> AsyncIterator[bytes]:
    """Yield what comes from the source, and ``beat`` after each fifteen seconds without."""
    coming: asyncio.Task[bytes | None] = asyncio.create_task(_next(source))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=EVERY)
            if not done:
                yield beat
                continue
            piece = coming.result()
            if piece is None:
                return
            coming = asyncio.create_task(_next(source))
            yield piece
    finally:
        coming.cancel()


async def _next(source: AsyncIterator[bytes]) -> bytes | None:
    return await anext(source, None)

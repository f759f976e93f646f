"""Silent streams show that they are alive, and others are left as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hatoba.api import heartbeat


async def test_what_comes_is_passed_on_to_its_end() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    assert [piece async for piece in heartbeat.beating(source(), b"!")] == [b"a", b"b"]


async def test_silence_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "EVERY", 0.001)
    go_on, closed = asyncio.Event(), asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        try:
            await go_on.wait()
            yield b"a"
            await asyncio.Event().wait()
        finally:
            closed.set()

    stream = heartbeat.beating(source(), b"!")
    assert await anext(stream) == b"!"
    go_on.set()
    async with asyncio.timeout(10):
        while await anext(stream) == b"!":
            pass
        await stream.aclose()  # type: ignore[attr-defined]
        await closed.wait()


async def test_failure_of_the_source_is_not_hidden() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b"a"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        assert [piece async for piece in heartbeat.beating(source(), b"!")] == []

"""A live connection to an attached dyno's standard streams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hatoba.engines.base import Terminal
from hatoba.engines.node.client import RunnerLink

Resize = Callable[[Terminal], Awaitable[None]]


class NodeAttachment:
    """Implements ``engines.base.Attachment`` over a connection to the runner."""

    def __init__(self, link: RunnerLink, resize: Resize) -> None:
        """``resize`` tells the runner, on another connection: this one carries raw bytes."""
        self._link = link
        self._resize = resize
        self._first = link.leftover()

    async def read(self) -> bytes:
        """Return the next output; empty when the dyno has closed it."""
        if first := self._first:
            self._first = b""
            return first
        return await self._link.read()

    async def write(self, data: bytes) -> None:
        """Send input; raises ConnectionError when the dyno is gone."""
        await self._link.write(data)

    async def end_input(self) -> None:
        """Close the dyno's standard input (or type ^D on a terminal)."""
        self._link.end()

    async def resize(self, terminal: Terminal) -> None:
        """Tell the dyno's terminal its new size; without a terminal nothing happens."""
        await self._resize(terminal)

    async def close(self) -> None:
        """Let go of the streams; the dyno is hung up on (SIGHUP)."""
        await self._link.close()

"""hatobad's side of the runner's socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hatoba import errors
from hatoba.engines.node import wire

_READ = 512 * 1024


class RunnerLink:
    """One connection to the runner."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = wire.Decoder()

    @classmethod
    async def open(cls, path: Path) -> RunnerLink:
        """Connect. Raises Unavailable."""
        try:
            return cls(*await asyncio.open_unix_connection(path))
        except OSError as error:
            raise errors.Unavailable(
                "The runner of the dynos is away; it is being restarted. Try again in a moment."
            ) from error

    async def send(self, header: wire.Header) -> None:
        """Send one frame."""
        try:
            self._writer.write(wire.encode(header))
            await self._writer.drain()
        except OSError as error:
            raise _away() from error

    async def receive(self) -> tuple[wire.Header, bytes]:
        """Return the next frame. Raises Unavailable when the runner has gone."""
        while (frame := self._decoder.next()) is None:
            data = await self.read()
            if not data:
                raise _away()
            self._decoder.feed(data)
        return frame

    async def read(self) -> bytes:
        """Return raw bytes as they come; empty at the end."""
        try:
            return await self._reader.read(_READ)
        except OSError:
            return b""

    def leftover(self) -> bytes:
        """Take the bytes that came after the last frame."""
        return self._decoder.rest()

    async def write(self, data: bytes) -> None:
        """Send raw bytes. Raises ConnectionError."""
        self._writer.write(data)
        await self._writer.drain()

    def end(self) -> None:
        """Send no more."""
        if self._writer.can_write_eof():
            self._writer.write_eof()

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return


def _away() -> errors.Unavailable:
    return errors.Unavailable("The runner of the dynos went away. Try again in a moment.")


@asynccontextmanager
async def link(path: Path) -> AsyncIterator[RunnerLink]:
    """Open a connection for the length of a block."""
    connection = await RunnerLink.open(path)
    try:
        yield connection
    finally:
        await connection.close()

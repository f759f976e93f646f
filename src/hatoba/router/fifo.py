"""The pipe that carries the access log; it has a reader and a writer even while the daemon is away.

Envoy inherits an end that is open for reading too, so the pipe outlives the daemon, up to 1 MiB
of lines wait in it, and Envoy, which writes its log in a thread of its own, never stalls.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path

_CAPACITY = 1024 * 1024
# A longer line can't be an access log entry: header limits keep those below it.
_LONGEST_LINE = 256 * 1024


class Fifo:
    """The daemon's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._inherited = -1
        self._rest = b""

    def open(self) -> int:
        """Make it if needed and open it; return the descriptor to hand on to Envoy."""
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self._path, 0o600)
        self._inherited = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        # A user may own a limited amount of pipe memory; the default size serves as well.
        with contextlib.suppress(PermissionError):
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, _CAPACITY)
        return self._inherited

    def close(self) -> None:
        """Close the daemon's ends."""
        for descriptor in (self._descriptor, self._inherited):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._descriptor = self._inherited = -1

    async def lines(self) -> AsyncIterator[list[bytes]]:
        """Yield whole lines as they come, as many at once as are there."""
        while True:
            await self._readable()
            with contextlib.suppress(BlockingIOError):
                self._rest += os.read(self._descriptor, _CAPACITY)
            *whole, self._rest = self._rest.split(b"\n")
            if len(self._rest) > _LONGEST_LINE:
                self._rest = b""
            if whole:
                yield whole

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)

"""The relay: a dyno's own ``localhost`` reaches the servers of its app's add-ons, and no more.

``python -m hatoba.engines.swarm.relay DYNOS_FOLDER SOCKET``. A dyno has a network of its own, so
the machine's loopback is not its. For every port that a dyno may reach, this process listens in
the dyno's network and carries bytes to the same port of the machine's loopback. It outlives
hatobad; a new relay finds in the dynos' folders what an old one carried. Standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hatoba.engines.node import processes

NOTE = "reach.json"
_LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_CLONE_NEWNET = 0x40000000
_PIECE = 256 * 1024


@dataclass(frozen=True)
class Reach:
    """Which ports a dyno may reach; its first process is known by id and start time."""

    id: str
    pid: int
    started: int
    ports: tuple[int, ...]


class Relay:
    """All that is carried on this machine."""

    def __init__(self, dynos: Path) -> None:
        self._dynos = dynos
        self._servers: dict[str, list[asyncio.Server]] = {}
        self._waiting: set[asyncio.Task[None]] = set()

    async def adopt(self) -> None:
        """Go on with the dynos for which an earlier relay has left a note."""
        for note in self._dynos.glob(f"*/{NOTE}"):
            with contextlib.suppress(OSError, ValueError, TypeError):
                said = json.loads(note.read_text())
                await self.open(Reach(**{**said, "ports": tuple(said["ports"])}))

    async def open(self, reach: Reach) -> None:
        """Listen in the dyno's network until it ends. Raises OSError when it does not run."""
        if reach.id in self._servers:
            return
        ended = os.pidfd_open(reach.pid)
        if processes.start_time(reach.pid) != reach.started:
            os.close(ended)
            raise ProcessLookupError(3, "the dyno does not run")
        with _network_of(reach.pid):
            listeners = [found for port in reach.ports for found in _listeners(port)]
        self._servers[reach.id] = [
            await asyncio.start_server(_carrier(port), sock=listener)
            for port, listener in listeners
        ]
        note = self._dynos / reach.id / NOTE
        note.touch(mode=0o600)
        note.write_text(json.dumps(asdict(reach)))
        task = asyncio.create_task(self._until_ended(reach.id, ended))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _until_ended(self, dyno_id: str, ended: int) -> None:
        """Let go of the dyno's network when its first process is gone, or it would stay."""
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(ended, gone.set)
        await gone.wait()
        loop.remove_reader(ended)
        os.close(ended)
        for server in self._servers.pop(dyno_id, ()):
            server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request: a dyno and its ports, as one line of JSON."""
        answer: dict[str, Any] = {"open": True}
        try:
            said = json.loads(await reader.readline())
            await self.open(Reach(**{**said, "ports": tuple(said["ports"])}))
        except (OSError, ValueError, TypeError, KeyError) as error:
            answer = {"error": str(error)}
        writer.write(json.dumps(answer).encode() + b"\n")
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()


def _listeners(port: int) -> list[tuple[int, socket.socket]]:
    """Listen on the loopback of the present network; without IPv6 there, on IPv4 only."""
    found = []
    for family, address in _LOOPBACK:
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.bind((address, port))
        except OSError:
            listener.close()
            if family == socket.AF_INET:
                raise
            continue
        listener.listen(128)
        found.append((port, listener))
    return found


@contextlib.contextmanager
def _network_of(pid: int) -> Iterator[None]:
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        theirs = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        try:
            _enter(theirs)
        finally:
            os.close(theirs)
        yield
    finally:
        _enter(own)
        os.close(own)


def _enter(network: int) -> None:
    # os.setns came with Python 3.12.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _carrier(port: int) -> Any:  # noqa: ANN401 what asyncio takes
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, away = await asyncio.open_connection("127.0.0.1", port, limit=_PIECE)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(_copy(reader, away), _copy(there, writer))
        for end in (away, writer):
            end.close()

    return carry


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Carry one direction to its end; a connection that breaks breaks on the other side too."""
    try:
        while data := await source.read(_PIECE):
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except OSError:
        target.transport.abort()


async def _run(dynos: Path, address: Path) -> None:
    relay = Relay(dynos)
    await relay.adopt()
    draft = address.with_suffix(".new")
    draft.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(relay.serve, draft)
    draft.chmod(0o600)
    draft.replace(address)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), Path(sys.argv[2])))

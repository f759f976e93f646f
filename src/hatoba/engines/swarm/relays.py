"""hatobad's side of the relay: keeps it running, and tells it what a dyno may reach."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.kit import process
from hatoba.kit.supervise import Program, Supervisor

log = structlog.get_logger("engine")

_PATIENCE_SECONDS = 10.0
_RETRY_SECONDS = 0.02


class Relays:
    """The relay of this machine."""

    def __init__(self, dynos: Path, work_dir: Path, runtime_dir: Path) -> None:
        self._address = runtime_dir / "relay.sock"
        argv = [sys.executable, "-I", "-m", "hatoba.engines.swarm.relay"]
        program = Program("relay", [*argv, str(dynos), str(self._address)], {"PATH": os.defpath})
        self._supervisor = Supervisor(
            program,
            record=runtime_dir / "relay.json",
            log=work_dir / "relay.log",
            notice=log.warning,
        )

    @property
    def pid(self) -> int | None:
        """The relay's process id, or None while it does not run."""
        return self._supervisor.pid

    async def start(self) -> None:
        """Find the relay, or start it, and keep it alive."""
        await self._supervisor.start()

    async def close(self, *, stop: bool) -> None:
        """Let go of it, or end it."""
        await (self._supervisor.stop() if stop else self._supervisor.release())

    async def open(self, dyno_id: UUID, pid: int, ports: tuple[int, ...]) -> None:
        """Let a dyno reach those ports of this machine's loopback. Raises Unavailable."""
        found = process.identify(pid)
        if not ports or found is None:
            return
        asked = {"id": str(dyno_id), "pid": pid, "started": found.started, "ports": ports}
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                answer = await self._ask(json.dumps(asked).encode() + b"\n")
        except TimeoutError:
            raise errors.Unavailable(
                "The relay to the app's add-ons does not answer; it is being restarted."
            ) from None
        if "error" in answer:
            raise errors.Unavailable(f"The dyno can't reach its add-ons: {answer['error']}.")

    async def _ask(self, line: bytes) -> dict[str, object]:
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._address)
                writer.write(line)
                answer: dict[str, object] = json.loads(await reader.readline())
            except (OSError, ValueError):
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            writer.close()
            return answer

"""The local engine: dynos as processes of this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from hatoba import errors
from hatoba.engines.base import DynoSpec
from hatoba.engines.launch import passwd_line
from hatoba.engines.local import command, slug
from hatoba.engines.node import disk, wire
from hatoba.engines.node.engine import PATIENCE_SECONDS, NodeEngine, asked_for, check
from hatoba.kit.files import write_atomic
from hatoba.kit.sandbox import Isolation


class LocalEngine(NodeEngine):
    """Implements ``engines.base.Engine`` with processes in sandboxes."""

    def __init__(
        self,
        work_dir: Path,
        runtime_dir: Path,
        isolation: Isolation,
        *,
        patience: float = PATIENCE_SECONDS,
        disk_limit: int = disk.LIMIT,
    ) -> None:
        """``patience`` and ``disk_limit`` are those of ``NodeEngine``."""
        super().__init__(work_dir, runtime_dir, patience=patience, disk_limit=disk_limit)
        self.isolation = isolation

    async def start(self, spec: DynoSpec) -> None:
        """Start a dyno. Raises ``errors.DiskFull`` or ``errors.Unavailable``; nothing stays."""
        if spec.image is not None:
            raise errors.InvalidParams(
                "This platform runs dynos as processes, not images. "
                "Start it on Docker for that: hatoba up --engine swarm"
            )
        if spec.inside is not None:
            around = self._dynos / str(spec.inside)
            await self._start_inside(spec, _start_request(spec, around, self.isolation))
            return
        if any(dyno.id == spec.id for dyno in await self.dynos()):
            return
        folder = self._dynos / str(spec.id)
        user = self.isolation.user(spec.user)
        await asyncio.to_thread(slug.unpack, spec.slug, folder, user)
        passwd = folder / "passwd"
        write_atomic(passwd, passwd_line(user or os.getuid()), mode=0o644)
        answer = await self._request(_start_request(spec, folder, self.isolation))
        if "error" in answer:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        check(answer)
        self._holds.take(spec.id)


def _start_request(spec: DynoSpec, folder: Path, isolation: Isolation) -> wire.Header:
    start = command.launch(spec, folder, isolation, folder / "passwd")
    return {
        "ask": "start",
        **asked_for(spec, isolation.user(spec.user), sandboxed=isolation.bwrap is not None),
        "argv": list(start.argv),
        "env": dict(start.env),
    }

"""How many dynos fit into a GB, and how fast one starts: each engine against bare processes.

A dyno is `sleep` here, so that what is counted is the engine's own: the dyno's processes, their
share of the runner, and with containers Docker's part of it. Containers need root and Docker.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from uuid import uuid4

from bench.memory import pss
from bench.table import Row, middle, show
from hatoba.engines.base import DynoSpec, Engine, EngineState
from tests.contract.engine_rigs import LocalRig, SwarmRig, becomes, pieces, spec
from tests.docker_engine import DockerEngine, missing

DYNOS = 20
_GIGABYTE = 1024.0
_COMMAND = "echo ready; exec sleep 1000"


_APP = uuid4()


def _dyno() -> DynoSpec:
    return replace(spec(_COMMAND), app_id=_APP)


def _of_docker(docker: DockerEngine) -> Iterator[int]:
    """The processes of that Docker Engine: daemon, containerd and one shim a container."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if str(docker.socket.parent).encode() in path.read_bytes():
                yield int(path.parent.name)


def _used(pids: Iterator[int] | list[int]) -> float:
    total = 0.0
    for pid in pids:
        with suppress(OSError):
            total += pss(pid, family=False)
    return total


def _below(name: bytes) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if name in path.read_bytes().replace(b"\0", b" "):
                found.append(int(path.parent.name))
    return found


async def _started(engine: Engine) -> list[float]:
    """Start dynos one after the other; return how long each took to say that it runs."""
    took = []
    for _ in range(DYNOS):
        dyno = _dyno()
        began = monotonic()
        await engine.start(dyno)
        await pieces(engine, dyno.id, b"ready")
        took.append(monotonic() - began)
    return took


async def _end(engine: Engine) -> None:
    for dyno in await engine.dynos():
        await engine.stop(dyno.id, grace=0)
        await becomes(engine, dyno.id, EngineState.EXITED)


def bare() -> tuple[float, float]:
    """Return the seconds to start a process, and the MB of one."""
    took, processes = [], []
    for _ in range(DYNOS):
        began = monotonic()
        process = subprocess.Popen(["bash", "-c", _COMMAND], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        took.append(monotonic() - began)
        processes.append(process)
    used = _used([process.pid for process in processes])
    for process in processes:
        process.kill()
        process.communicate()
    return middle(took), used / DYNOS


async def local() -> tuple[float, float]:
    """The same of the local engine: the sandbox, the command, the runner's growth."""
    rig = LocalRig()
    engine = await rig.engine()
    try:
        before = _used([engine.pid or 0])
        took = await _started(engine)
        used = _used(_below(str(rig.work / "dynos").encode())) - before
        used += _used(_below(b"sleep 1000"))
    finally:
        await _end(engine)
        await rig.close()
    return middle(took), used / DYNOS


async def swarm() -> tuple[float, float]:
    """The same of containers: shims, the first process, the command, Docker's growth."""
    docker = DockerEngine()
    docker.start()
    rig = SwarmRig(docker)
    engine = await rig.engine()
    try:
        await engine.start(_dyno())  # The image and the network are made once.
        before = _used(_of_docker(docker)) + _used([engine.pid or 0])
        took = await _started(engine)
        used = _used(_of_docker(docker)) + _used([engine.pid or 0]) - before
        used += _used(_below(b"/run/hatoba/gate")) + _used(_below(b"sleep 1000"))
    finally:
        await _end(engine)
        await rig.close()
        docker.close()
    return middle(took), used / DYNOS


def _rows(name: str, found: tuple[float, float], base: tuple[float, float]) -> list[Row]:
    (seconds, size), (bare_seconds, bare_size) = found, base
    return [
        Row(
            f"{name}: start",
            f"{seconds * 1000:.0f} ms",
            f"{bare_seconds * 1000:.0f} ms",
            seconds / bare_seconds,
            "",
        ),
        Row(
            f"{name}: dynos per GB",
            f"{_GIGABYTE / size:.0f}",
            f"{_GIGABYTE / bare_size:.0f}",
            bare_size / size,
            "",
        ),
    ]


def main() -> None:
    base = bare()
    rows = _rows("local", asyncio.run(local()), base)
    if why := missing():
        print(f"  swarm is left out: {why}")
    else:
        rows += _rows("swarm", asyncio.run(swarm()), base)
    show(f"Density and start: {DYNOS} idle dynos against bare processes", rows)


if __name__ == "__main__":
    main()

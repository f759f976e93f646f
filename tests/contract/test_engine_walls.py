"""A hostile program in a container tries the walls, each of which has to hold."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace
from pathlib import Path

from hatoba.engines.base import EngineState
from tests.contract import hostile
from tests.contract.engine_rigs import (
    LISTENS,
    Request,
    SwarmRig,
    becomes,
    rigged,
    runs_to_end,
    spec,
)
from tests.contract.test_engine_local import slug_of
from tests.docker_engine import DockerEngine


async def test_a_hostile_program_gets_through_no_wall(docker: DockerEngine, tmp_path: Path) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    slug = slug_of(tmp_path, {"hostile.py": Path(hostile.__file__).read_text()})
    # As the platform's Postgres and an add-on's server do, both listen on this machine's loopback.
    servers = [await asyncio.start_server(accept, "127.0.0.1", 0) for _ in range(2)]
    postgres, addon = (server.sockets[0].getsockname()[1] for server in servers)
    async with rigged(SwarmRig(docker)) as rig:
        engine, other, own = await rig.engine(), spec(LISTENS, listens=True), spec("", listens=True)
        mate = replace(spec(LISTENS, listens=True), app_id=own.app_id)
        seen = {}
        for dyno in (other, mate):
            await engine.start(dyno)
            seen[dyno.id] = await becomes(engine, dyno.id, EngineState.LISTENING)
        closed = [f"{seen[other.id].host}:{seen[other.id].port}"]
        # By every address that may lead to the machine: loopback, the test's link, a gateway.
        gateway = seen[mate.id].host.rpartition(".")[0]
        last = int(seen[mate.id].host.rpartition(".")[2]) // 64 * 64 + 1
        machine = ("127.0.0.1", "198.18.0.1", f"{gateway}.{last}")
        closed += [f"{host}:{postgres}" for host in machine]
        closed += [f"{host}:{port}" for host in machine[1:] for port in (2375, 2376)]
        allowed = [f"{seen[mate.id].host}:{seen[mate.id].port}", f"127.0.0.1:{addon}"]
        paths = [str(path) for path in (docker.socket, *sorted(rig.runtime.iterdir()))]
        paths += [str(rig.work), "/var/run/docker.sock", "/run/hatoba/meta.json", "/proc/1/mem"]
        assert any(path.endswith("runner.sock") for path in paths)
        words = shlex.join(["python3", "hostile.py", *closed, *allowed, "--", *paths])
        request = Request(slug=slug, user=7)
        tries = replace(spec(words, request, reaches=(addon,)), app_id=own.app_id)
        _, printed = await runs_to_end(engine, tries)
    for server in servers:
        server.close()
    assert all(": " in line for line in printed.decode().splitlines()), printed.decode()
    ended = dict(line.rsplit(": ", 1) for line in printed.decode().splitlines())
    assert len(ended) == len(hostile.TRIES) + len(closed) + len(allowed) + len(paths)
    done = {name for name, end in ended.items() if not end.startswith("refused")}
    assert done == {f"connect to {address}" for address in allowed}

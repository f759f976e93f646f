"""Programs of images that build an app, in containers of a real engine."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from hatoba import errors
from hatoba.engines.images import Workbench, Worked
from hatoba.engines.swarm import runs
from hatoba.engines.swarm.engine import SwarmEngine
from tests.cnb.images import load
from tests.contract.engine_rigs import DEADLINE, MEGABYTE, SwarmRig, rigged
from tests.docker_engine import DockerEngine
from tests.images import BUSYBOX, HandMade, busybox

IMAGE = "harbour/tools:1"
PROGRAMS = "cat dd grep id ls rm sh sleep tail touch wget".split()

pytestmark = pytest.mark.skipif(
    BUSYBOX is None, reason="there is no static busybox; apt-get install busybox-static"
)


@pytest.fixture
async def rig(docker: DockerEngine) -> AsyncIterator[SwarmRig]:
    tools = HandMade([busybox(PROGRAMS)], {"Env": ["PATH=/bin", "OF=image"]})
    await asyncio.to_thread(load, docker, IMAGE, tools)
    async with rigged(SwarmRig(docker)) as made:
        yield made


def bench(folder: Path, script: str, port: int = 1) -> Workbench:
    files = folder / "files.tar"
    with tarfile.open(files, "w") as archive:
        around = tarfile.TarInfo("work")
        around.type, around.mode, around.uid = tarfile.DIRTYPE, 0o755, 1001
        archive.addfile(around)
        member = tarfile.TarInfo("work/greeting")
        member.size, member.uid, member.gid = 5, 1001, 1002
        archive.addfile(member, io.BytesIO(b"hello"))
    return Workbench(
        id=uuid4(),
        app_id=uuid4(),
        number=3,
        image=IMAGE,
        files=files,
        command=("/bin/sh", "-c", script),
        env={"FROM": "bench"},
        user=1001,
        group=1002,
        cache="/cache",
        reaches=(port,),
        result="/work/result",
        memory=64 * MEGABYTE,
    )


async def worked(engine: SwarmEngine, asked: Workbench) -> tuple[Worked, str]:
    said: list[bytes] = []
    try:
        async with asyncio.timeout(DEADLINE):
            ended = await engine.image_runner.work(asked, said.append)
    finally:
        assert await engine.docker.containers() == []
        assert not list((engine.image_runner._place.folders).iterdir())
    return ended, b"".join(said).decode()


async def test_a_program_has_its_files_its_cache_and_a_way_to_one_port(
    rig: SwarmRig, tmp_path: Path
) -> None:
    engine = await rig.engine()
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nharbour\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    look = f"""
    cat /work/greeting; echo; id -u; id -g; echo $OF $FROM; ls /cache; touch /cache/kept
    wget -q -O - http://localhost:{port}/ ; grep -E 'CapEff|NoNewPrivs' /proc/self/status
    echo told >/work/result; echo more >&2; ls -l /cache
    """
    made = bench(tmp_path, look, port)
    async with server:
        ended, said = await worked(engine, made)
    lines = said.splitlines()
    assert lines[:4] == ["hello", "1001", "1002", "image bench"]
    assert {"harbour", "more", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"} <= set(lines)
    # What is written to the one stream and to the other may come in either order.
    (kept,) = [line for line in lines if line.endswith(" kept")]
    assert "-rw-rw-r--" in kept
    assert (ended.status, ended.result, asked) == (0, b"told\n", [b"GET / HTTP/1.1\r\n"])
    _, said = await worked(engine, replace(made, id=uuid4(), command=("/bin/ls", "/cache")))
    assert said == "kept\n"
    await engine.image_runner.drop_cache(made.app_id)
    _, said = await worked(engine, replace(made, id=uuid4(), command=("/bin/ls", "/cache")))
    assert said == ""


async def test_memory_and_cache_are_bounded(
    rig: SwarmRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await rig.engine()
    ended, _ = await worked(engine, bench(tmp_path, "dd if=/dev/zero of=/dev/null bs=200M count=1"))
    assert (ended.status, ended.out_of_memory) == (137, True)
    monkeypatch.setattr(runs, "MOST_CACHED", MEGABYTE)
    filling = bench(tmp_path, "dd if=/dev/zero of=/cache/large bs=1M count=2 2>/dev/null; exit 3")
    ended, _ = await worked(engine, filling)
    assert (ended.status, ended.result) == (3, None)
    _, said = await worked(engine, replace(filling, id=uuid4(), command=("/bin/ls", "/cache")))
    assert said == ""


async def test_one_that_is_cancelled_or_can_not_start_leaves_nothing(
    rig: SwarmRig, tmp_path: Path
) -> None:
    engine = await rig.engine()
    heard = asyncio.Event()
    asked = bench(tmp_path, "echo ready; sleep 1000")
    working = asyncio.create_task(engine.image_runner.work(asked, lambda _: heard.set()))
    await asyncio.wait_for(heard.wait(), DEADLINE)
    await engine.tidy()
    assert len(await engine.docker.containers()) == 1
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert await engine.docker.containers() == []
    ended, _ = await worked(engine, replace(asked, command=("/nothing",)))
    assert ended.status == 127
    with pytest.raises(errors.Unavailable):
        await worked(engine, replace(asked, image="harbour/absent:1"))
    left = engine.image_runner._place.folders / str(uuid4())
    left.mkdir()
    (left / "build-gate").touch()
    await engine.tidy()
    assert not left.exists()

"""What only the swarm engine promises: walls between apps, and that Docker may go and come back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hatoba import errors
from hatoba.engines.base import EngineState
from hatoba.engines.swarm import images
from hatoba.kit import process
from tests.contract.engine_rigs import (
    DEADLINE,
    LISTENS,
    MEGABYTE,
    PRINTS,
    WAITS,
    Request,
    SwarmRig,
    becomes,
    find,
    rigged,
    runs_to_end,
    spec,
)
from tests.contract.test_engine_local import slug_of
from tests.docker_engine import DockerEngine, missing


@pytest.fixture
async def rig(docker: DockerEngine) -> AsyncIterator[SwarmRig]:
    async with rigged(SwarmRig(docker)) as made:
        yield made


@pytest.fixture
def own_docker() -> Iterator[DockerEngine]:
    """A Docker Engine for a test that hurts it."""
    if why := missing():
        pytest.skip(why)
    engine = DockerEngine()
    engine.start()
    yield engine
    engine.close()


async def test_a_dyno_has_the_environment_of_heroku(rig: SwarmRig, tmp_path: Path) -> None:
    slug = slug_of(tmp_path, {".profile.d/a.sh": "export FROM_PROFILE=yes", "bin/hi": "exit"})
    request = Request(slug=slug, env={"COLOUR": "grün", "PORT": "1", "HOME": "/x"}, user=7)
    look = "env; id -un; touch made && ls -A; pwd"
    end, printed = await runs_to_end(await rig.engine(), spec(look, request))
    lines = printed.decode().splitlines()
    for line in ("COLOUR=grün", "FROM_PROFILE=yes", "DYNO=web.1", f"PORT={end.port}", "HOME=/app"):
        assert line in lines
    assert lines[-5:] == ["dyno", ".profile.d", "bin", "made", "/app"]


async def test_a_dyno_has_no_rights(rig: SwarmRig) -> None:
    look = (
        "id -u; grep -E 'Cap(Inh|Eff|Prm|Bnd|Amb)|NoNewPrivs|Seccomp:' /proc/self/status;"
        "touch /usr/x /etc/x /x /bin/x; ls /run/hatoba/; cat /run/hatoba/meta.json;"
        "find / -xdev -type d -writable -not -path '/proc/*' 2>/dev/null"
    )
    _, printed = await runs_to_end(await rig.engine(), spec(look, Request(user=7)))
    lines = printed.decode().splitlines()
    assert lines[0] == str(rig.isolation.first_user + 7)
    assert {line.split()[1] for line in lines[1:6]} == {"0000000000000000"}
    assert lines[6:8] == ["NoNewPrivs:\t1", "Seccomp:\t2"]
    assert printed.count(b"touch: cannot touch") == 4
    assert b"meta.json: Permission denied" in printed
    assert {"/app", "/tmp", "/var/tmp"} == {line for line in lines if line.startswith("/")}


async def test_an_app_reaches_its_own_dynos_and_no_others(rig: SwarmRig) -> None:
    engine, web = await rig.engine(), spec(LISTENS, listens=True)
    await engine.start(web)
    seen = await becomes(engine, web.id, EngineState.LISTENING)
    reach = f"exec 3<>/dev/tcp/{seen.host}/{seen.port} && echo reached"
    own = replace(
        spec(f"timeout 5 bash -c '{reach}'; ls /proc | grep -c ^[0-9]"), app_id=web.app_id
    )
    other = spec(f"timeout 1 bash -c '{reach}'; ls {rig.work}; ls /var/run/docker.sock")
    _, printed = await runs_to_end(engine, own)
    assert printed.startswith(b"reached\n")
    _, printed = await runs_to_end(engine, replace(other, user=2))
    assert b"reached" not in printed
    assert printed.count(b"No such file or directory") == 2


async def test_a_dyno_reaches_its_addons_at_localhost_and_no_other_port(rig: SwarmRig) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello " + await reader.readline())
        writer.close()

    servers = [await asyncio.start_server(greet, "127.0.0.1", 0) for _ in range(2)]
    own, other = (server.sockets[0].getsockname()[1] for server in servers)
    ask = "exec 3<>/dev/tcp/localhost/{} && echo you >&3 && cat <&3"
    command = f"bash -c '{ask.format(own)}'; bash -c '{ask.format(other)}'"
    engine = await rig.engine()
    _, printed = await runs_to_end(engine, spec(command, reaches=(own,)))
    assert printed.count(b"hello you") == 1
    assert b"connect: " in printed
    relay = engine.relays.pid
    assert relay is not None
    os.kill(relay, signal.SIGKILL)
    _, printed = await runs_to_end(engine, spec(command, reaches=(own, other)))
    assert printed.count(b"hello you") == 2
    for server in servers:
        server.close()


async def test_a_closed_attachment_hangs_up(rig: SwarmRig) -> None:
    engine, dyno = await rig.engine(), spec("echo ready; cat; sleep 1000", attach=True)
    await engine.start(dyno)
    attachment = await engine.attach(dyno.id)
    async with asyncio.timeout(DEADLINE):
        assert b"ready" in await attachment.read()
    await attachment.close()
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 128 + signal.SIGHUP


async def test_a_dyno_over_twice_its_memory_is_ended_and_that_is_told(rig: SwarmRig) -> None:
    engine = await rig.engine()
    eats = "exec python3 -c 'import time; x = bytearray(200_000_000); time.sleep(1000)'"
    dyno = spec(eats, Request(memory=40 * MEGABYTE))
    await engine.start(dyno)
    end = await becomes(engine, dyno.id, EngineState.EXITED)
    assert end.status == 128 + signal.SIGKILL
    assert end.memory > 2 * end.memory_limit
    assert await find(engine, dyno.id) == end


async def test_what_a_dyno_uses_is_measured(rig: SwarmRig) -> None:
    engine = await rig.engine()
    uses = "exec python3 -c 'x = bytearray(50_000_000); print(\"ready\")\nwhile True: pass'"
    dyno = spec(uses)
    await engine.start(dyno)
    async with asyncio.timeout(DEADLINE):
        while (seen := await find(engine, dyno.id)).usage is None or seen.usage.rss < 50_000_000:
            await asyncio.sleep(0.1)
    assert seen.usage.rss + seen.usage.cache + seen.usage.swap == seen.memory
    assert seen.usage.load_1m > 0
    assert seen.memory < seen.memory_limit


async def test_every_line_of_many_arrives_though_the_runner_is_killed(rig: SwarmRig) -> None:
    engine, dyno = await rig.engine(), spec("seq -f '%0100.0f' 1 200000")
    await engine.start(dyno)
    runner = engine.runner
    assert runner is not None
    os.kill(runner.pid, signal.SIGKILL)
    await process.gone(runner)
    last, found = b"%0100d\n" % 200000, b""
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(0)) as output:  # type: ignore[type-var]
        async for piece in output:
            found += piece.data
            if piece.data.endswith(last):
                break
    assert found.split() == [b"%0100d" % number for number in range(1, 200_001)]


async def test_a_damaged_slug_leaves_nothing(rig: SwarmRig, tmp_path: Path) -> None:
    engine, damaged = await rig.engine(), tmp_path / "slug.tar.zst"
    escaping = slug_of(tmp_path, {"../../escaped": "x"}).rename(tmp_path / "escaping.tar.zst")
    damaged.write_bytes(b"this is no archive")
    for slug in (damaged, escaping):
        with pytest.raises(errors.Unavailable):
            await engine.start(spec(WAITS, Request(slug=slug)))
    assert await engine.dynos() == []
    assert await engine.docker.containers() == []
    assert list((rig.work / "dynos").iterdir()) == []
    assert list((rig.work / "layers").iterdir()) == []


async def test_what_nobody_knows_of_is_removed(rig: SwarmRig) -> None:
    engine, kept, lost = await rig.engine(), spec(WAITS), spec(WAITS)
    for dyno in (kept, lost):
        await engine.start(dyno)
    await engine.stop(lost.id, grace=0)
    await becomes(engine, lost.id, EngineState.EXITED)
    await super(type(engine), engine).forget(lost.id)  # As if killed before it removed the rest.
    assert len(await engine.docker.containers()) == 2
    assert await engine.tidy() == "removed 1 containers, 1 networks and 0 images"
    assert (await find(engine, kept.id)).state is EngineState.STARTING
    await engine.close(stop=True)
    again = await rig.engine()
    assert await again.docker.containers() == []
    assert await again.docker.networks() == []
    assert [image["RepoTags"] for image in await again.docker.images()] == [
        [name]
        for image in await again.docker.images()
        for name in image["RepoTags"]
        if "machine" in name
    ]


async def test_who_removes_what_another_is_removing_waits_for_it(rig: SwarmRig) -> None:
    engine, dyno = await rig.engine(), spec(WAITS)
    await engine.start(dyno)
    [made] = await engine.docker.containers()
    name = made["Names"][0].lstrip("/")
    await asyncio.gather(*(engine.docker.remove(name) for _ in range(6)))
    assert await engine.docker.container(name) is None


async def test_a_dyno_starts_while_networks_are_tidied(
    rig: SwarmRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, first = await rig.engine(), spec(PRINTS)
    await runs_to_end(engine, first)
    await engine.forget(first.id)
    tidy, create = engine._networks.tidy, engine.docker.create
    reached, tidied = asyncio.Event(), asyncio.Event()
    dyno = replace(spec(WAITS), app_id=first.app_id)

    async def created(name: str, config: dict[str, Any]) -> str:
        reached.set()
        await tidied.wait()
        return await create(name, config)

    async def while_it_starts(kept: Callable[[], set[UUID]]) -> int:
        starting.append(asyncio.create_task(engine.start(dyno)))
        await reached.wait()
        return await tidy(kept)

    starting: list[asyncio.Task[None]] = []
    monkeypatch.setattr(engine.docker, "create", created)
    monkeypatch.setattr(engine._networks, "tidy", while_it_starts)
    assert "0 networks" in await engine.tidy()
    tidied.set()
    await starting[0]
    assert [one.id for one in await engine.dynos()] == [dyno.id]
    monkeypatch.undo()


async def test_images_are_bounded_and_those_in_use_stay(
    rig: SwarmRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "SPARE", 2)
    monkeypatch.setattr(images, "UNUSED_SECONDS", 0.0)
    monkeypatch.setattr(images, "_YOUNG_SECONDS", 0.0)
    engine = await rig.engine()
    slugs = [
        slug_of(tmp_path, {"number": str(number)}).rename(tmp_path / f"{number}.tar.zst")
        for number in range(3)
    ]
    dynos = [spec(WAITS, Request(slug=slug)) for slug in slugs]
    await engine.start(dynos[0])
    assert "0 images" in await engine.tidy()
    for dyno in dynos[1:]:
        await engine.start(dyno)
        await engine.stop(dyno.id, grace=0)
        await becomes(engine, dyno.id, EngineState.EXITED)
        await engine.forget(dyno.id)
    # The second image that came was one too many, so tidying has begun by itself.
    async with asyncio.timeout(DEADLINE):
        while len(await engine.docker.images()) > 2:
            await asyncio.sleep(0)
    assert [image["RepoTags"] is None for image in await engine.docker.images()] == [False, False]
    await engine.stop(dynos[0].id, grace=0)
    await becomes(engine, dynos[0].id, EngineState.EXITED)
    await engine.forget(dynos[0].id)
    assert "1 images" in await engine.tidy()
    [base] = await engine.docker.images()
    assert "machine" in base["RepoTags"][0]


async def test_dynos_outlive_a_restart_of_docker(own_docker: DockerEngine) -> None:
    async with rigged(SwarmRig(own_docker)) as rig:
        engine, dyno = await rig.engine(), spec("echo ready; read x <> <(:); echo over; exit 4")
        web = spec(LISTENS, listens=True)
        await engine.start(dyno)
        await engine.start(web)
        before = await becomes(engine, web.id, EngineState.LISTENING)
        for number in (signal.SIGTERM, signal.SIGKILL):
            own_docker.stop(number)
            with pytest.raises(errors.Unavailable, match="Docker does not answer"):
                await engine.start(spec(WAITS, Request(user=3)))
            assert len(await engine.dynos()) == 2
            own_docker.start()
            seen = await find(engine, web.id)
            assert (seen.state, seen.host, seen.port) == (before.state, before.host, before.port)
        end, printed = await runs_to_end(engine, spec(PRINTS))
        assert (end.status, printed) == (3, b"one\ntwo\n")
        await engine.stop(dyno.id, grace=0)
        await becomes(engine, dyno.id, EngineState.EXITED)
        await engine.forget(dyno.id)
        assert len(await engine.docker.containers()) == 2


async def test_lost_firewall_rules_are_told_and_come_back_with_docker(
    own_docker: DockerEngine,
) -> None:
    own_docker.in_network("iptables", "--wait", "--table", "nat", "--flush")
    own_docker.in_network("iptables", "--wait", "--table", "nat", "--delete-chain", "DOCKER")
    async with rigged(SwarmRig(own_docker)) as rig:
        engine = await rig.engine()
        with pytest.raises(errors.Unavailable, match="rules are gone"):
            await engine.start(spec(PRINTS))
        assert (await engine.dynos(), await engine.docker.containers()) == ([], [])
        own_docker.stop()
        own_docker.start()
        end, _ = await runs_to_end(engine, spec(PRINTS))
        assert end.status == 3


async def test_dynos_that_docker_ends_with_itself_are_seen_to_end() -> None:
    if why := missing():
        pytest.skip(why)
    mortal = DockerEngine(live_restore=False)
    mortal.start()
    try:
        async with rigged(SwarmRig(mortal)) as rig:
            engine, dyno = await rig.engine(), spec(WAITS)
            await engine.start(dyno)
            mortal.stop()
            await becomes(engine, dyno.id, EngineState.EXITED)
            await engine.forget(dyno.id)
            mortal.start()
            assert "removed 1 containers" in await engine.tidy()
            end, _ = await runs_to_end(engine, spec(PRINTS, Request(name=str(uuid4())[:8])))
            assert end.status == 3
    finally:
        mortal.close()

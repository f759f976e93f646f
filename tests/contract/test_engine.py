"""The contract of ``hatoba.engines.base``, over every driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from ipaddress import ip_address
from uuid import uuid4

import pytest

from hatoba import errors
from hatoba.engines.base import Attachment, DynoSpec, Engine, EngineState, Output, Terminal
from tests.contract.engine_rigs import (
    DEADLINE,
    ECHOES,
    FLOODS,
    LISTENS,
    PRINTS,
    STUBBORN,
    WAITS,
    FakeRig,
    LocalRig,
    Request,
    Rig,
    SwarmRig,
    becomes,
    find,
    pieces,
    rigged,
    runs_to_end,
    spec,
    text,
)


@pytest.fixture(params=("fake", "local", "swarm"))
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(_rig(request)) as made:
        yield made


def _rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "swarm":
        return SwarmRig(request.getfixturevalue("docker"))
    return LocalRig() if request.param == "local" else FakeRig()


async def one_piece(engine: Engine, after: int) -> Output:
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(after)) as output:  # type: ignore[type-var]
        return await anext(output)


async def everything(attachment: Attachment) -> bytes:
    found = b""
    async with asyncio.timeout(DEADLINE):
        while data := await attachment.read():
            found += data
    return found


async def test_a_dyno_prints_and_ends_with_its_status(rig: Rig) -> None:
    engine = await rig.engine()
    end, printed = await runs_to_end(engine, spec(PRINTS))
    assert printed == b"one\ntwo\n"
    assert end.status == 3
    assert end.exited_at is not None
    assert end.output_end > 0


async def test_a_known_id_is_not_started_again(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(WAITS)
    await engine.start(dyno)
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    assert [d.id for d in await engine.dynos()] == [dyno.id]
    await engine.stop(dyno.id, grace=0)
    end = await becomes(engine, dyno.id, EngineState.EXITED)
    await engine.start(dyno)
    assert await find(engine, dyno.id) == end


async def test_a_dyno_is_seen_to_listen(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(LISTENS, listens=True)
    await engine.start(dyno)
    seen = await becomes(engine, dyno.id, EngineState.LISTENING)
    assert (seen.app_id, seen.name) == (dyno.app_id, "web.1")
    assert ip_address(seen.host).is_private
    assert seen.port > 0


async def test_every_dyno_has_a_port_of_its_own(rig: Rig) -> None:
    engine = await rig.engine()
    for _ in range(5):
        await engine.start(spec(WAITS))
    assert len({(dyno.host, dyno.port) for dyno in await engine.dynos()}) == 5


async def test_sigterm_ends_a_dyno(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(WAITS)
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    await engine.stop(dyno.id, grace=DEADLINE)
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 128 + 15


async def test_a_dyno_that_does_not_end_is_killed(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(STUBBORN)
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    await engine.stop(dyno.id, grace=0.1)
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 128 + 9


async def test_no_grace_kills_at_once(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(STUBBORN)
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    await engine.stop(dyno.id, grace=0)
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 128 + 9


async def test_a_dyno_whose_lifetime_is_over_is_asked_to_end(rig: Rig) -> None:
    engine, expires, stays = await rig.engine(), spec(WAITS, lifetime=1), spec(WAITS)
    await engine.start(stays)
    await engine.start(expires)
    assert (await becomes(engine, expires.id, EngineState.EXITED)).status == 128 + 15
    assert (await find(engine, stays.id)).state is EngineState.STARTING


async def test_unknown_dynos_are_stopped_and_forgotten_without_complaint(rig: Rig) -> None:
    engine = await rig.engine()
    await engine.stop(uuid4(), grace=1)
    await engine.forget(uuid4())
    assert await engine.dynos() == []


async def test_a_running_dyno_is_not_forgotten(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(WAITS)
    await engine.start(dyno)
    with pytest.raises(errors.Unavailable):
        await engine.forget(dyno.id)
    assert [d.id for d in await engine.dynos()] == [dyno.id]


async def test_unread_output_outlives_a_forgotten_dyno(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(PRINTS)
    await engine.start(dyno)
    await becomes(engine, dyno.id, EngineState.EXITED)
    await engine.forget(dyno.id)
    assert await engine.dynos() == []
    assert text(await pieces(engine, dyno.id, b"two\n")) == b"one\ntwo\n"


async def test_a_new_engine_over_the_same_place_finds_everything(rig: Rig) -> None:
    engine, ended, lives = await rig.engine(), spec(PRINTS), spec(WAITS)
    await engine.start(ended)
    await engine.start(lives)
    before = await becomes(engine, ended.id, EngineState.EXITED)
    again = await rig.engine()
    assert await find(again, ended.id) == before
    assert (await find(again, lives.id)).state is EngineState.STARTING
    assert text(await pieces(again, ended.id, b"two\n")) == b"one\ntwo\n"
    await again.stop(lives.id, grace=0)
    assert (await becomes(again, lives.id, EngineState.EXITED)).status == 128 + 9


async def test_output_comes_again_until_the_next_is_asked_for(rig: Rig) -> None:
    engine, first = await rig.engine(), spec(PRINTS)
    await engine.start(first)
    await becomes(engine, first.id, EngineState.EXITED)
    assert await one_piece(engine, 0) == await one_piece(engine, 0)


async def test_output_goes_on_after_the_acknowledged_offset(rig: Rig) -> None:
    engine, first, second = await rig.engine(), spec(PRINTS), spec(PRINTS)
    end, _ = await runs_to_end(engine, first)
    await engine.start(second)
    assert (await one_piece(engine, end.output_end)).dyno_id == second.id


async def test_offsets_grow_over_all_dynos(rig: Rig) -> None:
    engine, dynos = await rig.engine(), [spec(PRINTS) for _ in range(3)]
    for dyno in dynos:
        await engine.start(dyno)
    ends = [(await becomes(engine, dyno.id, EngineState.EXITED)).output_end for dyno in dynos]
    offsets = []
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(0)) as output:  # type: ignore[type-var]
        async for piece in output:
            offsets.append(piece.offset)
            if piece.offset >= max(ends):
                break
    assert offsets == sorted(set(offsets))


async def test_a_dyno_that_prints_without_end_does_not_stop_others(rig: Rig) -> None:
    engine, loud, quiet = await rig.engine(), spec(FLOODS), spec(PRINTS)
    await engine.start(loud)
    await pieces(engine, loud.id, b"y\n")
    await engine.start(quiet)
    assert text(await pieces(engine, quiet.id, b"two\n")) == b"one\ntwo\n"
    await engine.stop(loud.id, grace=0)
    await becomes(engine, loud.id, EngineState.EXITED)


async def test_an_attached_dyno_gets_input_and_its_output_comes_back(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(ECHOES, Request(name="run.1"), attach=True)
    await engine.start(dyno)
    attachment = await engine.attach(dyno.id)
    await attachment.write(b"hello\n")
    await attachment.end_input()
    assert await everything(attachment) == b"hello\n"
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 5
    await attachment.close()


async def test_output_waits_for_whoever_attaches(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(PRINTS, attach=True)
    await engine.start(dyno)
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 3
    attachment = await engine.attach(dyno.id)
    assert await everything(attachment) == b"one\ntwo\n"
    await attachment.close()


async def test_only_dynos_started_for_it_are_attached_to(rig: Rig) -> None:
    engine, dyno = await rig.engine(), spec(WAITS)
    await engine.start(dyno)
    for dyno_id in (dyno.id, uuid4()):
        with pytest.raises(errors.NotFound):
            await engine.attach(dyno_id)


def inside(around: DynoSpec, command: str) -> DynoSpec:
    return replace(
        spec(command, Request(name=around.name, user=around.user), attach=True),
        app_id=around.app_id,
        inside=around.id,
    )


async def test_a_command_inside_a_dyno_has_streams_of_its_own_and_is_not_listed(rig: Rig) -> None:
    engine, around = await rig.engine(), spec(WAITS)
    await engine.start(around)
    await pieces(engine, around.id, b"ready")
    command = inside(around, ECHOES)
    await engine.start(command)
    await engine.start(command)
    assert [dyno.id for dyno in await engine.dynos()] == [around.id]
    attachment = await engine.attach(command.id)
    await attachment.resize(Terminal(80, 24))
    await attachment.write(b"hello\n")
    await attachment.end_input()
    assert await everything(attachment) == b"hello\n"
    await attachment.close()
    assert (await find(engine, around.id)).state is EngineState.STARTING


async def test_a_command_inside_ends_with_its_dyno(rig: Rig) -> None:
    engine, around = await rig.engine(), spec(WAITS)
    await engine.start(around)
    await pieces(engine, around.id, b"ready")
    command = inside(around, WAITS)
    await engine.start(command)
    attachment = await engine.attach(command.id)
    async with asyncio.timeout(DEADLINE):
        assert await attachment.read() == b"ready\n"
    await engine.stop(around.id, grace=0)
    assert await everything(attachment) == b""
    await attachment.close()
    assert (await becomes(engine, around.id, EngineState.EXITED)).status == 128 + 9


async def test_only_running_dynos_are_joined(rig: Rig) -> None:
    engine, ended = await rig.engine(), spec(PRINTS)
    await engine.start(ended)
    await becomes(engine, ended.id, EngineState.EXITED)
    for around in (ended, spec(WAITS)):
        with pytest.raises(errors.NotFound):
            await engine.start(inside(around, ECHOES))

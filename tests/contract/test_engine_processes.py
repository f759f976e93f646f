"""What of the contract only real processes can show, over every driver that runs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hatoba.engines.base import EngineState, Terminal
from tests.contract.engine_rigs import (
    DEADLINE,
    LocalRig,
    Rig,
    SwarmRig,
    becomes,
    pieces,
    rigged,
    runs_to_end,
    spec,
    text,
)
from tests.contract.test_engine import everything


@pytest.fixture(params=("local", "swarm"))
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    local = request.param == "local"
    async with rigged(LocalRig() if local else SwarmRig(request.getfixturevalue("docker"))) as made:
        yield made


@pytest.mark.parametrize(
    ("command", "status"),
    [("exit 0", 0), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -SEGV $$", 139), ("x_", 127)],
)
async def test_exit_statuses_are_the_shells(rig: Rig, command: str, status: int) -> None:
    end, _ = await runs_to_end(await rig.engine(), spec(command))
    assert end.status == status


async def test_sigterm_reaches_every_process_of_a_dyno(rig: Rig) -> None:
    engine = await rig.engine()
    inner = "trap 'echo child; exit' TERM; echo ready; while :; do read -t 0.01 x <> <(:); done"
    dyno = spec(f'trap "wait; echo main; exit 0" TERM; (setsid bash -c "{inner}") & wait')
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    await engine.stop(dyno.id, grace=DEADLINE)
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 0
    assert b"child" in text(await pieces(engine, dyno.id, b"main\n"))


async def test_a_terminal_has_its_size_and_control_c(rig: Rig) -> None:
    engine = await rig.engine()
    command = "stty size; trap 'echo caught; exit 7' INT; echo ready; while :; do read x; done"
    dyno = spec(command, attach=True, terminal=Terminal(columns=101, rows=42))
    await engine.start(dyno)
    attachment = await engine.attach(dyno.id)
    found = b""
    async with asyncio.timeout(DEADLINE):
        while b"ready" not in found and (data := await attachment.read()):
            found += data
    await attachment.write(b"\x03")
    found += await everything(attachment)
    assert b"42 101" in found
    assert b"caught" in found
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 7
    await attachment.close()

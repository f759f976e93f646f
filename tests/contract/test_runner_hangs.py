"""A runner of the local engine that hangs, stopped but not dead, is replaced; its dynos go on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from hatoba import errors
from hatoba.engines.base import EngineState
from hatoba.engines.local.engine import LocalEngine
from hatoba.kit import process
from hatoba.kit.process import ProcessId
from tests.contract.engine_rigs import DEADLINE, LocalRig, becomes, pieces, rigged, spec, text

SAYS_BYE = 'trap "echo bye; exit 9" TERM; echo ready; while :; do read -t 0.01 x <> <(:); done'
# A runner that is not stopped answers in a fraction of this on any machine.
PATIENCE = 2.0


@pytest.fixture
async def rig() -> AsyncIterator[LocalRig]:
    async with rigged(LocalRig()) as made:
        yield made


async def _started(engine: LocalEngine) -> UUID:
    dyno = spec(SAYS_BYE)
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    return dyno.id


def _hang(engine: LocalEngine) -> ProcessId:
    runner = engine.runner
    assert runner is not None
    os.kill(runner.pid, signal.SIGSTOP)
    return runner


async def _takes_its_signal(engine: LocalEngine, dyno_id: UUID) -> None:
    """The dyno lives on: it does what it does at SIGTERM, and that is learned."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                await engine.stop(dyno_id, grace=DEADLINE)
            except errors.Unavailable:
                await asyncio.sleep(0.01)
            else:
                break
    assert (await becomes(engine, dyno_id, EngineState.EXITED)).status == 9
    assert text(await pieces(engine, dyno_id, b"bye\n")).endswith(b"bye\n")


async def test_a_hung_runner_is_replaced_and_its_dynos_go_on(rig: LocalRig) -> None:
    engine = await rig.engine(patience=PATIENCE)
    dyno_id = await _started(engine)
    hung = _hang(engine)
    async with asyncio.timeout(DEADLINE):
        await process.gone(hung)
    await _takes_its_signal(engine, dyno_id)
    assert engine.runner not in (None, hung)


async def test_a_hung_runner_does_not_hold_up_the_end_of_all_dynos(rig: LocalRig) -> None:
    engine = await rig.engine(patience=PATIENCE)
    await _started(engine)
    program = next(rig.work.glob("dynos/*/meta.json")).read_text()
    _hang(engine)
    await engine.close(stop=True)
    assert engine.runner is None
    dyno = process.identify(int(json.loads(program)["pid"]))
    if dyno is not None:
        async with asyncio.timeout(DEADLINE):
            await process.gone(dyno)


async def test_who_comes_back_to_a_hung_runner_replaces_it(rig: LocalRig) -> None:
    before = await rig.engine()
    dyno_id = await _started(before)
    await before.close(stop=False)
    hung = _hang(before)
    again = await rig.engine(patience=PATIENCE)
    assert again.runner not in (None, hung)
    assert not process.alive(hung)
    await _takes_its_signal(again, dyno_id)


async def test_a_runner_that_nobody_knows_any_more_is_replaced(rig: LocalRig) -> None:
    engine = await rig.engine(patience=PATIENCE)
    dyno_id = await _started(engine)
    forgotten = engine.runner
    assert forgotten is not None
    await engine.close(stop=False)
    next(rig.runtime.glob("runner.json")).unlink()
    engine = await rig.engine(patience=PATIENCE)
    async with asyncio.timeout(DEADLINE):
        await process.gone(forgotten)
    assert engine.runner not in (None, forgotten)
    await _takes_its_signal(engine, dyno_id)

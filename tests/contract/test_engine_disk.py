"""A dyno that fills the disk is ended, on each engine whose dynos run here; others go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hatoba.engines.base import EngineState
from hatoba.engines.node.engine import NodeEngine
from tests.contract.engine_rigs import (
    MEGABYTE,
    WAITS,
    LocalRig,
    Request,
    SwarmRig,
    becomes,
    find,
    pieces,
    rigged,
    spec,
)

_LIMIT = 20 * MEGABYTE


@pytest.fixture(params=["local", "swarm"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[NodeEngine]:
    swarm = request.param == "swarm"
    made = SwarmRig(request.getfixturevalue("docker")) if swarm else LocalRig()
    async with rigged(made) as rig:
        opened = await rig.engine()
        opened._disk_limit = _LIMIT
        yield opened


async def test_a_dyno_that_fills_the_disk_is_ended_and_others_are_not(engine: NodeEngine) -> None:
    modest = spec(f"head -c 5M /dev/zero >five; {WAITS}")
    greedy = replace(
        spec(f"mkdir -p a/b; head -c 30M /dev/zero >a/b/thirty; {WAITS}", Request(user=2)),
    )
    for dyno in (modest, greedy):
        await engine.start(dyno)
        await pieces(engine, dyno.id, b"ready")
    await engine.bound_disk()
    end = await becomes(engine, greedy.id, EngineState.EXITED)
    assert (end.over_disk, end.status) == (_LIMIT, 137)
    seen = await find(engine, modest.id)
    assert (seen.over_disk, seen.state) == (0, EngineState.STARTING)


@pytest.mark.parametrize("engine", ["swarm"], indirect=True)
async def test_what_the_engine_reads_of_a_container_counts_too(engine: NodeEngine) -> None:
    """The dyno itself writes of its end into a file of the platform's folder."""
    dyno = spec(f"head -c 30M /dev/zero >>/run/hatoba/status; {WAITS}")
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    await engine.bound_disk()
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).over_disk == _LIMIT

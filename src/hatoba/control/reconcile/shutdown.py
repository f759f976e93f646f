"""The platform goes down: its dynos are asked to end, in order, and start anew at the next up."""

from __future__ import annotations

import asyncio
import contextlib

from hatoba.control.platform import Platform
from hatoba.control.reconcile import moves
from hatoba.engines.base import EngineState
from hatoba.model.dyno import Dyno, DynoKind, DynoState
from hatoba.store import dynos as rows

# Somebody waits at a terminal: less than the thirty seconds of an ordinary stop.
GRACE_SECONDS = 10.0
_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.05


async def stop_dynos(p: Platform) -> None:
    """Stop every dyno; the lanes must be closed, or they would start them again."""
    async with p.store.begin() as conn:
        noted = [d for d in await rows.everywhere(conn) if d.kind is not DynoKind.RELEASE]
    running = [d for d in noted if d.state not in (DynoState.CRASHED, DynoState.DOWN)]
    for dyno in running:
        moves.say(p, dyno, "Stopping all processes with SIGTERM")
        await p.engine.stop(dyno.id, grace=GRACE_SECONDS)
    await _until_ended(p)
    for dyno in running:
        moves.say(p, dyno, f"State changed from {dyno.state.public} to down")
    async with p.store.begin() as conn:
        for dyno in noted:
            if not _was_put_down(dyno):
                await rows.delete(conn, dyno.id)


async def _until_ended(p: Platform) -> None:
    """Wait until the engine's last dyno has ended and its last words are in the logs.

    What ignores SIGTERM is killed by then; what can't even be killed is left to the engine's end.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS + _PATIENCE_SECONDS):
            while any(d.state is not EngineState.EXITED for d in await p.engine.dynos()):
                await asyncio.sleep(_LOOK_SECONDS)
            ends = [d.output_end for d in await p.engine.dynos()]
            await p.pump.reached(max(ends, default=0))


def _was_put_down(dyno: Dyno) -> bool:
    return dyno.kind is DynoKind.PROCESS and dyno.state is DynoState.DOWN

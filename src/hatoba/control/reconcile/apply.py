"""Carry out a step. Each can be cut off at any point and carried out again."""

from __future__ import annotations

from typing import Protocol

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.control.reconcile import launch, moves, steps
from hatoba.control.reconcile.observe import Memory
from hatoba.control.reconcile.plan import Seen
from hatoba.control.reconcile.steps import Step
from hatoba.model.dyno import DRAIN_LIMIT, Dyno, cool_off
from hatoba.model.route import Endpoint


class Background(Protocol):
    """Waits beside the passes, and looks at the app again when what it waits for has come."""

    def until_idle(self, dyno: Dyno, endpoint: Endpoint) -> None:
        """Wait until no request is in flight to a draining dyno."""
        ...

    def until_answers(self, dyno: Dyno, address: str) -> None:
        """Wait until a starting web dyno gives a first answer."""
        ...


async def apply(
    p: Platform, seen: Seen, memory: Memory, step: Step, background: Background
) -> None:
    """Carry out one step of a plan."""
    match step:
        case steps.Publish() | steps.Withdraw():
            await _route(p, memory, step)
        case steps.Create() if seen.release is not None:
            await moves.create(p, seen.app.id, seen.release, step)
        case steps.Watch():
            _watch(seen, memory, step.dyno, background)
        case steps.Probe():
            memory.probed.add(step.dyno.id)
            background.until_answers(step.dyno, step.address)
        case steps.Stop() | steps.Halt():
            memory.asked.add(step.dyno.id)
            await (moves.stop if isinstance(step, steps.Stop) else moves.halt)(p, step.dyno)
        case steps.Clean():
            memory.asked.add(step.dyno_id)
            await _clean(p, step)
        case _:
            await _dyno(p, step)


async def _dyno(p: Platform, step: Step) -> None:
    match step:
        case steps.Launch():
            await _launch(p, step.dyno)
        case steps.Up():
            await moves.up(p, step)
        case steps.Crash():
            await moves.crash(p, step)
        case steps.Restart():
            await moves.restart(p, step)
        case steps.Drain():
            await moves.drain(p, step)
        case steps.Forget():
            await moves.forget(p, step)
        case steps.Finish():
            await moves.finish(p, step)


async def _route(p: Platform, memory: Memory, step: steps.Publish | steps.Withdraw) -> None:
    if isinstance(step, steps.Publish):
        await p.router.publish(step.route)
        memory.route = step.route
    else:
        await p.router.withdraw(step.key)
        memory.route = None


async def _launch(p: Platform, dyno: Dyno) -> None:
    moves.say(p, dyno, f"Starting process with command `{dyno.command}`")
    try:
        await p.engine.start(await launch.spec(p, dyno))
    except (errors.DiskFull, errors.InvalidParams) as error:
        # Trying at once again would not help: there is no space, or an image that can't run here.
        moves.say(p, dyno, error.message)
        crashes = dyno.crashes + 1
        again = p.clock.now() + cool_off(crashes + 1)
        await moves.crash(p, steps.Crash(dyno, None, crashes, again))


def _watch(seen: Seen, memory: Memory, dyno: Dyno, background: Background) -> None:
    endpoints = seen.route.endpoints if seen.route else ()
    endpoint = next((e for e in endpoints if e.dyno == str(dyno.id)), None)
    if endpoint is None:
        memory.idle.add(dyno.id)
    elif endpoint.draining:
        memory.watched.add(dyno.id)
        background.until_idle(dyno, endpoint)


async def _clean(p: Platform, step: steps.Clean) -> None:
    if step.exited:
        await p.engine.forget(step.dyno_id)
    else:
        await p.engine.stop(step.dyno_id, grace=0)


DRAIN_SECONDS = DRAIN_LIMIT.total_seconds()

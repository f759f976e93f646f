"""What follows from a dyno's own life, whatever else is wanted. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hatoba.control.reconcile import steps
from hatoba.control.reconcile.steps import Step
from hatoba.engines.base import EngineDyno, EngineState
from hatoba.model.dyno import (
    BOOT_TIMEOUT,
    DRAIN_LIMIT,
    STEADY_AFTER,
    Dyno,
    DynoKind,
    DynoState,
    cool_off,
)

# A one-off dyno that its caller noted but never started is given up after this.
UNSTARTED_LIMIT = timedelta(seconds=30)
# https://devcenter.heroku.com/articles/error-codes#r15-memory-quota-vastly-exceeded
R15_FACTOR = 2


@dataclass(frozen=True)
class Life:
    """One noted dyno, and what the engine sees of it."""

    dyno: Dyno
    engine: EngineDyno | None
    now: datetime
    answered: bool
    probed: bool
    watched: bool
    idle: bool
    asked: bool

    @property
    def ended(self) -> bool:
        """Whether the engine has it no more, or only its exit status."""
        return self.engine is None or self.engine.state is EngineState.EXITED

    @property
    def status(self) -> int | None:
        """Its exit status, as far as it is known."""
        return self.engine.status if self.engine else None

    @property
    def age(self) -> timedelta:
        """How long it has been in its state."""
        return self.now - self.dyno.since


def step_of_life(life: Life) -> Step | None:
    """Return the step that the dyno's life asks for now, if any."""
    return _BY_STATE[life.dyno.state](life)


def _stopping(life: Life) -> Step | None:
    if life.ended:
        return steps.Forget(life.dyno, life.status)
    return None if life.asked else steps.Stop(life.dyno)


def _down(life: Life) -> Step | None:
    return None if life.ended or life.asked else steps.Halt(life.dyno)


def _starting(life: Life) -> Step | None:
    dyno, engine = life.dyno, life.engine
    if engine is None:
        if dyno.kind is not DynoKind.ONE_OFF:
            return steps.Launch(dyno)
        return steps.Forget(dyno, None) if life.age >= UNSTARTED_LIMIT else None
    if engine.state is EngineState.EXITED:
        return _ended(life)
    if dyno.type != "web":
        return steps.Up(dyno, None)
    if engine.state is EngineState.LISTENING:
        return _listening(life, f"{engine.host}:{engine.port}")
    return _crash(life, "R10") if life.age >= BOOT_TIMEOUT else None


def _listening(life: Life, address: str) -> Step | None:
    """A port may be open before anybody answers on it: servers fork their workers after it."""
    if life.answered:
        return steps.Up(life.dyno, address)
    return None if life.probed else steps.Probe(life.dyno, address)


def _up(life: Life) -> Step | None:
    engine = life.engine
    if life.ended or engine is None:
        return _ended(life)
    return _crash(life, "R15") if _vastly_over(engine) else None


def _vastly_over(engine: EngineDyno | None) -> bool:
    """Tell whether R15 is due; an engine may have ended the dyno for it already."""
    if engine is None or not engine.memory_limit:
        return False
    return engine.memory > R15_FACTOR * engine.memory_limit


def _ended(life: Life) -> Step:
    match life.dyno.kind:
        case DynoKind.PROCESS:
            return _crash(life, "R15" if _vastly_over(life.engine) else None)
        case DynoKind.ONE_OFF:
            return steps.Forget(life.dyno, life.status)
        case DynoKind.RELEASE:
            return steps.Finish(life.dyno, life.status)


def _crash(life: Life, code: str | None) -> steps.Crash:
    steady = life.dyno.state is DynoState.UP and life.age >= STEADY_AFTER
    crashes = 1 if steady else life.dyno.crashes + 1
    return steps.Crash(life.dyno, life.status, crashes, life.now + cool_off(crashes), code)


def _draining(life: Life) -> Step | None:
    if life.ended:
        return steps.Forget(life.dyno, life.status)
    if life.idle or life.age >= DRAIN_LIMIT:
        return steps.Stop(life.dyno)
    return None if life.watched else steps.Watch(life.dyno)


_BY_STATE: dict[DynoState, Callable[[Life], Step | None]] = {
    DynoState.STARTING: _starting,
    DynoState.UP: _up,
    DynoState.DRAINING: _draining,
    DynoState.STOPPING: _stopping,
    DynoState.DOWN: _down,
    DynoState.CRASHED: lambda life: None,
}


def next_moment(dyno: Dyno) -> datetime | None:
    """Return when the passing of time alone may ask for a step about the dyno."""
    match dyno.state:
        case DynoState.STARTING if dyno.kind is DynoKind.ONE_OFF:
            return dyno.since + UNSTARTED_LIMIT
        case DynoState.STARTING:
            return dyno.since + BOOT_TIMEOUT
        case DynoState.DRAINING:
            return dyno.since + DRAIN_LIMIT
        case DynoState.CRASHED:
            return dyno.restart_at
        case _:
            return None

"""The planner: from what is wanted and what is seen to the next steps. Pure.

The rules, in the order in which they matter:

* A web dyno is replaced by starting its successor first; the old one is drained once the
  successor's endpoint is in force in the router. If the successor does not boot, the old one
  goes on serving.
* With preboot the successors wait for their requests until all of them have warmed up.
* Any other dyno ends before its successor starts.
* What ended by itself is restarted after a growing cool-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hatoba.control.reconcile import preboot, steps
from hatoba.control.reconcile.life import Life, next_moment, step_of_life
from hatoba.control.reconcile.steps import Step
from hatoba.engines.base import EngineDyno, EngineState
from hatoba.model.app import App
from hatoba.model.dyno import Dyno, DynoKind, DynoState
from hatoba.model.feature import FeatureName
from hatoba.model.formation import Formation
from hatoba.model.release import Release
from hatoba.model.route import (
    NO_PAGES,
    AppRoute,
    Challenge,
    Endpoint,
    OwnPages,
    RouteMode,
    ServedCertificate,
)

WEB = "web"


@dataclass(frozen=True)
class Seen:
    """One app as it is: wanted state, noted dynos, what the engine and the router have.

    ``route`` is the one in force (None: not known to the router); ``probed`` are starting dynos
    that are being asked for a first answer, ``answered`` gave it; ``watched`` are draining dynos
    whose requests are being waited for, ``idle`` those that have none left, ``asked`` those that
    this process has asked to end. ``features`` are switched on.
    """

    app: App
    hosts: tuple[str, ...]
    release: Release | None
    formation: tuple[Formation, ...]
    dynos: tuple[Dyno, ...]
    engine: Mapping[UUID, EngineDyno]
    route: AppRoute | None
    now: datetime
    probed: frozenset[UUID] = frozenset()
    answered: frozenset[UUID] = frozenset()
    watched: frozenset[UUID] = frozenset()
    idle: frozenset[UUID] = frozenset()
    asked: frozenset[UUID] = frozenset()
    certificates: tuple[ServedCertificate, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    features: frozenset[str] = frozenset()
    pages: OwnPages = NO_PAGES

    @property
    def alive(self) -> bool:
        """Whether anything of the app is to run at all."""
        return self.app.destroyed_at is None

    def quantity(self, formation: Formation | None) -> int:
        """How many dynos of a process type are to run."""
        runs = self.alive and self.release is not None and self.release.slug_id is not None
        return formation.quantity if formation and runs else 0


@dataclass(frozen=True)
class Plan:
    """The next steps, why in one sentence, and when to look again if nothing happens."""

    steps: tuple[Step, ...]
    sentence: str
    wake_at: datetime | None


def plan(seen: Seen) -> Plan:
    """Return what to do next about the app. An empty plan means that it is as wanted."""
    chosen = tuple(_steps(seen))
    moments = [m for m in _moments(seen) if m and m > seen.now]
    if chosen:
        sentence = f"{seen.app.name}: {', '.join(str(step) for step in chosen)}"
    else:
        up = sum(d.state is DynoState.UP for d in seen.dynos)
        sentence = f"{seen.app.name} is as wanted: {up} of {len(seen.dynos)} dynos up"
    return Plan(chosen, sentence, min(moments, default=None))


def _moments(seen: Seen) -> Iterator[datetime | None]:
    yield from map(next_moment, seen.dynos)
    if FeatureName.PREBOOT in seen.features:
        yield preboot.hands_over_at(*_generations(seen))


def _steps(seen: Seen) -> Iterator[Step]:
    yield from _publishing(seen)
    for dyno in seen.dynos:
        if dyno.kind is not DynoKind.PROCESS:
            yield from _one_off(seen, dyno)
    by_type = {f.type: f for f in seen.formation}
    process_dynos = [d for d in seen.dynos if d.kind is DynoKind.PROCESS]
    for name in sorted(by_type.keys() | {d.type for d in process_dynos}):
        dynos = [d for d in process_dynos if d.type == name]
        yield from _process_type(seen, by_type.get(name), dynos)
    noted = {d.id for d in seen.dynos}
    for unknown in seen.engine.values():
        exited = unknown.state is EngineState.EXITED
        if unknown.id not in noted and (exited or unknown.id not in seen.asked):
            yield steps.Clean(unknown.id, exited)


def _one_off(seen: Seen, dyno: Dyno) -> Iterator[Step]:
    if dyno.state is DynoState.UP and (dyno.retire or not seen.alive):
        yield steps.Stop(dyno)
    elif step := step_of_life(_life(seen, dyno)):
        yield step


def _life(seen: Seen, dyno: Dyno) -> Life:
    return Life(
        dyno=dyno,
        engine=seen.engine.get(dyno.id),
        now=seen.now,
        answered=dyno.id in seen.answered,
        probed=dyno.id in seen.probed,
        watched=dyno.id in seen.watched,
        idle=dyno.id in seen.idle,
        asked=dyno.id in seen.asked,
    )


def _process_type(seen: Seen, formation: Formation | None, dynos: list[Dyno]) -> Iterator[Step]:
    quantity = seen.quantity(formation)
    fresh = _fresh(seen, formation, dynos)
    for dyno in dynos:
        if fresh.get(dyno.number) is dyno:
            yield from _keep(seen, dyno)
        else:
            yield from _retire(seen, dyno, fresh.get(dyno.number), quantity)
    if formation is None:
        return
    for number in range(1, quantity + 1):
        in_the_way = formation.type != WEB and any(d.number == number for d in dynos)
        if number not in fresh and not in_the_way:
            yield steps.Create(formation.type, number, formation.size, formation.command)


def _fresh(seen: Seen, formation: Formation | None, dynos: list[Dyno]) -> dict[int, Dyno]:
    return {d.number: d for d in dynos if formation and _is_fresh(seen, formation, d)}


def _generations(seen: Seen) -> tuple[list[Dyno], dict[int, Dyno], int]:
    """Return the web dynos that are to go, those that stay by number, and how many are wanted."""
    web = _web(seen)
    formation = next((f for f in seen.formation if f.type == WEB), None)
    fresh = _fresh(seen, formation, web)
    old = [d for d in web if fresh.get(d.number) is not d]
    return old, fresh, seen.quantity(formation)


def _web(seen: Seen) -> list[Dyno]:
    return [d for d in seen.dynos if d.kind is DynoKind.PROCESS and d.type == WEB]


def _is_fresh(seen: Seen, formation: Formation, dyno: Dyno) -> bool:
    return (
        seen.release is not None
        and dyno.release_id == seen.release.id
        and not dyno.retire
        and dyno.number <= seen.quantity(formation)
        and (dyno.size, dyno.command) == (formation.size, formation.command)
        and dyno.state not in (DynoState.DRAINING, DynoState.STOPPING)
    )


def _keep(seen: Seen, dyno: Dyno) -> Iterator[Step]:
    if dyno.state is DynoState.CRASHED and (dyno.restart_at or seen.now) <= seen.now:
        yield steps.Restart(dyno)
    elif step := step_of_life(_life(seen, dyno)):
        yield step


def _retire(seen: Seen, dyno: Dyno, successor: Dyno | None, quantity: int) -> Iterator[Step]:
    if dyno.state in (DynoState.CRASHED, DynoState.DOWN):
        yield steps.Forget(dyno, dyno.exit_status)
    elif dyno.state is DynoState.STARTING:
        yield steps.Stop(dyno)
    elif dyno.state is DynoState.UP and _may_go(seen, dyno, successor, quantity):
        yield steps.Drain(dyno) if dyno.type == WEB else steps.Stop(dyno)
    elif step := step_of_life(_life(seen, dyno)):
        yield step


def _may_go(seen: Seen, dyno: Dyno, successor: Dyno | None, quantity: int) -> bool:
    if dyno.type != WEB or dyno.number > quantity or _never_serves(seen, dyno):
        return True
    in_force = {e.dyno for e in seen.route.endpoints} if seen.route else set()
    return (
        successor is not None and successor.state is DynoState.UP and str(successor.id) in in_force
    )


def _never_serves(seen: Seen, dyno: Dyno) -> bool:
    preboots = FeatureName.PREBOOT in seen.features
    return preboots and dyno.id in preboot.superseded(_generations(seen)[0])


def _publishing(seen: Seen) -> Iterator[Step]:
    if not seen.alive:
        if seen.route is not None:
            yield steps.Withdraw(str(seen.app.id))
        return
    wanted = route(seen)
    if wanted != seen.route:
        yield steps.Publish(wanted)


def route(seen: Seen) -> AppRoute:
    """Return how the app's requests are to be answered, as far as its noted dynos tell."""
    web = _web(seen)
    endpoints = tuple(_endpoint(d) for d in _taking_requests(seen, web) if d.address)
    return AppRoute(
        key=str(seen.app.id),
        app=seen.app.name,
        hosts=seen.hosts,
        mode=_mode(seen, web, endpoints),
        endpoints=endpoints,
        certificates=seen.certificates,
        challenges=seen.challenges,
        sticky=FeatureName.SESSION_AFFINITY in seen.features,
        pages=seen.pages,
    )


def _taking_requests(seen: Seen, web: list[Dyno]) -> list[Dyno]:
    waiting: frozenset[UUID] = frozenset()
    if FeatureName.PREBOOT in seen.features:
        old, fresh, quantity = _generations(seen)
        waiting = preboot.warming(old, fresh, quantity, seen.now) | preboot.superseded(old)
    served = (DynoState.UP, DynoState.DRAINING)
    return [d for d in web if d.state in served and d.id not in waiting]


def _endpoint(dyno: Dyno) -> Endpoint:
    host, _, port = (dyno.address or "").rpartition(":")
    return Endpoint(
        dyno=str(dyno.id),
        name=dyno.name,
        host=host,
        port=int(port),
        draining=dyno.state is DynoState.DRAINING,
    )


def _mode(seen: Seen, web: list[Dyno], endpoints: tuple[Endpoint, ...]) -> RouteMode:
    if seen.app.maintenance:
        return RouteMode.MAINTENANCE
    if seen.release is None or seen.release.slug_id is None:
        return RouteMode.BLANK
    formation = next((f for f in seen.formation if f.type == WEB), None)
    if seen.quantity(formation) == 0:
        return RouteMode.NO_WEB
    if any(not e.draining for e in endpoints):
        return RouteMode.SERVING
    crashed = any(d.state is DynoState.CRASHED for d in web)
    starting = any(d.state is DynoState.STARTING for d in web)
    return RouteMode.CRASHED if crashed and not starting else RouteMode.STARTING


def time_until(moment: datetime, now: datetime) -> float:
    """Return the seconds until a moment, at least 0."""
    return max((moment - now) / timedelta(seconds=1), 0.0)

"""A small world in memory for the planner: rows, an engine and a router that obey its steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hatoba.control.reconcile import steps
from hatoba.control.reconcile.plan import Plan, Seen, plan
from hatoba.control.reconcile.steps import Step
from hatoba.engines.base import EngineDyno, EngineState
from hatoba.model.app import App
from hatoba.model.dyno import Dyno, DynoKind, DynoState
from hatoba.model.formation import Formation
from hatoba.model.release import Release, Status
from hatoba.model.route import AppRoute, RouteMode

START = datetime(2026, 1, 1, tzinfo=UTC)


def an_app() -> App:
    return App(
        id=uuid4(),
        number=1,
        name="harbour",
        owner_id=uuid4(),
        owner_email="a@example.com",
        stack="heroku-24",
        region="us",
        maintenance=False,
        version=1,
        config_id=uuid4(),
        buildpack_description=None,
        slug_size=None,
        repo_size=None,
        created_at=START,
        updated_at=START,
        released_at=None,
        destroyed_at=None,
    )


def a_release(app: App, version: int, *, slug: bool = True) -> Release:
    return Release(
        id=uuid4(),
        app_id=app.id,
        version=version,
        description="Deploy 1a2b3c4d",
        account_id=app.owner_id,
        account_email=app.owner_email,
        slug_id=uuid4() if slug else None,
        config_id=uuid4(),
        status=Status.SUCCEEDED,
        current=True,
        created_at=START,
        updated_at=START,
    )


def a_formation(app: App, type: str, quantity: int) -> Formation:
    return Formation(uuid4(), app.id, type, f"run-{type}", quantity, "Basic", START, START)


@dataclass
class World:
    """What the planner sees, and what its steps do to it. ``broken`` releases never boot."""

    app: App
    release: Release | None
    formation: dict[str, Formation]
    rows: dict[UUID, Dyno] = field(default_factory=dict)
    engine: dict[UUID, EngineDyno] = field(default_factory=dict)
    route: AppRoute | None = None
    now: datetime = START
    probed: set[UUID] = field(default_factory=set)
    answered: set[UUID] = field(default_factory=set)
    watched: set[UUID] = field(default_factory=set)
    idle: set[UUID] = field(default_factory=set)
    asked: set[UUID] = field(default_factory=set)
    stopping: set[UUID] = field(default_factory=set)
    broken: set[UUID] = field(default_factory=set)
    stuck: set[UUID] = field(default_factory=set)
    port: int = 20000
    features: frozenset[str] = frozenset()

    @classmethod
    def new(cls, **quantities: int) -> World:
        app = an_app()
        formation = {t: a_formation(app, t, q) for t, q in quantities.items()}
        return cls(app, a_release(app, 1), formation)

    def plan(self) -> Plan:
        return plan(
            Seen(
                app=self.app,
                hosts=("harbour.localhost",),
                release=self.release,
                formation=tuple(self.formation.values()),
                dynos=tuple(self.rows.values()),
                engine=dict(self.engine),
                route=self.route,
                now=self.now,
                watched=frozenset(self.watched),
                idle=frozenset(self.idle),
                probed=frozenset(self.probed),
                answered=frozenset(self.answered),
                asked=frozenset(self.asked),
                features=self.features,
            )
        )

    def deploy(self, *, broken: bool = False) -> None:
        self.release = a_release(self.app, (self.release.version if self.release else 0) + 1)
        if broken:
            self.broken.add(self.release.id)

    def scale(self, type: str, quantity: int) -> None:
        self.formation[type] = replace(self.formation[type], quantity=quantity)

    def restart_daemon(self) -> None:
        """Lose all that a lane only remembers; the router's routes are loaded anew."""
        for remembered in (self.probed, self.answered, self.watched, self.idle, self.asked):
            remembered.clear()

    def tick(self, seconds: float = 1) -> None:
        """Let the world go on: dynos boot or crash, asked ones end, requests finish."""
        self.now += timedelta(seconds=seconds)
        for dyno in list(self.engine.values()):
            row = self.rows.get(dyno.id)
            if dyno.id in self.stopping:
                self._exit(dyno, 143)
            elif row and row.release_id in self.broken:
                self._exit(dyno, 1)
            elif dyno.state is EngineState.STARTING and not (row and row.release_id in self.stuck):
                self.engine[dyno.id] = replace(dyno, state=EngineState.LISTENING)
        self.idle |= self.watched
        self.answered |= self.probed

    def crash(self, name: str, status: int = 1) -> None:
        for row in self.rows.values():
            if row.name == name and row.state is DynoState.UP:
                self._exit(self.engine[row.id], status)

    def _exit(self, dyno: EngineDyno, status: int) -> None:
        self.engine[dyno.id] = replace(dyno, state=EngineState.EXITED, status=status)
        self.stopping.discard(dyno.id)

    def settle(self, limit: int = 200) -> list[str]:
        """Plan and apply until nothing is left to do but wait; return the sentences."""
        said = []
        for _ in range(limit):
            chosen = self.plan()
            said.append(chosen.sentence)
            for step in chosen.steps:
                self.apply(step)
            if not chosen.steps:
                if not self._busy():
                    return said
                self.tick()
        raise AssertionError(f"does not come to rest: {said[-5:]}")

    def _busy(self) -> bool:
        moving = (DynoState.STARTING, DynoState.DRAINING, DynoState.STOPPING)
        dead = any(
            d.state is EngineState.EXITED and d.id not in self.rows for d in self.engine.values()
        )
        return dead or bool(self.stopping) or any(r.state in moving for r in self.rows.values())

    def up(self, type: str) -> list[int]:
        """The release versions of the dynos of a type that are up."""
        rows = [r for r in self.rows.values() if r.type == type and r.state is DynoState.UP]
        return sorted(r.release_version for r in rows)

    def serves(self) -> bool:
        """Whether a request would be answered by a dyno that accepts connections."""
        if self.route is None or self.route.mode is not RouteMode.SERVING:
            return False
        live = [self.engine.get(UUID(e.dyno)) for e in self.route.endpoints if not e.draining]
        return bool(live) and all(d and d.state is EngineState.LISTENING for d in live)

    def apply(self, step: Step) -> None:
        match step:
            case steps.Create():
                assert self.release
                self._note(step.type, step.number, step.command)
            case steps.Launch():
                self.port += 1
                dyno = step.dyno
                self.engine.setdefault(
                    dyno.id,
                    EngineDyno(
                        dyno.id, dyno.app_id, dyno.name, EngineState.STARTING, port=self.port
                    ),
                )
            case steps.Publish():
                self.route = step.route
            case steps.Withdraw():
                self.route = None
            case steps.Probe():
                self.probed.add(step.dyno.id)
            case steps.Watch():
                self.watched.add(step.dyno.id)
            case steps.Clean():
                if step.exited:
                    self.engine.pop(step.dyno_id, None)
                else:
                    self._ask(step.dyno_id)
            case _:
                self._move(step)

    def _move(self, step: Step) -> None:
        match step:
            case steps.Up():
                self._set(step.dyno, state=DynoState.UP, address=step.address)
            case steps.Crash():
                if step.code:
                    self.stopping.add(step.dyno.id)
                self._set(
                    step.dyno,
                    state=DynoState.CRASHED,
                    crashes=step.crashes,
                    restart_at=step.restart_at,
                    exit_status=step.status,
                )
            case steps.Restart():
                old = self.rows.pop(step.dyno.id)
                self._note(old.type, old.number, old.command, crashes=old.crashes)
            case steps.Drain():
                self._set(step.dyno, state=DynoState.DRAINING)
            case steps.Stop():
                self._set(step.dyno, state=DynoState.STOPPING)
                self._ask(step.dyno.id)
            case steps.Halt():
                self._ask(step.dyno.id)
            case steps.Forget():
                self.rows.pop(step.dyno.id, None)
            case steps.Finish():
                self._set(step.dyno, state=DynoState.DOWN, exit_status=step.status)

    def _ask(self, dyno_id: UUID) -> None:
        self.asked.add(dyno_id)
        if dyno_id in self.engine and self.engine[dyno_id].state is not EngineState.EXITED:
            self.stopping.add(dyno_id)

    def _set(self, dyno: Dyno, **changes: object) -> None:
        if dyno.id in self.rows and self.rows[dyno.id].state is dyno.state:
            self.rows[dyno.id] = replace(self.rows[dyno.id], since=self.now, **changes)  # type: ignore[arg-type]

    def _note(self, type: str, number: int, command: str, crashes: int = 0) -> None:
        assert self.release
        dyno = Dyno(
            id=uuid4(),
            app_id=self.app.id,
            kind=DynoKind.PROCESS,
            type=type,
            number=number,
            release_id=self.release.id,
            release_version=self.release.version,
            size="Basic",
            command=command,
            state=DynoState.STARTING,
            since=self.now,
            created_at=self.now,
            crashes=crashes,
        )
        self.rows[dyno.id] = dyno

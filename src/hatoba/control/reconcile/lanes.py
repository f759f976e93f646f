"""The lanes: apps are looked after side by side, each by one pass at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.control.reconcile import moves, probe
from hatoba.control.reconcile.apply import DRAIN_SECONDS, apply
from hatoba.control.reconcile.observe import Memory, observe
from hatoba.control.reconcile.plan import plan, route, time_until
from hatoba.engines.base import EngineDyno, EngineState
from hatoba.kit.retry import backoff
from hatoba.model.dyno import Dyno
from hatoba.model.route import AppRoute, Endpoint
from hatoba.store import apps as app_rows
from hatoba.store import dynos as dyno_rows

log = structlog.get_logger("reconcile")

# A plan that never comes to rest is a defect; this many passes in a row stop the spinning.
MAX_PASSES = 50
SETTLE_LIMIT = 5.0


class Lane:
    """One app's lane. ``run`` ends when there is nothing left to wait for."""

    def __init__(self, p: Platform, app_id: UUID) -> None:
        self._p = p
        self._app_id = app_id
        self._memory = Memory()
        self._wake = asyncio.Event()
        self._failures = 0
        self._closed = False
        self._settled: list[asyncio.Future[None]] = []
        self._changed = asyncio.Condition()
        self._watchers: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def remember(self, in_force: AppRoute) -> None:
        """Take note of the route that the router was loaded with."""
        self._memory.route = in_force

    def nudge(self) -> None:
        """Look at the app soon."""
        if self._closed:
            return
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"lane {self._app_id}")

    async def settle(self) -> None:
        """Look now, and return when a whole look that began after this call is done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settled.append(done)
        self.nudge()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done, SETTLE_LIMIT)

    async def until(self, seen: Callable[[], Awaitable[bool]]) -> None:
        """Wait until ``seen`` says yes, asked now and after each change."""
        async with self._changed:
            await_change = self._changed.wait
            while not await seen():
                await await_change()

    async def close(self) -> None:
        """Stop looking, for good."""
        self._closed = True
        tasks = [t for t in (self._task, *self._watchers) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            waiting, self._settled = self._settled, []
            pause = await self._look()
            for done in waiting:
                if not done.done():
                    done.set_result(None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    async def _look(self) -> float | None:
        """Pass until the app is as wanted; return the seconds until the next look is due."""
        try:
            for _ in range(MAX_PASSES):
                more, pause = await self._pass()
                if not more:
                    self._failures = 0
                    return pause
            log.error("an app does not come to rest", app_id=str(self._app_id))
        except errors.Unavailable as error:
            log.warning("a pass was cut short", app_id=str(self._app_id), why=error.message)
        except Exception:
            log.exception("a pass failed", app_id=str(self._app_id))
        self._failures += 1
        return backoff(self._failures - 1, first=0.2, cap=15.0)

    async def _pass(self) -> tuple[bool, float | None]:
        seen = await observe(self._p, self._app_id, self._memory)
        if seen is None:
            await self._p.router.withdraw(str(self._app_id))
            return False, None
        self._memory.trim(seen)
        chosen = plan(seen)
        for step in chosen.steps:
            await apply(self._p, seen, self._memory, step, self)
        if chosen.steps:
            log.info(chosen.sentence)
            async with self._changed:
                self._changed.notify_all()
            return True, None
        return False, time_until(chosen.wake_at, seen.now) if chosen.wake_at else None

    def until_idle(self, dyno: Dyno, endpoint: Endpoint) -> None:
        """Look again when no request is in flight to a draining dyno."""
        self._beside(self._until_idle(dyno, endpoint))

    def until_answers(self, dyno: Dyno, address: str) -> None:
        """Look again when a starting web dyno gives a first answer."""
        self._beside(self._until_answers(dyno, address))

    def _beside(self, waiting: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(waiting)
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)

    async def _until_answers(self, dyno: Dyno, address: str) -> None:
        await probe.first_answer(address)
        self._memory.answered.add(dyno.id)
        self.nudge()

    async def _until_idle(self, dyno: Dyno, endpoint: Endpoint) -> None:
        with contextlib.suppress(errors.Unavailable):
            await self._p.router.idle(str(self._app_id), endpoint, timeout=DRAIN_SECONDS)
        self._memory.idle.add(dyno.id)
        self.nudge()


class LaneSet:
    """All lanes of the platform; follows the engine's events."""

    def __init__(self) -> None:
        self._p: Platform | None = None
        self._lanes: dict[UUID, Lane] = {}
        self._closed = False

    def attach(self, p: Platform) -> None:
        """Take the platform that the lanes work on."""
        self._p = p

    @property
    def _platform(self) -> Platform:
        if self._p is None:
            raise errors.Unavailable("The platform is starting. Try again in a moment.")
        return self._p

    def _lane(self, app_id: UUID) -> Lane:
        if self._closed:
            raise errors.Unavailable("The platform is going down.")
        if app_id not in self._lanes:
            self._lanes[app_id] = Lane(self._platform, app_id)
        return self._lanes[app_id]

    def nudge(self, app_id: UUID) -> None:
        """Look at the app soon: something about it was changed."""
        self._lane(app_id).nudge()

    async def settle(self, app_id: UUID) -> None:
        """Look at the app now; return when the routes that follow from its state are in force."""
        await self._lane(app_id).settle()

    async def until(self, app_id: UUID, seen: Callable[[], Awaitable[bool]]) -> None:
        """Wait until ``seen`` says yes; it is asked again after each change of the app's dynos."""
        await self._lane(app_id).until(seen)

    async def load(self) -> None:
        """At the daemon's start: tell the router all routes, then look at every app."""
        p = self._platform
        async with p.store.begin() as conn:
            living = await app_rows.living(conn)
            noted = {d.app_id for d in await dyno_rows.everywhere(conn)}
        routes = []
        for app in living:
            seen = await observe(p, app.id, Memory())
            if seen is not None:
                routes.append(route(seen))
                self._lane(app.id).remember(routes[-1])
        await p.router.load(routes)
        for app_id in {app.id for app in living} | noted:
            self.nudge(app_id)

    async def follow(self) -> None:
        """Look at an app whenever the engine reports something about one of its dynos."""
        async for event in self._platform.engine.events():
            await self._quotas(event)
            self.nudge(event.app_id)

    async def _quotas(self, event: EngineDyno) -> None:
        """Say in the app's log which quota of its own the dyno has gone beyond."""
        over_memory = bool(event.memory_limit) and event.memory > event.memory_limit
        over_disk = event.over_disk and event.state is EngineState.EXITED
        if not over_memory and not over_disk:
            return
        p = self._platform
        async with p.store.begin() as conn:
            dynos = await dyno_rows.of_app(conn, event.app_id)
        for dyno in dynos:
            if dyno.id == event.id and over_memory:
                moves.say_memory(p, dyno, event.memory)
            if dyno.id == event.id and over_disk:
                moves.say_disk(p, dyno, event.over_disk)

    async def close(self) -> None:
        """Stop looking after apps, for good; their dynos go on."""
        self._closed = True
        await asyncio.gather(*(lane.close() for lane in self._lanes.values()))

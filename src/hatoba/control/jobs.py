"""Durable jobs. The row of a build, release, … is the truth; a job says where to look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import procrastinate
import structlog
from procrastinate import exceptions
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import (
    addons_work,
    databases_followers,
    deploy,
    release_phase,
    review_apps_run,
    setups_run,
    test_runs_run,
    transfers_run,
)
from hatoba.control.platform import Ended, Platform
from hatoba.kit.retry import backoff
from hatoba.model.setup import Purpose
from hatoba.store import addons as addon_rows
from hatoba.store import backups as transfer_rows
from hatoba.store import builds as build_rows
from hatoba.store import releases as release_rows
from hatoba.store import review_apps as review_rows
from hatoba.store import setups as setup_rows
from hatoba.store import test_runs as test_rows

log = structlog.get_logger("jobs")

# Builds are heavy, release phases wait: together they may fill two cores, not more.
CONCURRENCY = 4
# Add-ons have workers of their own: nobody waits for a database until four builds are done.
_QUEUES = {
    "addon": "addons",
    "followers": "addons",
    "setup": "waiting",
    "review_app": "waiting",
    "test_run": "waiting",
}
_DEFAULT_QUEUE = "default"
# Jobs that mostly wait for others take little, and must never keep those from being carried out.
_WAITERS = {"waiting": 24}
_STOP_PATIENCE = 2.0

Enqueue = Callable[[AsyncConnection], Awaitable[object]]


def _first(enqueue: Callable[..., Awaitable[object]], *ids: UUID) -> Enqueue:
    return lambda conn: enqueue(conn, *ids)


class DurableJobs:
    """The job queue in Postgres, and the worker that empties it."""

    def __init__(self, database_url: str) -> None:
        """``database_url`` is a libpq URL (``postgresql://…``)."""
        self._url = database_url
        self._app = self._new_app()
        self._p: Platform | None = None
        self._running: dict[UUID, asyncio.Task[Any]] = {}
        self._ends: dict[UUID, asyncio.Future[errors.HatobaError | None]] = {}

    def _new_app(self) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(conninfo=self._url, min_size=1, max_size=10)
        app = procrastinate.App(connector=connector)
        app.task(name="build")(self._build)
        app.task(name="release")(self._release)
        app.task(name="transfer")(self._transfer)
        app.task(name="addon")(self._addon)
        app.task(name="followers")(self._followers)
        app.task(name="setup")(self._setup)
        app.task(name="review_app")(self._review_app)
        app.task(name="test_run")(self._test_run)
        return app

    def attach(self, p: Platform) -> None:
        """Take the platform that the jobs work on."""
        self._p = p

    @property
    def _platform(self) -> Platform:
        if self._p is None:
            raise errors.Unavailable
        return self._p

    async def prepare(self) -> None:
        """Make the queue's tables, give back what was running, and enqueue what was lost."""
        async with self._app.open_async():
            manager = self._app.job_manager
            if not await self._app.check_connection_async():
                await self._app.schema_manager.apply_schema_async()
            for job in await manager.list_jobs_async(status="doing"):
                await manager.retry_job(job)
        p = self._platform
        async with p.store.begin() as conn:
            lost = await self._lost(conn)
        for enqueue in lost:
            async with p.store.begin() as conn:
                await enqueue(conn)

    async def _lost(self, conn: AsyncConnection) -> list[Enqueue]:
        """Return what enqueues a job for each row that has something left to be done."""
        now = self._platform.clock.now()
        setups = [s for s in await setup_rows.pending(conn) if s.purpose is Purpose.APP]
        # A review app's job carries out the test run that it waits for.
        runs = [r for r in await test_rows.unfinished(conn) if r.status.ended or not r.for_review]
        return [
            *(_first(self.build, b.id, b.app_id) for b in await build_rows.pending(conn)),
            *(_first(self.release, r.id, r.app_id) for r in await release_rows.pending(conn)),
            *(_first(self.transfer, t.id) for t in await transfer_rows.active(conn)),
            *(_first(self.addon, a.id) for a in await addon_rows.unfinished(conn, now)),
            *(_first(self.setup, setup.id) for setup in setups),
            *(_first(self.review_app, one.id) for one in await review_rows.unfinished(conn)),
            *(_first(self.test_run, run.id) for run in runs),
        ]

    async def build(self, conn: AsyncConnection, build_id: UUID, app_id: UUID) -> None:
        """Have the build carried out once this transaction is committed."""
        await self._defer(conn, "build", build_id, app_id)

    async def release(self, conn: AsyncConnection, release_id: UUID, app_id: UUID) -> None:
        """Have the release phase carried out once this transaction is committed."""
        await self._defer(conn, "release", release_id, app_id)

    async def transfer(self, conn: AsyncConnection, transfer_id: UUID) -> None:
        """Have the transfer carried out once this transaction is committed.

        Two locks for all of them: many databases are backed up at the same hour, and builds
        must go on meanwhile.
        """
        await self._defer(conn, "transfer", transfer_id, UUID(int=transfer_id.int % 2))

    async def addon(self, conn: AsyncConnection, addon_id: UUID) -> Ended:
        """Have done what is to be done about an add-on, once this transaction is committed."""
        future = self._ends.setdefault(addon_id, asyncio.get_running_loop().create_future())
        await self._defer(conn, "addon", addon_id, addon_id)

        async def ended(seconds: float) -> None:
            done, _ = await asyncio.wait({future}, timeout=seconds)
            if done and (error := future.result()):
                raise error

        return ended

    async def followers(self, conn: AsyncConnection, leader_id: UUID) -> None:
        """Have a database's followers brought to its version once this transaction is committed."""
        await self._defer(conn, "followers", leader_id, leader_id)

    async def setup(self, conn: AsyncConnection, setup_id: UUID) -> None:
        """Have the app set-up carried out once this transaction is committed."""
        await self._defer(conn, "setup", setup_id, setup_id)

    async def review_app(self, conn: AsyncConnection, review_app_id: UUID) -> None:
        """Have done what is to be done about a review app, once this transaction is committed."""
        await self._defer(conn, "review_app", review_app_id, review_app_id)

    async def test_run(self, conn: AsyncConnection, run_id: UUID) -> None:
        """Have done what is to be done about a test run, once this transaction is committed."""
        await self._defer(conn, "test_run", run_id, run_id)

    async def _defer(self, conn: AsyncConnection, kind: str, row_id: UUID, app_id: UUID) -> None:
        raw = (await conn.get_raw_connection()).driver_connection
        deferrer = self._app.configure_task(
            kind,
            lock=f"{kind}:{app_id}",
            queueing_lock=f"{kind}:{row_id}",
            queue=_QUEUES.get(kind, _DEFAULT_QUEUE),
            connection=raw,
        )
        try:
            async with conn.begin_nested():
                await deferrer.defer_async(row_id=str(row_id))
        except exceptions.AlreadyEnqueued:
            log.debug("already enqueued", kind=kind, row_id=str(row_id))

    def cancel(self, row_id: UUID) -> None:
        """Stop the build or transfer if it is being carried out."""
        if task := self._running.get(row_id):
            task.cancel()

    async def _build(self, row_id: str) -> None:
        await self._cancellable(deploy.carry_out, UUID(row_id))

    async def _transfer(self, row_id: str) -> None:
        await self._cancellable(transfers_run.carry_out, UUID(row_id))

    async def _cancellable(self, work: Any, row_id: UUID) -> None:  # noqa: ANN401
        task = asyncio.create_task(self._until_done(work, row_id))
        self._running[row_id] = task
        try:
            # Unlike awaiting the task itself this tells its cancellation from our own.
            await asyncio.wait({task})
        finally:
            self._running.pop(row_id, None)
            task.cancel()
        if not task.cancelled():
            task.result()

    async def _release(self, row_id: str) -> None:
        await self._until_done(release_phase.carry_out, UUID(row_id))

    async def _addon(self, row_id: str) -> None:
        error = await self._until_done(addons_work.carry_out, UUID(row_id))
        if future := self._ends.pop(UUID(row_id), None):
            future.set_result(error)

    async def _followers(self, row_id: str) -> None:
        await self._until_done(databases_followers.carry_out, UUID(row_id))

    async def _setup(self, row_id: str) -> None:
        await self._until_done(setups_run.carry_out, UUID(row_id))

    async def _review_app(self, row_id: str) -> None:
        await self._cancellable(review_apps_run.carry_out, UUID(row_id))

    async def _test_run(self, row_id: str) -> None:
        await self._cancellable(test_runs_run.carry_out, UUID(row_id))

    async def _until_done(self, work: Any, row_id: UUID) -> Any:  # noqa: ANN401
        attempt = 0
        while True:
            try:
                return await work(self._platform, row_id)
            except errors.Unavailable as error:
                log.warning("a job waits", row_id=str(row_id), why=error.message)
                await asyncio.sleep(backoff(attempt, first=0.5, cap=10))
                attempt += 1

    async def run(self) -> None:
        """Work; when Postgres goes away, begin again once it is back. Never ends by itself."""
        attempt = 0
        while True:
            try:
                async with self._app.open_async(), asyncio.TaskGroup() as workers:
                    attempt = 0
                    for queue in {_DEFAULT_QUEUE, *_QUEUES.values()}:
                        workers.create_task(self._work(queue))
            except Exception as error:  # noqa: BLE001 the worker must outlive whatever Postgres does
                first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
                log.warning("the job workers start again", why=str(first).splitlines()[:1])
            await asyncio.sleep(backoff(attempt, first=0.2, cap=5))
            attempt += 1
            self._app = self._new_app()

    async def _work(self, queue: str) -> None:
        """Empty one queue."""
        await self._app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=_WAITERS.get(queue, CONCURRENCY),
            install_signal_handlers=False,
            shutdown_graceful_timeout=_STOP_PATIENCE,
            delete_jobs="always",
            fetch_job_polling_interval=1.0,
        )

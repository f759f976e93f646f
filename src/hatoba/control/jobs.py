"""Durable jobs. The row of a build, release or transfer is the truth; a job says where to look."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import procrastinate
import structlog
from procrastinate import exceptions
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import deploy, release_phase, transfers_run
from hatoba.control.platform import Platform
from hatoba.kit.retry import backoff
from hatoba.store import backups as transfer_rows
from hatoba.store import builds as build_rows
from hatoba.store import releases as release_rows

log = structlog.get_logger("jobs")

# Builds are heavy, release phases wait: together they may fill two cores, not more.
CONCURRENCY = 4
_STOP_PATIENCE = 2.0


class DurableJobs:
    """The job queue in Postgres, and the worker that empties it."""

    def __init__(self, database_url: str) -> None:
        """``database_url`` is a libpq URL (``postgresql://…``)."""
        self._url = database_url
        self._app = self._new_app()
        self._p: Platform | None = None
        self._running: dict[UUID, asyncio.Task[Any]] = {}

    def _new_app(self) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(conninfo=self._url, min_size=1, max_size=6)
        app = procrastinate.App(connector=connector)
        app.task(name="build")(self._build)
        app.task(name="release")(self._release)
        app.task(name="transfer")(self._transfer)
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
            builds = await build_rows.pending(conn)
            releases = await release_rows.pending(conn)
            transfers = await transfer_rows.active(conn)
        for build in builds:
            async with p.store.begin() as conn:
                await self.build(conn, build.id, build.app_id)
        for release in releases:
            async with p.store.begin() as conn:
                await self.release(conn, release.id, release.app_id)
        for transfer in transfers:
            async with p.store.begin() as conn:
                await self.transfer(conn, transfer.id)

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

    async def _defer(self, conn: AsyncConnection, kind: str, row_id: UUID, app_id: UUID) -> None:
        raw = (await conn.get_raw_connection()).driver_connection
        deferrer = self._app.configure_task(
            kind,
            lock=f"{kind}:{app_id}",
            queueing_lock=f"{kind}:{row_id}",
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

    async def _until_done(self, work: Any, row_id: UUID) -> None:  # noqa: ANN401
        attempt = 0
        while True:
            try:
                await work(self._platform, row_id)
            except errors.Unavailable as error:
                log.warning("a job waits", row_id=str(row_id), why=error.message)
                await asyncio.sleep(backoff(attempt, first=0.5, cap=10))
                attempt += 1
            else:
                return

    async def run(self) -> None:
        """Work; when Postgres goes away, begin again once it is back. Never ends by itself."""
        attempt = 0
        while True:
            try:
                async with self._app.open_async():
                    attempt = 0
                    await self._app.run_worker_async(
                        concurrency=CONCURRENCY,
                        install_signal_handlers=False,
                        shutdown_graceful_timeout=_STOP_PATIENCE,
                        delete_jobs="always",
                        fetch_job_polling_interval=1.0,
                    )
            except Exception as error:  # noqa: BLE001 the worker must outlive whatever Postgres does
                log.warning("the job worker starts again", why=str(error).splitlines()[:1])
            await asyncio.sleep(backoff(attempt, first=0.2, cap=5))
            attempt += 1
            self._app = self._new_app()

"""The daemon: every part started in order, and stopped in the reverse one."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvloop

from hatoba import errors, settings
from hatoba.acme.on_demand import OnDemand
from hatoba.addons.key_value.servers import KeyValuePlace, KeyValueServers
from hatoba.addons.partner.client import PartnerClient
from hatoba.addons.postgres.place import ServersPlace
from hatoba.addons.postgres.servers import Servers
from hatoba.api.encode import webhook_payloads
from hatoba.auth.tokens import Tokens
from hatoba.build import runtimes, stacks
from hatoba.build.builder import BuildpackBuilder
from hatoba.build.runtimes import Runtimes
from hatoba.control import (
    acm,
    addons_work,
    autoscale,
    databases_archive,
    databases_log,
    databases_watch,
    housekeeping,
    key_values,
    runtime_metrics,
    scheduler_runs,
    schedules,
)
from hatoba.control.backups_bucket import Bucket
from hatoba.control.backups_files import BackupFiles
from hatoba.control.couriers import CourierSet
from hatoba.control.jobs import DurableJobs
from hatoba.control.place import Place
from hatoba.control.platform import Platform
from hatoba.control.pump import Pump
from hatoba.control.reconcile import shutdown
from hatoba.control.reconcile.lanes import LaneSet
from hatoba.control.sessions import Sessions
from hatoba.control.traffic import Traffic
from hatoba.control.vault import Vault
from hatoba.control.webhook_postman import Postman
from hatoba.engines.local.engine import LocalEngine
from hatoba.engines.node.engine import NodeEngine
from hatoba.images.files import BlobFiles
from hatoba.kit import sandbox
from hatoba.kit.clock import SystemClock
from hatoba.kit.files import private_dir
from hatoba.kit.sandbox import Isolation
from hatoba.logs.hub import LogHub
from hatoba.logs.streams import OutputStreams
from hatoba.router.driver import EnvoyRouter, RouterPlace
from hatoba.server import front
from hatoba.server.health import PlatformHealth, isolation_notice
from hatoba.server.login import log_in_owner
from hatoba.settings import Settings
from hatoba.store.database import Store
from hatoba.store.embedded import EmbeddedPostgres

log = structlog.get_logger("hatobad")

# The keeper does not start a daemon again that ended with this (EX_CONFIG).
CANNOT_START = 78
_HOUSEKEEPING_SECONDS = 3600.0
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Parts:
    """What is built once, before anything is served."""

    router: EnvoyRouter
    logs: LogHub
    platform: Platform
    lanes: LaneSet
    jobs: DurableJobs
    tokens: Tokens


class Daemon:
    """One platform, from its first start to its orderly end."""

    def __init__(self, chosen: Settings) -> None:
        self._settings = chosen
        self._health = PlatformHealth(chosen)
        self._stack = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Start everything, serve until SIGTERM or SIGINT, then stop everything."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        # The keeper holds SIGTERM back for as long as nobody would stop what runs on.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        async with self._stack:
            await self._start()
            await stopping.wait()
            log.info("stopping")

    async def _start(self) -> None:
        self._folders()
        self._stack.enter_context(_alone(self._settings.runtime_dir / "hatobad.lock"))
        self._health.watch("keeper", "keeps the daemon", self._health.keeper)
        parts = await self._build(await self._store())
        await parts.jobs.prepare()
        await front.open_api(
            self._stack, self._settings, parts.platform, parts.tokens, self._health
        )
        await parts.router.start()
        self._stack.push_async_callback(parts.router.stop)
        files = parts.router.certificates
        await front.open_rendezvous(
            self._stack, parts.platform, certificate=files.certificate, key=files.key
        )
        await log_in_owner(parts.platform, parts.tokens, self._settings, files.ca)
        # In the reverse order: no more restarts, then the dynos end, with their last words kept.
        self._stack.push_async_callback(self._end_work)
        self._stack.push_async_callback(shutdown.stop_dynos, parts.platform)
        self._stack.push_async_callback(parts.lanes.close)
        await databases_watch.begin(parts.platform)
        await key_values.begin(parts.platform)
        await parts.lanes.load()
        await parts.platform.couriers.settle()
        self._work(parts)
        self._health.ready = True
        log.info("ready", port=self._settings.port)

    def _folders(self) -> None:
        chosen = self._settings
        try:
            private_dir(chosen.data_dir, mode=0o711)
            private_dir(chosen.runtime_dir, mode=0o711)
            chosen.work_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        except OSError as error:
            raise errors.StartupError(
                f"The folder {error.filename} can't be used: {error.strerror}. "
                "Choose another: hatoba up --data-dir DIR"
            ) from error

    async def _store(self) -> Store:
        chosen = self._settings
        url = chosen.database_url
        if url is None:
            postgres = EmbeddedPostgres(chosen, notice=log.warning)
            await postgres.start()
            self._stack.push_async_callback(postgres.stop)
            self._health.watch("postgres", "control database", lambda: postgres.pid)
            url = postgres.url
        self._url = url
        store = Store(url)
        self._stack.push_async_callback(store.close)
        await store.migrate()
        if not await store.lead():
            raise errors.StartupError("Another daemon leads on this database. Stop it first.")
        return store

    async def _build(self, store: Store) -> Parts:
        chosen, clock = self._settings, SystemClock()
        system = await self._system()
        found = await runtimes.find(system)
        root = os.getuid() == 0
        isolation = Isolation(root=root, bwrap=sandbox.find(), readable=found.roots, system=system)
        terminals = front.rendezvous_port(chosen)
        engine, router = await self._engine(isolation), self._router(terminals)
        logs, sessions = LogHub(chosen.data_dir / "logs", clock), Sessions()
        self._stack.callback(logs.close)
        traffic = Traffic(store, clock)
        self._stack.push_async_callback(traffic.flush)
        logs.told = traffic.said
        self._stack.callback(sessions.close)
        couriers = CourierSet(chosen.data_dir / "drains")
        self._stack.push_async_callback(couriers.close)
        databases = Servers(
            ServersPlace(chosen.data_dir, chosen.work_dir, chosen.runtime_dir), notice=log.warning
        )
        self._stack.push_async_callback(databases.close)
        stores = KeyValueServers(
            KeyValuePlace(chosen.data_dir, chosen.work_dir, chosen.runtime_dir), notice=log.warning
        )
        self._stack.push_async_callback(stores.close)
        partners = PartnerClient()
        self._stack.callback(partners.close)
        lanes, jobs = LaneSet(), DurableJobs(self._url.replace("+psycopg", ""))
        vault = Vault.open(chosen.data_dir / "vault.key")
        platform = Platform(
            store=store,
            vault=vault,
            engine=engine,
            router=router,
            logs=logs,
            streams=OutputStreams(chosen.data_dir / "output"),
            builder=_builder(chosen, isolation, found),
            images=BlobFiles(private_dir(chosen.data_dir / "registry")),
            clock=clock,
            place=Place(chosen.port, terminals, chosen.domain),
            sources=private_dir(chosen.data_dir / "sources"),
            repositories=chosen.data_dir / "repos",
            pump=Pump(engine, logs),
            sessions=sessions,
            lanes=lanes,
            jobs=jobs,
            couriers=couriers,
            databases=databases,
            backups=BackupFiles(chosen.data_dir / "backups", vault, _vessel()),
            key_values=stores,
            partners=partners,
            authority=OnDemand(settings.acme(), chosen.data_dir / "acme"),
            traffic=traffic,
            builders=chosen.builders,
            release_days=settings.release_days(),
            unreleased_bytes=settings.unreleased_images(),
        )
        lanes.attach(platform)
        jobs.attach(platform)
        couriers.attach(platform)
        return Parts(router, logs, platform, lanes, jobs, Tokens(store, clock))

    async def _system(self) -> Path:
        """Return the root of the system that apps are built in and run on."""
        archive = self._stack_archive()
        if archive is None:
            return Path("/")
        return await stacks.unpacked(archive, self._settings.work_dir / "stack")

    def _stack_archive(self) -> Path | None:
        chosen = self._settings
        return settings.stack(chosen.data_dir) if chosen.engine == "swarm" else None

    async def _engine(self, isolation: Isolation) -> NodeEngine:
        chosen = self._settings
        if chosen.engine == "swarm":
            return await self._opened(self._swarm(isolation))
        self._health.tell(isolation_notice(isolation))
        limit = settings.dyno_disk()
        engine = LocalEngine(chosen.work_dir, chosen.runtime_dir, isolation, disk_limit=limit)
        return await self._opened(engine)

    def _swarm(self, isolation: Isolation) -> NodeEngine:
        # Only here: its client of Docker takes 9 MB.
        from hatoba.engines.swarm.engine import SwarmEngine, SwarmPlace

        chosen = self._settings
        docker = settings.docker_socket()
        place = SwarmPlace(
            chosen.work_dir,
            chosen.runtime_dir,
            docker,
            chosen.key,
            settings.dyno_networks(),
            self._stack_archive(),
            settings.dyno_disk(),
        )
        engine = SwarmEngine(place, isolation)
        self._health.watch("docker", f"containers, at {docker}", lambda: engine.docker.pid)
        self._health.watch("relay", "dynos' way to add-ons", lambda: engine.relays.pid)
        return engine

    async def _opened(self, engine: NodeEngine) -> NodeEngine:
        await engine.open()
        self._stack.push_async_callback(engine.close, stop=True)
        self._health.watch("runner", "owns the dynos", lambda: engine.pid)
        return engine

    def _router(self, terminals: int) -> EnvoyRouter:
        chosen = self._settings
        daemon = chosen.runtime_dir / front.API_SOCKET
        place = RouterPlace(
            chosen.data_dir,
            chosen.runtime_dir,
            daemon,
            chosen.port,
            bind=chosen.bind,
            domain=chosen.domain,
            certificate=chosen.certificate,
            terminals=terminals,
        )
        router = EnvoyRouter(place, notice=log.warning)
        self._health.watch("envoy", f"router on port {chosen.port}", lambda: router.pid)
        return router

    def _work(self, parts: Parts) -> None:
        self._forever("pump", parts.platform.pump.run)
        self._forever("events", parts.lanes.follow)
        self._forever("router lines", lambda: _router_lines(parts))
        self._forever("traffic", parts.platform.traffic.run)
        self._forever("log files", parts.logs.keep_bounded)
        self._forever("jobs", parts.jobs.run)
        self._forever("databases", lambda: databases_watch.run(parts.platform))
        self._forever("databases' logs", databases_log.LogCarrier(parts.platform).run)
        self._forever("archives", lambda: databases_archive.run(parts.platform))
        self._forever("key-value stores", lambda: key_values.run(parts.platform))
        self._forever("add-ons", lambda: addons_work.run(parts.platform))
        self._forever("schedules", lambda: schedules.run(parts.platform))
        self._forever("scheduler", lambda: scheduler_runs.run(parts.platform))
        self._forever("certificates", lambda: acm.run(parts.platform))
        self._forever("runtime metrics", lambda: runtime_metrics.run(parts.platform))
        self._forever("autoscaling", lambda: autoscale.run(parts.platform))
        self._forever("webhooks", lambda: _webhooks(parts.platform))
        self._forever("housekeeping", lambda: _housekeeping(parts.platform))
        self._tasks.append(asyncio.create_task(self._health.keep_keeper(), name="keeper"))

    async def _end_work(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forever(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(_again(name, work), name=name))


def _vessel() -> Bucket | None:
    chosen = settings.backup_bucket()
    return Bucket(chosen) if chosen else None


def _builder(chosen: Settings, isolation: Isolation, found: Runtimes) -> BuildpackBuilder:
    registries, allowed = settings.registries(), settings.buildpack_folders()
    return BuildpackBuilder(chosen.work_dir, isolation, found, registries, allowed)


async def _again(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run work that has no end; if it breaks, say so and begin again."""
    while True:
        try:
            await work()
        except errors.Unavailable as error:
            log.warning("work waits", work=name, why=error.message)
        except Exception:
            log.exception("work broke; it begins again", work=name)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _router_lines(parts: Parts) -> None:
    async for lines in parts.router.lines():
        parts.logs.router(lines)
        parts.platform.traffic.requests(lines)


async def _webhooks(p: Platform) -> None:
    await Postman(p, webhook_payloads.shape(p.place)).run()


async def _housekeeping(p: Platform) -> None:
    while True:
        await housekeeping.tidy(p)
        await asyncio.sleep(_HOUSEKEEPING_SECONDS)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock that only one daemon of this folder can have."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise errors.StartupError(
                "Another daemon runs in this data folder. Stop it first: hatoba down"
            ) from None
        yield


def main() -> None:
    """Entry point of hatobad."""
    _set_up_logging()
    try:
        chosen = settings.load()
        uvloop.run(Daemon(chosen).run())
    except (errors.StartupError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 the reason, as the last line of the log
        raise SystemExit(CANNOT_START) from None


def _set_up_logging() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout)

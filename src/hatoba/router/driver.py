"""The router as the platform sees it: Envoy, its configuration and its log behind one object."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hatoba.errors import StartupError
from hatoba.kit import authority
from hatoba.kit.authority import Certificates
from hatoba.kit.files import private_dir, write_atomic
from hatoba.kit.supervise import Program, Supervisor
from hatoba.model.route import AppRoute, Endpoint
from hatoba.router import accesslog, admin, envoy
from hatoba.router.base import RouterLine
from hatoba.router.fifo import Fifo
from hatoba.router.served import ServedTable
from hatoba.router.snapshot import apps, front, names
from hatoba.router.table import RouteTable
from hatoba.router.xds.resources import Resources, Wanted
from hatoba.router.xds.server import XdsServer

# The first configuration of 10,000 apps takes 1.4 s.
_LOAD_SECONDS = 20.0
_IDLE_POLL_SECONDS = 0.05
_RENEWAL_CHECK_SECONDS = 6 * 3600.0


@dataclass(frozen=True)
class RouterPlace:
    """Where the router lives. ``daemon`` is the unix socket on which hatobad serves its API.

    ``domain`` is the platform's public name, with ``certificate`` a PEM chain and key for it
    that others vouch for; ``terminals`` the port of run sessions.
    """

    data_dir: Path
    runtime_dir: Path
    daemon: Path
    port: int
    bind: str = "127.0.0.1"
    concurrency: int = 2
    domain: str | None = None
    certificate: tuple[Path, Path] | None = None
    terminals: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the platform's own certificate is for."""
        public = (self.domain, f"*.{self.domain}") if self.domain else ()
        return tuple(dict.fromkeys((*authority.LOCAL_NAMES, *public)))


class EnvoyRouter:
    """Implements ``router.base.Router``.

    ``start`` before anything else, ``load`` when the state is known, ``stop`` ends Envoy too,
    ``release`` leaves it serving for the next daemon.
    """

    def __init__(self, place: RouterPlace, *, notice: Callable[[str], None]) -> None:
        self._place = place
        self._notice = notice
        self._sockets = envoy.Sockets(place.runtime_dir / "router", place.daemon)
        self._resources = Resources()
        self._table = RouteTable(names.front_hosts(place.domain))
        self._served = ServedTable()
        self._xds = XdsServer(self._resources, notice)
        self._fifo = Fifo(self._sockets.log)
        self._supervisor: Supervisor | None = None
        self._door = front.FrontDoor(
            envoy.addresses(place.bind),
            place.port,
            self._sockets.log,
            place.domain,
            place.certificate is not None,
        )
        self._own: list[Wanted] = []
        self._renewal: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Envoy's process id, or None while it does not run."""
        return self._supervisor.pid if self._supervisor else None

    @property
    def certificates(self) -> Certificates:
        """The platform's certificates; the files are there once ``start`` has returned."""
        return authority.paths(self._place.data_dir)

    async def healthy(self) -> bool:
        """Tell whether Envoy serves and is connected for changes."""
        return self._xds.connected and await admin.ready(self._sockets.admin)

    async def start(self) -> None:
        """Make the certificates, listen for Envoy, adopt or start it.

        It answers requests once ``load`` has been called. Raises StartupError when the port is
        taken or Envoy can't be started.
        """
        private_dir(self._sockets.folder)
        self._own = await self._put_own()
        await self._xds.start(self._sockets.xds)
        await self._start_envoy(self._door.addresses)
        self._renewal = asyncio.create_task(self._renew())

    async def release(self) -> None:
        """Let go of Envoy, which goes on serving with what it has."""
        await self._end_renewal()
        if self._supervisor is not None:
            await self._supervisor.release()
        await self._xds.stop()
        self._fifo.close()

    async def stop(self) -> None:
        """Stop Envoy and everything else in order."""
        await self._end_renewal()
        if self._supervisor is not None:
            await self._supervisor.stop()
        await self._xds.stop()
        self._fifo.close()

    async def load(self, routes: Sequence[AppRoute]) -> None:
        """Take the whole set of routes, answer Envoy, and wait until all are in force."""
        kept = {names.TERMINALS_CLUSTER, *(route.key for route in routes)}
        for key in self._resources.names(names.CLUSTER) - kept:
            self._forget(key)
        for route in routes:
            self._table.put(route)
        pointed = [wanted for route in routes for wanted in self._put(route)]
        secured = self._secure(*routes)
        wanted = self._put_table()
        self._xds.open()
        await self._xds.in_force([*pointed, wanted, *self._own, *secured], timeout=_LOAD_SECONDS)

    async def publish(self, route: AppRoute) -> None:
        """Put this app's route in force: first what is pointed at, then what points at it."""
        pointed = self._put(route)
        # In the table at once, so that the change stays wanted if Envoy is away.
        self._table.put(route)
        try:
            await self._xds.in_force(pointed)
        finally:
            wanted, secured = self._put_table(), self._secure(route)
        await self._xds.in_force([wanted, *secured])

    async def withdraw(self, key: str) -> None:
        """Forget the app: first its hosts, then its cluster."""
        if key in self._table:
            self._table.drop(key)
            self._served.drop(key)
            await self._xds.in_force([self._put_table(), self._put_listener()])
        self._forget(key)
        await self._xds.forgotten(names.CLUSTER, key)

    async def idle(self, key: str, endpoint: Endpoint, *, timeout: float) -> bool:
        """Wait until no request is in flight to an endpoint; False after ``timeout`` s."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while await self._busy(key, endpoint):
                    await asyncio.sleep(_IDLE_POLL_SECONDS)
                return True
        return False

    async def lines(self) -> AsyncIterator[list[RouterLine]]:
        """Yield batches of router log lines as requests end."""
        async for raw in self._fifo.lines():
            if batch := [line for text in raw if (line := accesslog.parse(text))]:
                yield batch

    async def _busy(self, key: str, endpoint: Endpoint) -> bool:
        try:
            address = endpoint.host, endpoint.port
            return await admin.active_requests(self._sockets.admin, key, *address) > 0
        except OSError:
            # Without Envoy no request is in flight.
            return self.pid is not None

    def _put(self, route: AppRoute) -> list[Wanted]:
        return [
            self._resources.put(names.CLUSTER, route.key, apps.cluster(route.key)),
            self._resources.put(names.ENDPOINTS, route.key, apps.endpoints(route)),
        ]

    def _put_table(self) -> Wanted:
        version = self._table.version
        return self._resources.put_versioned(
            names.ROUTES, names.ROUTE_TABLE, version, self._table.body
        )

    def _secure(self, *routes: AppRoute) -> list[Wanted]:
        """Tell the routes' certificates, and the listener whose they are."""
        wanted = []
        for route in routes:
            self._served.put(route)
            for one in route.certificates:
                body = front.secret(one.chain, one.key, one.id)
                wanted.append(self._resources.put(names.SECRET, one.id, body))
        asked = {one.certificate for one in self._served.secured()}
        # Envoy asks only for what the listener names.
        return [*(w for w in wanted if w.name in asked), self._put_listener()]

    def _put_listener(self) -> Wanted:
        """Tell the listener, and let go of the certificates that it names no more."""
        secured = self._served.secured()
        wanted = self._resources.put_versioned(
            names.LISTENER,
            "front",
            front.listener_version(self._door, secured),
            lambda: front.listener(self._door, secured),
        )
        kept = {names.CERTIFICATE, names.DOMAIN_CERTIFICATE, *self._served.names()}
        for name in self._resources.names(names.SECRET) - kept:
            self._resources.drop(names.SECRET, name)
        return wanted

    async def _put_own(self) -> list[Wanted]:
        """Tell the platform's own certificate, and what its domain needs, as the files are now."""
        place = self._place
        files = await asyncio.to_thread(authority.ensure, place.data_dir, _now(), place.names)
        wanted = [self._put_certificate(names.CERTIFICATE, files.certificate, files.key)]
        if place.domain and place.terminals:
            body = front.terminals_cluster(place.terminals)
            wanted.append(self._resources.put(names.CLUSTER, names.TERMINALS_CLUSTER, body))
        if place.certificate:
            wanted.append(self._put_certificate(names.DOMAIN_CERTIFICATE, *place.certificate))
        return wanted

    def _put_certificate(self, name: str, chain: Path, key: Path) -> Wanted:
        try:
            body = front.secret(chain.read_bytes(), key.read_bytes(), name)
        except OSError as error:
            raise StartupError(
                f"The certificate can't be read from {error.filename}: {error.strerror}."
            ) from error
        return self._resources.put(names.SECRET, name, body)

    def _forget(self, key: str) -> None:
        self._table.drop(key)
        self._resources.drop(names.CLUSTER, key)
        self._resources.drop(names.ENDPOINTS, key)

    async def _start_envoy(self, bind: tuple[str, ...]) -> None:
        inherited = self._fifo.open()
        config = self._sockets.folder / "bootstrap.json"
        write_atomic(config, envoy.bootstrap(self._sockets))
        self._supervisor = Supervisor(
            Program(
                name="Envoy",
                argv=envoy.argv(envoy.binary(), config, self._place.concurrency),
                env={"PATH": os.defpath},
                pass_fds=(inherited,),
                stop_seconds=5.0,
            ),
            record=self._sockets.folder / "envoy.json",
            log=self._place.data_dir / "log" / "envoy.log",
            notice=self._notice,
        )
        if not await self._supervisor.adoptable():
            envoy.check_port(bind, self._place.port)
        try:
            await self._supervisor.start()
        except OSError as error:
            raise StartupError(f"Envoy can't be started: {error}.") from error

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEWAL_CHECK_SECONDS)
            try:
                await self._put_own()
            except StartupError as error:
                self._notice(error.message)
            self._xds.changed()

    async def _end_renewal(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)


def _now() -> datetime:
    return datetime.now(UTC)

"""The swarm engine: dynos as containers of this machine's Docker Engine."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.engines.base import DynoSpec
from hatoba.engines.node import disk
from hatoba.engines.node.engine import NodeEngine, asked_for
from hatoba.engines.swarm import container, launcher, stack
from hatoba.engines.swarm.build_cache import BuildCache
from hatoba.engines.swarm.builds import DockerfileBuilder
from hatoba.engines.swarm.container import Place
from hatoba.engines.swarm.docker import DockerHost
from hatoba.engines.swarm.images import Images
from hatoba.engines.swarm.launcher import Launcher
from hatoba.engines.swarm.networks import Networks
from hatoba.engines.swarm.relays import Relays
from hatoba.engines.swarm.runs import Runs, RunsPlace
from hatoba.engines.swarm.stack import Stack
from hatoba.kit.files import used
from hatoba.kit.sandbox import Isolation

log = structlog.get_logger("engine")

PLATFORM = "hatoba.platform"
_TIDY_SECONDS = 3600.0
_PORTS = range(20000, 32000)


@dataclass(frozen=True)
class SwarmPlace:
    """Where the engine works. ``key`` names the platform among others on the same Docker.

    ``pool`` are the addresses for apps' networks. ``stack`` is the archive of the system that
    dynos run on, None for this machine's own. ``disk_limit`` is that of ``NodeEngine``.
    """

    work_dir: Path
    runtime_dir: Path
    docker: Path
    key: str
    pool: IPv4Network
    stack: Path | None = None
    disk_limit: int = disk.LIMIT


class SwarmEngine(NodeEngine):
    """Implements ``engines.base.Engine`` with containers."""

    def __init__(self, place: SwarmPlace, isolation: Isolation) -> None:
        super().__init__(place.work_dir, place.runtime_dir, disk_limit=place.disk_limit)
        self._isolation = isolation
        self._archive = place.stack
        self.docker = DockerHost(place.docker, {PLATFORM: place.key})
        self._prefix = f"hatoba-{place.key}"
        first = int(place.key, 16)
        self.images = Images(self.docker, f"hatoba/{place.key}", place.work_dir / "layers")
        self._cache = BuildCache(self.docker, place.work_dir / "build-cache.json")
        self._builder = DockerfileBuilder(self.docker, self.images, self._cache)
        self._networks = Networks(self.docker, self._prefix, place.pool, first)
        self.relays = Relays(self._dynos, place.work_dir, place.runtime_dir)
        self._stack: Stack | None = None
        self._launcher: Launcher | None = None
        # Apps of dynos that are being started, by dyno, and of builds that run.
        self._begun: dict[UUID, UUID] = {}
        caches = place.work_dir / "layer-caches"
        runs = RunsPlace(self._dynos, caches, self._prefix, self._begun, self._launching)
        self._runs = Runs(self.docker, self._networks, self.relays, runs)
        self._untidy = asyncio.Event()
        self._tidier: asyncio.Task[None] | None = None

    @property
    def runs_images_for(self) -> str | None:
        """This machine's processor."""
        return stack.architecture()

    @property
    def image_builder(self) -> DockerfileBuilder:
        """Docker's own."""
        return self._builder

    @property
    def image_runner(self) -> Runs:
        """Containers for builders."""
        return self._runs

    async def open(self) -> None:
        """Find or start the runner, and remove what earlier containers nobody knows of."""
        await super().open()
        await self.relays.start()
        self._tidier = asyncio.create_task(self._keep_tidy(), name="tidy containers")

    async def close(self, *, stop: bool) -> None:
        """Let go; with ``stop`` end all dynos and remove all but the stack."""
        if self._tidier is not None:
            self._tidier.cancel()
            await asyncio.gather(self._tidier, return_exceptions=True)
        await super().close(stop=stop)
        await self.relays.close(stop=stop)
        if stop:
            try:
                await self._remove_all()
            except errors.HatobaError as error:
                log.warning("containers are left to the next start", why=error.message)
        await self.docker.close()

    async def start(self, spec: DynoSpec) -> None:
        """Start a dyno. Raises ``errors.DiskFull`` or ``errors.Unavailable``; nothing stays."""
        if spec.inside is not None:
            starts = await self._launching() if spec.image else None
            await self._start_inside(spec, container.joined(spec, self._user(spec), starts))
            return
        if any(dyno.id == spec.id for dyno in await self.dynos()):
            return
        self._begun[spec.id] = spec.app_id
        try:
            await self._start(spec)
        except BaseException:
            await asyncio.shield(self._undo(spec.id))
            raise
        finally:
            self._begun.pop(spec.id, None)
        self._holds.take(spec.id)

    async def _start(self, spec: DynoSpec) -> None:
        user, folder = self._user(spec), self._dynos / str(spec.id)
        image, mounts, starts = await self._image(spec, user)
        network = await self._networks.of(spec.app_id, spec.user)
        await asyncio.to_thread(_anew, folder)
        asked = asked_for(spec, user, sandboxed=True)
        asked["meta"]["port"] = port = random.choice(_PORTS)  # noqa: S311 no secret
        device = (await self._ask({"ask": "prepare", **asked}))["terminal"]
        place = Place(image, mounts, network, folder, device, starts)
        config = container.config(spec, user, port, place)
        config["Labels"] |= self.docker.labels
        try:
            made = await self.docker.create(self._name(spec.id), config)
            seen = await self.docker.start(made)
        except errors.Conflict as error:
            raise errors.Unavailable(error.message) from error
        except errors.Unavailable:
            # Somebody may have removed what we remember to have made.
            self._networks.forget(spec.app_id)
            raise
        address = seen["NetworkSettings"]["Networks"][network]["IPAddress"]
        pid = seen["State"]["Pid"]
        await self.relays.open(spec.id, pid, spec.reaches)
        await self._ask({"ask": "begin", "id": str(spec.id), "pid": pid, "host": address})

    async def _image(
        self, spec: DynoSpec, user: int
    ) -> tuple[str, Mapping[str, Path], Launcher | None]:
        """Return the image to start from, what is mounted into it, and what starts the command."""
        if spec.image is None:
            base = await self._base()
            return await self.images.of(spec.slug, user, base), base.mounts, None
        starts = await self._launching()
        return await self.images.given(spec.image), starts.mounts, starts

    async def _launching(self) -> Launcher:
        if self._launcher is None:
            self._launcher = await launcher.find()
        return self._launcher

    async def _base(self) -> Stack:
        if self._stack is None or await self.docker.image(self._stack.name) is None:
            readable, archive = self._isolation.readable, self._archive
            made = self.images.stack(archive, readable) if archive else None
            self._stack = await (made or self.images.machine(readable))
        return self._stack

    def _user(self, spec: DynoSpec) -> int:
        return self._isolation.first_user + spec.user

    def _name(self, dyno_id: UUID) -> str:
        return f"{self._prefix}-{dyno_id}"

    async def _undo(self, dyno_id: UUID) -> None:
        with contextlib.suppress(errors.HatobaError):
            await super().forget(dyno_id)
        with contextlib.suppress(errors.HatobaError):
            await self.docker.remove(self._name(dyno_id))

    async def forget(self, dyno_id: UUID) -> None:
        """Remove an exited dyno's container and files; its unread output stays."""
        await super().forget(dyno_id)
        try:
            await self.docker.remove(self._name(dyno_id))
        except errors.Unavailable as error:
            log.warning("a container is left to be tidied up", why=error.message)
        if self.images.many:
            self._untidy.set()

    async def _on_disk(self, dynos: set[UUID]) -> dict[UUID, int]:
        """Return what each has written: into its container, into volumes, into its folder."""
        found = await super()._on_disk(dynos)
        if not found:
            return found
        for made in await self.docker.containers(sizes=True):
            name = made["Labels"].get(container.DYNO)
            if name and (dyno_id := UUID(name)) in found:
                volumes = [Path(m["Source"]) for m in made["Mounts"] if m["Type"] == "volume"]
                sizes = [await asyncio.to_thread(used, path) for path in volumes]
                found[dyno_id] += made.get("SizeRw", 0) + sum(sizes)
        return found

    async def _keep_tidy(self) -> None:
        while True:
            self._untidy.clear()
            try:
                await self.tidy()
            except errors.HatobaError as error:
                log.warning("containers are not tidied", why=error.message)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TIDY_SECONDS):
                    await self._untidy.wait()

    async def tidy(self) -> str:
        """Remove the containers, networks and images that no dyno needs; say what went."""
        containers = await self.docker.containers()
        known = await self.dynos()
        kept = {str(dyno.id) for dyno in known} | {str(dyno_id) for dyno_id in self._begun}
        left = [c for c in containers if c["Labels"].get(container.DYNO) not in kept]
        for found in left:
            await self.docker.remove(found["Id"])
        apps = {dyno.app_id for dyno in known}
        networks = await self._networks.tidy(lambda: apps | set(self._begun.values()))
        used = {found["ImageID"] for found in containers if found not in left}
        images = await self.images.tidy(used)
        await asyncio.to_thread(self._runs.sweep)
        if self._cache.interrupted:
            await self._cache.shrink()
        sentence = f"removed {len(left)} containers, {networks} networks and {images} images"
        log.info(sentence)
        return sentence

    async def _remove_all(self) -> None:
        for found in await self.docker.containers():
            await self.docker.remove(found["Id"])
        await self._networks.tidy(set)
        await self.images.tidy(all_of_them=True)


def _anew(folder: Path) -> None:
    """Make the dyno's folder; a start that was broken off may have left one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o711)
    folder.chmod(0o711)

"""Programs of images that build an app, each in a container of its own: implements ImageRunner."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from hatoba import errors
from hatoba.engines.images import Emit, ImageFacts, ImageParts, Workbench, Worked
from hatoba.engines.swarm import archives, container, saved
from hatoba.engines.swarm.docker import DockerHost
from hatoba.engines.swarm.launcher import Launcher
from hatoba.engines.swarm.networks import Networks
from hatoba.engines.swarm.relays import Relays
from hatoba.kit.files import private_dir, used

# What builds of one app may keep between them; of more, nothing is kept.
MOST_CACHED = 2 * 1024**3
_MOST_RESULT = 256 * 1024
_PROCESSES = 4096
_GATE_OF_BUILD = "build-gate"
# The program waits until its way to the registry is there, and its output is listened to. What it
# makes may be changed by its group, in which the app's dynos are.
_WAIT = 'read -r _ <"$0" && umask 002 && exec "$@"'
Json = dict[str, Any]


@dataclass(frozen=True)
class RunsPlace:
    """Where builds are: ``folders`` of those that run, among the dynos' that the relays know, and

    ``caches``. ``prefix`` begins the names of containers. ``begun`` notes the apps of those that
    run, by build, for those who tidy up; ``launching`` gives what starts programs.
    """

    folders: Path
    caches: Path
    prefix: str
    begun: dict[UUID, UUID]
    launching: Callable[[], Awaitable[Launcher]]


class Runs:
    """The builds of one platform."""

    def __init__(
        self, docker: DockerHost, networks: Networks, relays: Relays, place: RunsPlace
    ) -> None:
        self._docker = docker
        self._networks = networks
        self._relays = relays
        self._place = place

    async def facts(self, name: str) -> ImageFacts | None:
        """Return what is known of an image."""
        found = await self._docker.image(name)
        if found is None:
            return None
        said = found.get("Config") or {}
        pairs = (pair.partition("=") for pair in said.get("Env") or ())
        env = {name: value for name, _, value in pairs}
        return ImageFacts(str(found["Id"]), dict(said.get("Labels") or {}), env)

    async def parts(self, name: str, folder: Path) -> ImageParts:
        """Put an image's parts into an existing folder."""
        return await saved.parts(self._docker, name, folder)

    async def work(self, bench: Workbench, emit: Emit) -> Worked:
        """Run the program to its end, streaming output."""
        self._place.begun[bench.id] = bench.app_id
        try:
            return await self._work(bench, emit)
        finally:
            await asyncio.shield(self._clear(bench))

    async def _work(self, bench: Workbench, emit: Emit) -> Worked:
        folder = self._folder(bench.id)
        with _gate(folder) as let_begin:
            made = await self._made(bench, folder)
            seen = await self._docker.start(made)
            await self._relays.open(bench.id, seen["State"]["Pid"], bench.reaches)
            async with self._docker.output(made) as output:
                let_begin()
                async for piece in output:
                    emit(piece)
        state = await self._docker.ended(made)
        status = int(state["ExitCode"])
        result = None if status else await self._docker.file(made, bench.result, _MOST_RESULT)
        return Worked(status, bool(state.get("OOMKilled")), result)

    async def _made(self, bench: Workbench, folder: Path) -> str:
        """Make the container, with its files."""
        cache = self._cache(bench.app_id)
        launcher = await self._place.launching()
        network = await self._networks.of(bench.app_id, bench.number)
        await asyncio.to_thread(_lend, cache, bench)
        config = _config(bench, launcher, network, (folder, cache))
        config["Labels"] |= self._docker.labels
        made = await self._docker.create(self._name(bench.id), config)
        await self._docker.fill(made, archives.read(bench.files))
        return made

    async def _clear(self, bench: Workbench) -> None:
        with contextlib.suppress(errors.HatobaError):
            await self._docker.remove(self._name(bench.id))
        self._place.begun.pop(bench.id, None)
        await asyncio.to_thread(shutil.rmtree, self._folder(bench.id), ignore_errors=True)
        if await asyncio.to_thread(used, self._cache(bench.app_id)) > MOST_CACHED:
            await self.drop_cache(bench.app_id)

    async def drop_cache(self, app_id: UUID) -> None:
        """Delete what builds of the app keep between them."""
        await asyncio.to_thread(shutil.rmtree, self._cache(app_id), ignore_errors=True)

    def sweep(self) -> None:
        """Remove the folders of builds that a killed daemon has left."""
        for gate in self._place.folders.glob(f"*/{_GATE_OF_BUILD}"):
            if gate.parent.name not in {str(build_id) for build_id in self._place.begun}:
                shutil.rmtree(gate.parent, ignore_errors=True)

    def _name(self, build_id: UUID) -> str:
        return f"{self._place.prefix}-{build_id}"

    def _folder(self, build_id: UUID) -> Path:
        return self._place.folders / str(build_id)

    def _cache(self, app_id: UUID) -> Path:
        return self._place.caches / str(app_id)


def _config(bench: Workbench, launcher: Launcher, network: str, folders: tuple[Path, Path]) -> Json:
    meeting, cache = folders
    mounts = [container.mount(path, at, read_only=True) for at, path in launcher.mounts.items()]
    mounts.append(container.mount(meeting, container.MEETING, read_only=True))
    mounts.append(container.mount(cache, bench.cache, read_only=False))
    return {
        "Image": bench.image,
        "Entrypoint": [*launcher.shell, "-c", _WAIT, f"{container.MEETING}/{_GATE_OF_BUILD}"],
        "Cmd": list(bench.command),
        "Env": [f"{name}={value}" for name, value in bench.env.items()],
        "User": f"{bench.user}:{bench.group}",
        "Labels": {container.DYNO: str(bench.id), container.APP: str(bench.app_id)},
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "NetworkMode": network,
            "Mounts": mounts,
            "LogConfig": {"Type": "none"},
            "RestartPolicy": {"Name": "no"},
            "Memory": bench.memory,
            "MemorySwap": bench.memory,
            "PidsLimit": _PROCESSES,
            **container.walls(),
        },
    }


@contextlib.contextmanager
def _gate(folder: Path) -> Iterator[Callable[[], object]]:
    """Give what lets the program begin; a line in the pipe waits there for its reader."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o711)
    path = folder / _GATE_OF_BUILD
    os.mkfifo(path, 0o644)
    path.chmod(0o644)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield lambda: os.write(pipe, b"\n")
    finally:
        os.close(pipe)


def _lend(folder: Path, bench: Workbench) -> None:
    """Make the folder of what lasts the builder's: another builder's leavings are of no use."""
    private_dir(folder.parent)
    if folder.exists() and folder.stat().st_uid != bench.user:
        shutil.rmtree(folder)
    folder.mkdir(exist_ok=True, mode=0o700)
    os.chown(folder, bench.user, bench.group)

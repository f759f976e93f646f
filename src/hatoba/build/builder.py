"""Builds with buildpacks: detect, compile, release, pack."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.build import exchange, packs, released, slug, source
from hatoba.build.base import BuildRequest, BuildResult, Emit, Taken
from hatoba.build.fullness import ADVICE, Fullness
from hatoba.build.packs import Pack
from hatoba.build.released import Released
from hatoba.build.runtimes import Runtimes
from hatoba.build.workshop import Folders, Workshop
from hatoba.kit.sandbox import Isolation
from hatoba.kit.text import listing, size
from hatoba.model import procfile

log = structlog.get_logger("build")

# https://devcenter.heroku.com/articles/slug-compiler#time-limit
LIMIT_SECONDS = 15 * 60.0
_YOUNG_SECONDS = 3600.0


@dataclass(frozen=True)
class Compiled:
    """What the buildpacks have done so far: their names in order, and what they say of the app."""

    names: tuple[str, ...] = ()
    released: Released = field(default_factory=Released)


class BuildpackBuilder:
    """Implements ``build.base.Builder`` in folders below ``work_dir``."""

    def __init__(
        self,
        work_dir: Path,
        isolation: Isolation,
        runtimes: Runtimes,
        settings: Mapping[str, str],
        allowed: Sequence[Path] = (),
    ) -> None:
        """``settings`` says how registries are reached, ``allowed`` where buildpacks may be."""
        self._builds = work_dir / "builds"
        self._caches = work_dir / "caches"
        self._allowed = tuple(allowed)
        self._slugs = work_dir / "slugs"
        self._isolation = isolation
        self._stack = isolation.system.name or "local"
        self._runtimes = runtimes
        self._settings = settings
        # Whatever a killed daemon left half built is built again from its source.
        shutil.rmtree(self._builds, ignore_errors=True)

    async def build(self, request: BuildRequest, emit: Emit) -> BuildResult:
        """Build, streaming output. Raises BuildFailed or DiskFull. Cancelling kills it."""
        workshop, fullness = self._workshop(request), Fullness(self._builds)
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                await workshop.prepare()
                return await self._build(request, workshop, fullness.watching(emit))
        except TimeoutError:
            raise errors.BuildFailed("The build took longer than 15 minutes.") from None
        except (OSError, errors.BuildFailed, errors.DiskFull) as error:
            if fullness.explains(error):
                # What a buildpack was keeping for the next build may be half written.
                await self.drop_cache(request.app_id)
                raise errors.DiskFull(ADVICE) from error
            if isinstance(error, OSError):
                raise errors.BuildFailed(f"The source can't be built: {error}.") from error
            raise
        finally:
            await asyncio.to_thread(workshop.clear)

    def _workshop(self, request: BuildRequest) -> Workshop:
        folder = self._builds / str(request.id)
        folders = Folders(folder / "app", self._caches / str(request.app_id), folder / "env")
        return Workshop(request, folders, self._isolation, self._runtimes, self._settings)

    async def _build(self, request: BuildRequest, workshop: Workshop, emit: Emit) -> BuildResult:
        emit(f"-----> Building on the {self._stack} stack\n".encode())
        chosen = [
            await self._lend(workshop, number, name)
            for number, name in enumerate(request.buildpacks)
        ]
        compiled = await self._compile(workshop, chosen, emit)
        types = _process_types(workshop.folders.build, compiled.released)
        names = listing(types, last=",").replace(" ,", ",") if types else "(none)"
        emit(f"-----> Discovering process types: {names}\n".encode())
        emit(b"-----> Compressing... ")
        packed = await _to_the_end(slug.pack, workshop.folders.build, self._slugs)
        emit(f"{size(packed.size)}\n".encode())
        return BuildResult(
            checksum=packed.checksum,
            size=packed.size,
            process_types=types,
            buildpack_description=" + ".join(compiled.names),
            config_vars=compiled.released.config_vars,
        )

    async def _lend(self, workshop: Workshop, number: int, name: str) -> Pack:
        folder = workshop.folders.build.parent / f"pack{number}"
        pack = await packs.find(name, folder, self._allowed)
        return await asyncio.to_thread(workshop.lend, pack, number)

    async def _compile(self, workshop: Workshop, chosen: Sequence[Pack], emit: Emit) -> Compiled:
        compiled, exports = Compiled(), list[Path]()
        detected = [await self._detect(workshop, pack) for pack in chosen]
        if not chosen:
            detected = [await self._first(workshop)]
        for pack, name in detected:
            emit(f"-----> {name} app detected\n".encode())
            if await workshop.run(pack, "compile", emit, exports) != 0:
                raise errors.BuildFailed(f"The {name} buildpack failed; its output says why.")
            said = await self._release(workshop, pack)
            compiled = Compiled((*compiled.names, name), compiled.released.then(said))
            if (pack.folder / "export").is_file():
                exports.append(pack.folder / "export")
        return compiled

    async def _detect(self, workshop: Workshop, pack: Pack) -> tuple[Pack, str]:
        output: list[bytes] = []
        if await workshop.run(pack, "detect", output.append) != 0:
            raise errors.BuildFailed(
                f"The buildpack {pack.name} does not fit this app: its bin/detect refuses it."
            )
        name = b"".join(output).decode(errors="replace").strip().splitlines()
        return pack, name[-1] if name else pack.name

    async def _first(self, workshop: Workshop) -> tuple[Pack, str]:
        for number, pack in enumerate(packs.built_in()):
            try:
                lent = await asyncio.to_thread(workshop.lend, pack, number)
                return await self._detect(workshop, lent)
            except errors.BuildFailed:
                continue
        raise errors.BuildFailed(
            "No buildpack fits this app: there is neither requirements.txt, pyproject.toml, "
            "Pipfile, package.json, index.html nor a Procfile at the root of the repository."
        )

    async def _release(self, workshop: Workshop, pack: Pack) -> Released:
        if not pack.script("release").is_file():
            return Released()
        output: list[bytes] = []
        if await workshop.run(pack, "release", output.append) != 0:
            raise errors.BuildFailed(f"The buildpack {pack.name} failed at bin/release.")
        return released.parse(b"".join(output).decode(errors="replace"))

    def slug(self, checksum: str) -> Path:
        """Return where the slug archive with that checksum lies."""
        return self._slugs / f"{checksum}.tar.zst"

    async def take(self, archive: Path) -> Taken:
        """Make a slug of an archive as Heroku has slugs."""
        packed = await _to_the_end(exchange.take, archive, self._slugs)
        return Taken(packed.checksum, packed.size)

    def give(self, checksum: str) -> Iterator[bytes]:
        """Yield a slug as such an archive."""
        return exchange.give(self.slug(checksum))

    async def drop_cache(self, app_id: UUID) -> None:
        """Delete the app's build cache."""
        await asyncio.to_thread(shutil.rmtree, self._caches / str(app_id), ignore_errors=True)

    async def keep_only(self, checksums: set[str]) -> int:
        """Delete every slug archive but those, unless it was made within the hour."""
        return await asyncio.to_thread(self._keep_only, checksums)

    def _keep_only(self, checksums: set[str]) -> int:
        if not self._slugs.is_dir():
            return 0
        oldest = time.time() - _YOUNG_SECONDS
        gone = [
            path
            for path in self._slugs.iterdir()
            if path.name.partition(".")[0] not in checksums and path.stat().st_mtime < oldest
        ]
        for path in gone:
            if path.is_dir():
                # What was being unpacked when the daemon was killed.
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(gone)


async def _to_the_end(
    work: Callable[[Path, Path], slug.Packed], folder: Path, store: Path
) -> slug.Packed:
    """Work in a thread; when cancelled wait for it, so that nothing is cleared under it."""
    task = asyncio.create_task(asyncio.to_thread(work, folder, store))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _process_types(build: Path, said: Released) -> dict[str, str]:
    text = source.text(build / "Procfile")
    if text is None:
        return dict(said.process_types)
    try:
        return procfile.parse(text)
    except procfile.ProcfileError as error:
        raise errors.BuildFailed(str(error)) from error

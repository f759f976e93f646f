"""Builds of container apps: a heroku.yml or a Dockerfile becomes an image for each process type."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

from hatoba import errors
from hatoba.build import context, source
from hatoba.build.base import Emit
from hatoba.build.builder import LIMIT_SECONDS
from hatoba.build.fullness import Fullness
from hatoba.control import image_releases, images
from hatoba.control.platform import Platform
from hatoba.engines.images import ImageBuilder, ImageOrder, ImageParts
from hatoba.kit.text import size
from hatoba.model.app import App
from hatoba.model.image import Image
from hatoba.model.release import Build
from hatoba.schema import heroku_yml
from hatoba.schema.heroku_yml import Manifest

# The end of the name of a build's folder, among the sources.
FOLDER = ".images"
# A Dockerfile is only looked for.
_SOME_BYTES = 1024
_FULL = (
    "No space is left on the platform's disk for this build. Nothing of it was kept. "
    "Free some space, then push again."
)


async def carry_out(p: Platform, build: Build, app: App, emit: Emit) -> dict[str, Image]:
    """Build what the source asks for, and return the images by process type.

    Raises BuildFailed, DiskFull or Unavailable; the app's releases are as they were then.
    """
    folder = p.sources / f"{build.id}{FOLDER}"
    try:
        architecture = image_releases.check_engine(p)
        manifest = await _manifest(p.sources / build.source)
        async with asyncio.timeout(LIMIT_SECONDS):
            built = await _Work(p, app, build, folder, emit).all(manifest)
        found = _process_types(manifest, built)
        for name, image in found.items():
            image_releases.check(name, image, architecture)
    except TimeoutError:
        raise errors.BuildFailed("The build took longer than 15 minutes.") from None
    except (errors.InvalidParams, errors.ManifestInvalid) as error:
        raise errors.BuildFailed(error.message) from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return found


async def _manifest(archive: Path) -> Manifest:
    """Return what the repository's heroku.yml says, or what its Dockerfile means."""
    most = heroku_yml.MAX_BYTES
    text = await asyncio.to_thread(source.read_text, archive, heroku_yml.FILE, most)
    if text is None:
        dockerfile = heroku_yml.DOCKERFILE
        if await asyncio.to_thread(source.read, archive, dockerfile, _SOME_BYTES) is None:
            raise errors.BuildFailed(
                "On the stack container an app is built of a heroku.yml, or of a Dockerfile, at "
                "the root of the repository; there is neither."
            )
        return heroku_yml.of_dockerfile()
    try:
        return heroku_yml.parse(text)
    except heroku_yml.ManifestError as error:
        raise errors.BuildFailed(str(error)) from error


class _Work:
    """One build, in a folder of its own."""

    def __init__(self, p: Platform, app: App, build: Build, folder: Path, emit: Emit) -> None:
        self._p = p
        self._app = app
        self._source = p.sources / build.source
        self._folder = folder
        self._fullness = Fullness(p.sources)
        self._emit = self._fullness.watching(emit)

    async def all(self, manifest: Manifest) -> dict[str, Image]:
        """Build the image of each process type; keep them once all are there."""
        builder = self._p.engine.image_builder
        if builder is None:
            raise errors.BuildFailed("This platform can't build images of Dockerfiles.")
        parts: dict[str, ImageParts] = {}
        for name, target in manifest.targets.items():
            self._say(f"=== Building {name} ({target.shown})")
            folder = self._folder / str(len(parts))
            await asyncio.to_thread(_empty, folder)
            parts[name] = await self._one(builder, folder, name, manifest)
        return {name: await self._keep(name, one) for name, one in parts.items()}

    async def _one(
        self, builder: ImageBuilder, folder: Path, name: str, manifest: Manifest
    ) -> ImageParts:
        target = manifest.targets[name]
        packed = folder / "context.tar"
        file = await asyncio.to_thread(context.write, self._source, target.dockerfile, packed)
        order = ImageOrder(packed, file, target.stage, manifest.arguments)
        try:
            return await builder.build(order, folder, self._emit)
        except (errors.BuildFailed, errors.DiskFull) as error:
            if self._fullness.explains(error):
                raise errors.DiskFull(_FULL) from error
            raise errors.BuildFailed(
                f"Building {name} ({target.shown}) failed: {error.message}."
            ) from error
        finally:
            packed.unlink(missing_ok=True)

    async def _keep(self, name: str, parts: ImageParts) -> Image:
        image = await images.take_in(self._p, self._app, name, parts.config, parts.layers)
        self._say(f"=== Keeping {name}: {size(image.size)}, {image.id[:19]}")
        return image

    def _say(self, line: str) -> None:
        self._emit(f"{line}\n".encode())


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


def _process_types(manifest: Manifest, built: Mapping[str, Image]) -> dict[str, Image]:
    """Return what each process type runs; an image that is only others' base is none itself."""
    lent = {command.image for command in manifest.commands.values()}
    own = {name: one for name, one in built.items() if one.argv or name not in lent}
    commands = manifest.commands.items()
    return own | {name: built[one.image].running(one.line) for name, one in commands}

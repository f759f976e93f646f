"""Builds by Cloud Native Buildpacks: a builder's lifecycle makes one image for all process types.

https://github.com/buildpacks/spec/blob/main/platform.md
"""

from __future__ import annotations

import asyncio
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hatoba import errors
from hatoba.build import source, workspace
from hatoba.build.base import Emit
from hatoba.build.builder import LIMIT_SECONDS
from hatoba.build.fullness import ADVICE, Fullness
from hatoba.build.workspace import Workspace
from hatoba.control import (
    build_caches,
    build_passes,
    builders,
    cloud_native_images,
    image_releases,
    images,
)
from hatoba.control.image_builds import FOLDER
from hatoba.control.platform import Platform
from hatoba.engines.images import ImageRunner, Workbench, Worked
from hatoba.kit.text import listing, size
from hatoba.model import cloud_native as rules
from hatoba.model import procfile
from hatoba.model.app import CLOUD_NATIVE, App
from hatoba.model.cloud_native import Builder, Built
from hatoba.model.image import Image
from hatoba.model.release import Build
from hatoba.schema import project_toml
from hatoba.schema.project_toml import Descriptor

# As much as Heroku's build dynos have at the least.
MEMORY = 2 * 1024**3
_CREATOR = "/cnb/lifecycle/creator"
_REPORT = f"{workspace.LAYERS}/report.toml"
_CACHE = "/cache"
# How a creator ends: https://github.com/buildpacks/lifecycle/blob/main/platform/exit.go
_PROBLEMS = {
    11: "The lifecycle of the builder {name} speaks another platform API than it says.",
    12: "A buildpack of the builder {name} speaks a buildpack API that its lifecycle does not.",
    20: "No buildpack of the builder {name} fits this app; its output says what they look for.",
    21: "No buildpack of the builder {name} fits this app, and one failed to look; see its output.",
    126: "The lifecycle of the builder {name} can't be run.",
    127: "The builder {name} has no lifecycle that can build in one go: /cnb/lifecycle/creator.",
    51: "A buildpack failed; its output says why.",
    137: "The builder {name} was killed.",
}
_PHASES = {2: "detecting", 3: "analyzing", 4: "restoring", 5: "building", 6: "exporting"}


@dataclass(frozen=True)
class Made:
    """What a build has made: an image by process type, with its command line as people read it."""

    images: Mapping[str, Image]
    commands: Mapping[str, str]
    buildpacks: str

    def slug(self, app: App, commit: str | None) -> dict[str, object]:
        """Return the slug that runs it, to be inserted."""
        return {
            **image_releases.slug(app, self.images, commit=commit),
            "process_types": dict(self.commands),
            "stack": CLOUD_NATIVE,
            "buildpack_description": self.buildpacks,
        }


async def carry_out(
    p: Platform, build: Build, app: App, env: Mapping[str, str], emit: Emit
) -> Made:
    """Build what the source asks for.

    Raises BuildFailed, DiskFull or Unavailable; the app's releases are as they were then.
    """
    folder = p.sources / f"{build.id}{FOLDER}"
    fullness = Fullness(p.sources)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            return await _Work(p, app, build, folder, fullness.watching(emit)).all(env)
    except TimeoutError:
        raise errors.BuildFailed("The build took longer than 15 minutes.") from None
    except (errors.InvalidParams, errors.ManifestInvalid) as error:
        raise errors.BuildFailed(error.message) from error
    except (errors.BuildFailed, errors.DiskFull) as error:
        if fullness.explains(error):
            # What was being kept for the next build may be half written.
            await build_caches.drop(p, app.id)
            raise errors.DiskFull(ADVICE) from error
        raise
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _Work:
    """One build, in a folder of its own."""

    def __init__(self, p: Platform, app: App, build: Build, folder: Path, emit: Emit) -> None:
        self._p = p
        self._app = app
        self._build = build
        self._source = p.sources / build.source
        self._folder = folder
        self._emit = emit

    async def all(self, env: Mapping[str, str]) -> Made:
        architecture = image_releases.check_engine(self._p)
        runner = self._p.engine.image_runner
        if runner is None:
            raise errors.BuildFailed("This platform can't run builders.")
        descriptor = await _descriptor(self._source)
        name = builders.chosen(self._p, descriptor.builder)
        builder = await builders.found(runner, name)
        own = self._build.buildpacks
        order = builders.order(name, builder, own, descriptor.buildpacks)
        await asyncio.to_thread(_empty, self._folder)
        await self._run_image(runner, name, builder)
        self._say(f"=== Building with {name}")
        if builder.extensions:
            self._say(f"!    {_unused(builder)}, and an app that needs one can't be built.")
        files = self._folder / "workspace.tar"
        told = {**descriptor.env, **env}
        wanted = Workspace(builder.user, builder.group, descriptor, told, order)
        await asyncio.to_thread(workspace.write, self._source, wanted, files)
        ended = await runner.work(self._bench(name, builder, files, bool(order)), self._emit)
        _check(name, builder, ended)
        return await self._taken(name, builder, ended, architecture)

    async def _run_image(self, runner: ImageRunner, name: str, builder: Builder) -> None:
        """Have the image that the app's will lie on in the registry, where lifecycles look."""
        named, facts = await builders.run_image(runner, name, builder)
        if await cloud_native_images.has_run_image(self._p, self._app, facts.id):
            return
        self._say(f"=== Keeping the run image {named}")
        parts = await runner.parts(named, self._folder)
        kept = rules.RUN_IMAGE
        await images.take_in(self._p, self._app, kept, parts.config, parts.layers)
        await asyncio.to_thread(_empty, self._folder)

    def _bench(self, name: str, builder: Builder, files: Path, ordered: bool) -> Workbench:
        at = f"{build_passes.registry(self._p)}/{self._app.name}"
        image = f"{at}/{rules.IMAGE}:{images.LATEST}"
        options = {
            "app": workspace.APP,
            "layers": workspace.LAYERS,
            "platform": workspace.PLATFORM,
            "cache-dir": _CACHE,
            "report": _REPORT,
            "process-type": "web",
            "run-image": f"{at}/{rules.RUN_IMAGE}:{images.LATEST}",
            "previous-image": image,
            **({"order": workspace.ORDER} if ordered else {}),
        }
        words = [word for option, value in options.items() for word in (f"-{option}", value)]
        env = {
            "CNB_PLATFORM_API": builder.platform_api,
            "CNB_REGISTRY_AUTH": build_passes.authorization(self._p, self._build),
            "CNB_NO_COLOR": "true",
        }
        return Workbench(
            id=self._build.id,
            app_id=self._app.id,
            number=self._app.number,
            image=name,
            files=files,
            command=(_CREATOR, *words, image),
            env=env,
            user=builder.user,
            group=builder.group,
            cache=_CACHE,
            reaches=(self._p.place.port,),
            result=_REPORT,
            memory=MEMORY,
        )

    async def _taken(self, name: str, builder: Builder, ended: Worked, architecture: str) -> Made:
        """Return what was pushed as the report says."""
        try:
            pushed = await images.find(self._p, self._app, rules.IMAGE, _digest(ended.result))
            if pushed.runs is None:
                raise errors.ManifestInvalid("That is no image.")
            built = await cloud_native_images.described(self._p, pushed.runs)
        except (errors.ManifestUnknown, errors.ManifestInvalid, rules.LabelError) as error:
            raise errors.BuildFailed(
                f"The builder {name} ended well, but has pushed no image that can be used: {error}"
            ) from error
        commands = _commands(built)
        base = replace(pushed.runs, entrypoint=(), group=builder.group)
        found = {kind: replace(base, command=rules.process(kind)) for kind in commands}
        for kind, one in found.items():
            image_releases.check(kind, one, architecture)
        self._say(f"=== Keeping {size(base.size)}, {base.id[:19]}: {', '.join(commands)}")
        return Made(found, commands, " + ".join(one.id for one in built.buildpacks))

    def _say(self, line: str) -> None:
        self._emit(f"{line}\n".encode())


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


async def _descriptor(archive: Path) -> Descriptor:
    most = project_toml.MAX_BYTES
    text = await asyncio.to_thread(source.read_text, archive, project_toml.FILE, most)
    if text is None:
        return Descriptor()
    try:
        return project_toml.parse(text)
    except project_toml.DescriptorError as error:
        raise errors.BuildFailed(str(error)) from error


def _unused(builder: Builder) -> str:
    return f"Its image extensions are not used here: {listing(builder.extensions)}"


def _check(name: str, builder: Builder, ended: Worked) -> None:
    """Raise BuildFailed unless the lifecycle has ended well."""
    if ended.out_of_memory:
        raise errors.BuildFailed(f"The build needed more than {size(MEMORY)} of memory.")
    if ended.status:
        phase = _PHASES.get(ended.status // 10)
        usual = f"The builder {name} ended with status {ended.status}"
        usual += f" while {phase}; its output says why." if phase else "; its output says why."
        why = _PROBLEMS.get(ended.status, usual).format(name=name)
        # Lifecycles fail, each in its own way, when an extension fits the app.
        raise errors.BuildFailed(f"{why} {_unused(builder)}." if builder.extensions else why)


def _digest(report: bytes | None) -> str:
    """Return the digest that a report.toml tells. Raises ManifestInvalid."""
    try:
        return str(tomllib.loads((report or b"").decode())["image"]["digest"])
    except (ValueError, LookupError, TypeError) as error:
        raise errors.ManifestInvalid("its report names none.") from error


def _commands(built: Built) -> dict[str, str]:
    for kind, line in built.processes.items():
        if problem := procfile.problem(kind, line):
            raise errors.BuildFailed(f"A buildpack made a {problem}.")
    if not built.processes:
        raise errors.BuildFailed(
            "The buildpacks found no process to run. Say in a Procfile what is: web: COMMAND"
        )
    return dict(sorted(built.processes.items()))

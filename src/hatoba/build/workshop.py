"""The sandbox in which one build's programs run, and the folders that they see."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uv

from hatoba.build import registry, source
from hatoba.build.base import BuildRequest, Emit
from hatoba.build.packs import Pack
from hatoba.build.runtimes import Runtime, Runtimes
from hatoba.kit import process, sandbox
from hatoba.kit.sandbox import Isolation

TOOLS = "/opt/hatoba/bin"
REGISTRIES = Path("/opt/hatoba/registries")


@dataclass(frozen=True)
class Folders:
    """A build's folders: the app (built where it will run, at /app), cache and environment."""

    build: Path
    cache: Path
    env: Path


@dataclass(frozen=True)
class Workshop:
    """Runs programs of buildpacks. ``settings`` says how registries are reached."""

    request: BuildRequest
    folders: Folders
    isolation: Isolation
    runtimes: Runtimes
    settings: Mapping[str, str] = field(repr=False)

    async def prepare(self) -> None:
        """Unpack the source and write the config vars, one file each, as buildpacks expect them."""
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        for folder in (self.folders.build, self.folders.cache, self.folders.env):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.unpack(self.request.source, self.folders.build)
        for name, value in self.request.env.items():
            path = self.folders.env / name
            path.touch(mode=0o600)
            path.write_text(value)
        registry.copy(self.settings, self._registries)
        if (user := self.isolation.user(self.request.user)) is not None:
            for folder in (self.folders.build, self.folders.env, self._registries):
                _own(folder, user)
            os.chown(self.folders.cache, user, user)

    async def run(self, pack: Pack, program: str, emit: Emit, exports: Sequence[Path] = ()) -> int:
        """Run a buildpack's program with its usual arguments; return its exit status."""
        inside = f"/buildpack/bin/{program}" if self.isolation.bwrap else str(pack.script(program))
        arguments = {
            "detect": [self._app],
            "compile": [self._app, self._cache, self._env],
            "report": [self._app, self._cache, self._env],
            "release": [self._app],
        }[program]
        command = [inside, *arguments]
        if exports:
            sourced = " && ".join('. "$1" && shift' for _ in exports)
            inside_names = [f"/exports/{n}" for n in range(len(exports))]
            names = inside_names if self.isolation.bwrap else [str(path) for path in exports]
            command = ["bash", "-c", f'{sourced} && exec "$@"', "bash", *names, *command]
        argv = self._argv(pack, command, exports)
        return await process.follow(argv, env=self._environment(), emit=emit)

    @property
    def _registries(self) -> Path:
        return self.folders.build.parent / "registries"

    @property
    def _app(self) -> str:
        return "/app" if self.isolation.bwrap else str(self.folders.build)

    @property
    def _cache(self) -> str:
        return "/cache" if self.isolation.bwrap else str(self.folders.cache)

    @property
    def _env(self) -> str:
        return "/env" if self.isolation.bwrap else str(self.folders.env)

    def _argv(self, pack: Pack, command: list[str], exports: Sequence[Path]) -> list[str]:
        isolation = self.isolation
        if isolation.bwrap is None:
            user = isolation.user(self.request.user)
            return command if user is None else process.as_user(command, user)
        readable = {str(root): root for root in self.runtimes.roots}
        readable |= {f"/exports/{n}": path for n, path in enumerate(exports)}
        box = sandbox.Box(
            user=isolation.user(self.request.user) or 0,
            system=isolation.system,
            readable={
                **readable,
                f"{TOOLS}/uv": Path(uv.find_uv_bin()),
                str(REGISTRIES): self._registries,
            },
            writable={
                "/app": self.folders.build,
                "/cache": self.folders.cache,
                "/env": self.folders.env,
                # Writable: a buildpack leaves its `export` for later ones beside its programs.
                "/buildpack": pack.folder,
            },
        )
        return sandbox.argv(
            isolation.bwrap, box, command, root=isolation.root, options=["--die-with-parent"]
        )

    def _environment(self) -> dict[str, str]:
        tools = TOOLS if self.isolation.bwrap else str(Path(uv.find_uv_bin()).parent)
        python = (
            self.runtimes.pythons[0].program.parent if self.runtimes.pythons else Path("/usr/bin")
        )
        seen = REGISTRIES if self.isolation.bwrap else self._registries
        return {
            **registry.named(self.settings, self._registries, seen),
            "PATH": f"{tools}:{python}:/usr/local/bin:/usr/bin:/bin",
            "HOME": self._app,
            "LANG": "C.UTF-8",
            "STACK": self.request.stack,
            "SOURCE_VERSION": self.request.source_version,
            "REQUEST_ID": str(self.request.id),
            "PYTHONUNBUFFERED": "1",
            "HATOBA_PYTHONS": _listed(self.runtimes.pythons),
            "HATOBA_NODES": _listed(self.runtimes.nodes),
        }

    def lend(self, pack: Pack, number: int) -> Pack:
        """Give this build a copy of a buildpack that is its own."""
        folder = self.folders.build.parent / f"pack{number}"
        if pack.folder != folder:
            shutil.copytree(pack.folder, folder, symlinks=True)
        if (user := self.isolation.user(self.request.user)) is not None:
            _own(folder, user)
        return Pack(pack.name, folder)

    def clear(self) -> None:
        """Remove what only this build needed."""
        shutil.rmtree(self.folders.build.parent, ignore_errors=True)


def _listed(runtimes: Iterable[Runtime]) -> str:
    return ":".join(f"{runtime.text}={runtime.program}" for runtime in runtimes)


def _own(folder: Path, user: int) -> None:
    for parent, folders, files in os.walk(folder):
        os.lchown(parent, user, user)
        for name in (*folders, *files):
            os.lchown(f"{parent}/{name}", user, user)

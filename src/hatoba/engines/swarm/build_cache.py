"""What builds of images leave in the engine's build cache, bounded; of other builds' nothing goes.

The cache knows no labels: what has come while one of our builds ran counts as ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from hatoba import errors
from hatoba.engines.swarm.docker import DockerHost
from hatoba.kit.files import write_atomic

# What the cache may hold between builds.
MOST_BYTES = 2 * 1024**3
# The source of one build is of no use to another.
_SOURCE = "http url http://build-context-"
_TRIES = 8
Json = dict[str, Any]


class BuildCache:
    """The part of the cache that is ours; ``note`` is the file that says which it is."""

    def __init__(self, docker: DockerHost, note: Path, most: int = MOST_BYTES) -> None:
        self._docker = docker
        self._note = note
        self._most = most
        self._busy = 0
        self._before: frozenset[str] = frozenset()
        self._changing = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def noting(self) -> AsyncIterator[None]:
        """Note as ours what comes into the cache meanwhile."""
        async with self._changing:
            if self._busy == 0:
                self._before = frozenset(record["ID"] for record in await self._records())
            self._busy += 1
        try:
            yield
        finally:
            await asyncio.shield(self._noted())

    async def _noted(self) -> None:
        async with self._changing:
            self._busy -= 1
            with contextlib.suppress(errors.HatobaError, OSError):
                there = {record["ID"] for record in await self._records()}
                self._write((self._ours() | (there - self._before)) & there)

    async def shrink(self) -> int:
        """Delete sources, and the longest unused of the rest beyond the bound; say how many.

        Raises Unavailable.
        """
        async with self._changing:
            if self._busy:
                return 0
            before = len(self._ours())
            for _ in range(_TRIES):
                wanted = _surplus(self._known(await self._records()), self._most)
                if not wanted or not await self._delete(wanted):
                    break
            there = {record["ID"] for record in await self._records()}
            self._write(self._ours() & there)
            return before - len(self._ours())

    def _known(self, records: Iterable[Json]) -> list[Json]:
        ours = self._ours()
        return [one for one in records if one["ID"] in ours and not one.get("InUse")]

    async def _records(self) -> list[Json]:
        params = {"type": "build-cache"}
        async with self._docker.asking("system/df", params=params) as answer:
            return list((await answer.json()).get("BuildCache") or ())

    async def _delete(self, names: Iterable[str]) -> int:
        """Delete records, what is built on others first; say how many went."""
        # The engine takes one value, and hands it on as a regular expression in its own quotes.
        filters = json.dumps({"id": [f'"^({"|".join(names)})$"']})
        params = {"all": "1", "filters": filters}
        async with self._docker.asking("build/prune", "POST", params=params) as answer:
            return len((await answer.json()).get("CachesDeleted") or ())

    def _ours(self) -> set[str]:
        try:
            return set(json.loads(self._note.read_text()))
        except (OSError, ValueError):
            return set()

    def _write(self, names: set[str]) -> None:
        write_atomic(self._note, json.dumps(sorted(names)))


def _surplus(records: list[Json], most: int) -> list[str]:
    """Return what is to go: sources, the longest unused, and what is built on either."""
    going = {one["ID"] for one in records if one["Description"].startswith(_SOURCE)}
    others = [one for one in records if one["ID"] not in going]
    others.sort(key=lambda one: str(one.get("LastUsedAt") or one["CreatedAt"]))
    size = sum(int(one["Size"]) for one in others)
    for one in others:
        if size > most:
            going.add(one["ID"])
            size -= int(one["Size"])
    while above := {one["ID"] for one in records if _below(one) & going} - going:
        going |= above
    return sorted(going)


def _below(record: Json) -> set[str]:
    """Return what a record is built on; newer engines name several."""
    return {record.get("Parent") or "", *(record.get("Parents") or ())} - {""}

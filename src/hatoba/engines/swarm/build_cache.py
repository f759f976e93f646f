"""What builds of images leave in the engine's build cache, bounded; of other builds' nothing goes.

The cache knows no labels: what has come while one of our builds ran counts as ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import asdict, dataclass
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
_PATIENCE_SECONDS = 120.0
Json = dict[str, Any]


@dataclass(frozen=True)
class _Known:
    """Records that are ours, and while builds run, those that were there before."""

    ours: list[str]
    before: list[str] | None = None


class BuildCache:
    """The part of the cache that is ours; ``note`` is the file that says which it is."""

    def __init__(self, docker: DockerHost, note: Path, most: int = MOST_BYTES) -> None:
        self._docker = docker
        self._note = note
        self._most = most
        self._busy = 0
        self._changing = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def noting(self) -> AsyncIterator[None]:
        """Note as ours what comes into the cache meanwhile; if we are killed, the next time."""
        async with self._changing:
            if self._busy == 0:
                there = await self._records()
                self._write(_Known(self._ours(there), sorted(one["ID"] for one in there)))
            self._busy += 1
        try:
            yield
        finally:
            await asyncio.shield(self._noted())

    async def _noted(self) -> None:
        async with self._changing:
            self._busy -= 1
            if self._busy == 0:
                with contextlib.suppress(errors.HatobaError, OSError):
                    self._write(_Known(self._ours(await self._records())))

    @property
    def interrupted(self) -> bool:
        """Whether a build was cut off with its daemon, and nobody has looked after it yet."""
        return self._busy == 0 and self._read().before is not None

    async def shrink(self) -> int:
        """Delete sources, and the longest unused of the rest beyond the bound; say how many.

        Raises Unavailable.
        """
        async with self._changing:
            if self._busy:
                return 0
            there = await self._records()
            before = self._ours(there)
            for _ in range(_TRIES):
                wanted = _surplus(self._idle(there), self._most)
                if not wanted or not await self._delete(wanted):
                    break
                there = await self._records()
            after = self._ours(there)
            self._write(_Known(after))
            return len(before) - len(after)

    def _idle(self, there: Iterable[Json]) -> list[Json]:
        ours = set(self._ours(there))
        return [one for one in there if one["ID"] in ours and not one.get("InUse")]

    def _ours(self, there: Iterable[Json]) -> list[str]:
        """Return which of those records are ours."""
        known, names = self._read(), {str(one["ID"]) for one in there}
        new = names - set(known.before) if known.before is not None else set()
        return sorted((set(known.ours) | new) & names)

    async def _records(self) -> list[Json]:
        answer = await self._ask("system/df", "GET", {"type": "build-cache"})
        return list(answer.get("BuildCache") or ())

    async def _delete(self, names: Iterable[str]) -> int:
        """Delete records, what is built on others first; say how many went."""
        # The engine takes one value, and hands it on as a regular expression in its own quotes.
        filters = json.dumps({"id": [f'"^({"|".join(names)})$"']})
        answer = await self._ask("build/prune", "POST", {"all": "1", "filters": filters})
        return len(answer.get("CachesDeleted") or ())

    async def _ask(self, path: str, method: str, params: Mapping[str, str]) -> Json:
        try:
            async with (
                asyncio.timeout(_PATIENCE_SECONDS),
                self._docker.asking(path, method, params=params) as answer,
            ):
                return dict(await answer.json())
        except TimeoutError:
            raise errors.Unavailable("Docker does not answer about its build cache.") from None

    def _read(self) -> _Known:
        try:
            said = json.loads(self._note.read_text())
            return _Known(list(said["ours"]), said["before"])
        except (OSError, ValueError, LookupError, TypeError):
            return _Known([])

    def _write(self, known: _Known) -> None:
        write_atomic(self._note, json.dumps(asdict(known)))


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

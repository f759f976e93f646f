"""The images that dynos start from, made when one first starts.

A slug is one layer on a stack's image; an app's own image is loaded from the registry's files.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from time import monotonic
from typing import Any

import zstandard

from hatoba import errors
from hatoba.engines.base import ImageFiles
from hatoba.engines.swarm import archives, layer, stack
from hatoba.engines.swarm.docker import DockerFailed, DockerHost
from hatoba.engines.swarm.stack import Stack

# An image that no dyno has used for so long is made again from its slug when one does; and of
# those that none uses only so many are kept, but for those that a dyno may be about to start on.
UNUSED_SECONDS = 3600.0
SPARE = 10
_YOUNG_SECONDS = 60.0
_PIECE = 1024 * 1024
_NO_SLUG = "empty"
_GIVEN = "image"
_DRAFT = "build"
Json = dict[str, Any]


class Images:
    """The images of one platform; ``prefix`` begins their names."""

    def __init__(self, docker: DockerHost, prefix: str, folder: Path) -> None:
        self._docker = docker
        self._prefix = prefix
        self._folder = folder
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._used: dict[str, float] = {}
        self._writing: set[Path] = set()
        self._building: set[str] = set()
        self._made = 0

    async def machine(self, readable: Iterable[Path]) -> Stack:
        """Return the stack that is this machine's own system."""
        content, mounts = stack.machine(readable)
        digest = stack.digest(content)
        name = f"{self._prefix}/machine:{digest.removeprefix('sha256:')[:16]}"
        if await self._docker.image(name) is None:
            config = self._config(stack.architecture(), [digest], {})
            await self._docker.load(
                archives.topmost(name, config, archives.given(content), len(content))
            )
        return Stack(name, mounts)

    async def stack(self, archive: Path, readable: Iterable[Path]) -> Stack:
        """Return the stack of an archive (tar, zstd). Raises Unavailable when it is damaged."""
        try:
            digest, size = await asyncio.to_thread(_measured, archive)
            name = f"{self._prefix}/stack:{digest.removeprefix('sha256:')[:16]}"
            if await self._docker.image(name) is None:
                config = self._config(stack.architecture(), [digest], {})
                await self._docker.load(archives.topmost(name, config, _plain(archive), size))
        except (OSError, zstandard.ZstdError) as error:
            raise errors.Unavailable(
                f"The stack {archive} can't be read: {error}. Build it anew: hatoba stack build"
            ) from error
        return Stack(name, {str(path): path for path in readable})

    async def of(self, slug: Path | None, user: int, base: Stack) -> str:
        """Return the name of the slug's image for that user; make it if there is none.

        Raises DiskFull, or Unavailable when the slug is damaged or Docker is away.
        """
        checksum = slug.name.partition(".")[0][:32] if slug else _NO_SLUG
        version = base.name.rpartition(":")[2][:16]
        name = f"{self._prefix}/app-{user}:{checksum}-on-{version}"
        self._used[name] = monotonic()
        async with self._making[name]:
            if await self._docker.image(name) is None:
                await self._make(name, slug, user, base)
        return name

    def named(self, image_id: str) -> str:
        """Return the name of an app's own image in Docker; under it nothing is tidied for now."""
        name = f"{self._prefix}/{_GIVEN}:{image_id.removeprefix('sha256:')[:32]}"
        self._used[name] = monotonic()
        return name

    @contextmanager
    def draft(self) -> Iterator[str]:
        """Give a new name for an image that is being built; it is not tidied meanwhile."""
        name = f"{self._prefix}/{_DRAFT}:{secrets.token_hex(8)}"
        self._building.add(name)
        self._made += 1
        try:
            yield name
        finally:
            self._building.discard(name)

    @property
    def many(self) -> bool:
        """Whether so many were made since they were last tidied that it is time again."""
        return self._made >= SPARE

    async def given(self, files: ImageFiles) -> str:
        """Return the name of an app's own image in Docker; load it if it is not there.

        Raises DiskFull, InvalidParams when it is damaged, Unavailable when Docker is away.
        """
        name = self.named(files.id)
        async with self._making[name]:
            if await self._docker.image(name) is None:
                await self._load(name, files)
        return self.named(files.id)

    async def _load(self, name: str, files: ImageFiles) -> None:
        self._made += 1
        try:
            config = await asyncio.to_thread(files.config.read_bytes)
            for path in files.layers:
                await asyncio.to_thread(path.stat)
            wanted = json.loads(config)["rootfs"]["diff_ids"]
            there = await self._shared(wanted)
            given = archives.Given(name, config, wanted, files.layers)
            try:
                await self._docker.load(archives.whole(given, there))
            except DockerFailed:
                if not there:
                    raise
                # What lay below may have been removed meanwhile.
                await self._docker.load(archives.whole(given, 0))
        except (OSError, ValueError, LookupError, DockerFailed) as error:
            raise errors.InvalidParams(
                f"The image {files.id[:19]} is damaged ({error}). Push it again, then release it."
            ) from error

    async def _shared(self, wanted: list[str]) -> int:
        """Return how many of the lowest layers Docker has already."""
        most = 0
        for image in await self._docker.named(self._prefix):
            known = await self._docker.image(image["Id"]) or {}
            pairs = zip(known.get("RootFS", {}).get("Layers") or (), wanted, strict=False)
            most = max(most, sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))
        return most

    async def _make(self, name: str, slug: Path | None, user: int, base: Stack) -> None:
        below = await self._docker.image(base.name) or {}
        target = self._folder / f"layer-{secrets.token_hex(8)}"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writing.add(target)
        self._made += 1
        try:
            digest = await asyncio.to_thread(layer.write, slug, user, target)
            layers = [*below["RootFS"]["Layers"], digest]
            config = self._config(below["Architecture"], layers, below["Config"])
            size = target.stat().st_size
            await self._docker.load(archives.topmost(name, config, archives.read(target), size))
        finally:
            self._writing.discard(target)
            target.unlink(missing_ok=True)

    def _config(self, architecture: str, layers: list[str], inherited: Json) -> Json:
        env = {name: inherited[name] for name in ("Env", "WorkingDir") if inherited.get(name)}
        return {
            "architecture": architecture,
            "os": "linux",
            "created": datetime.now(UTC).isoformat(),
            "config": {**env, "Labels": self._docker.labels},
            "rootfs": {"type": "layers", "diff_ids": layers},
        }

    async def tidy(self, used: Collection[str] = (), *, all_of_them: bool = False) -> int:
        """Delete the images that no dyno has used for an hour, and of the others all but some.

        ``used`` are the ids of those that containers are made of; they stay, or else they would
        only lose their names. With ``all_of_them`` the rest goes. Return how many went.
        """
        self._made = 0
        spare: list[tuple[float, str]] = []
        for image in await self._docker.named(self._prefix):
            for name in filter(self._may_go, image.get("RepoTags") or ()):
                if image["Id"] in used:
                    self._used[name] = monotonic()
                else:
                    spare.append((monotonic() - self._used.get(name, -UNUSED_SECONDS), name))
        gone = [
            name
            for number, (age, name) in enumerate(sorted(spare))
            if all_of_them or age >= (_YOUNG_SECONDS if number >= SPARE else UNUSED_SECONDS)
        ]
        for name in gone:
            await self._docker.remove_image(name)
            self._used.pop(name, None)
            self._making.pop(name, None)
        for draft in set(self._folder.glob("layer-*")) - self._writing:
            draft.unlink(missing_ok=True)
        return len(gone)

    def _may_go(self, name: str) -> bool:
        """Tell whether it is a slug's, an app's own, or a draft that nobody works on."""
        kinds = tuple(f"{self._prefix}/{kind}" for kind in ("app-", f"{_GIVEN}:", f"{_DRAFT}:"))
        return name.startswith(kinds) and name not in self._building


def _measured(archive: Path) -> tuple[str, int]:
    """Return the digest of the archive's content, and how long it is."""
    hashed, size = hashlib.sha256(), 0
    with archive.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as plain:
        while piece := plain.read(_PIECE):
            hashed.update(piece)
            size += len(piece)
    return f"sha256:{hashed.hexdigest()}", size


async def _plain(archive: Path) -> AsyncIterator[bytes]:
    with archive.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as plain:
        while piece := await asyncio.to_thread(plain.read, _PIECE):
            yield piece

"""Slugs as images: one layer on a stack's, made when a dyno of it first starts."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import tarfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import zstandard

from hatoba import errors
from hatoba.engines.swarm import layer, stack
from hatoba.engines.swarm.docker import DockerHost
from hatoba.engines.swarm.stack import Stack

# An image that no dyno has used for so long is made again from its slug when one does.
UNUSED_SECONDS = 3600.0
_PIECE = 1024 * 1024
_NO_SLUG = "empty"
Json = dict[str, Any]


class Images:
    """The images of one platform; ``prefix`` begins their names."""

    def __init__(self, docker: DockerHost, prefix: str, folder: Path) -> None:
        self._docker = docker
        self._prefix = prefix
        self._folder = folder
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._used: dict[str, float] = {}

    async def machine(self, readable: Iterable[Path]) -> Stack:
        """Return the stack that is this machine's own system."""
        content, mounts = stack.machine(readable)
        digest = stack.digest(content)
        name = f"{self._prefix}/machine:{digest.removeprefix('sha256:')[:16]}"
        if await self._docker.image(name) is None:
            config = self._config(stack.architecture(), [digest], {})
            await self._docker.load(_archive(name, config, _given(content), len(content)))
        return Stack(name, mounts)

    async def stack(self, archive: Path, readable: Iterable[Path]) -> Stack:
        """Return the stack of an archive (tar, zstd). Raises Unavailable when it is damaged."""
        try:
            digest, size = await asyncio.to_thread(_measured, archive)
            name = f"{self._prefix}/stack:{digest.removeprefix('sha256:')[:16]}"
            if await self._docker.image(name) is None:
                config = self._config(stack.architecture(), [digest], {})
                await self._docker.load(_archive(name, config, _plain(archive), size))
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

    async def _make(self, name: str, slug: Path | None, user: int, base: Stack) -> None:
        below = await self._docker.image(base.name) or {}
        target = self._folder / f"layer-{secrets.token_hex(8)}"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = await asyncio.to_thread(layer.write, slug, user, target)
        try:
            layers = [*below["RootFS"]["Layers"], digest]
            config = self._config(below["Architecture"], layers, below["Config"])
            size = target.stat().st_size
            await self._docker.load(_archive(name, config, _read(target), size))
        finally:
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

    async def tidy(self, *, all_of_them: bool = False) -> int:
        """Delete slugs' images that nobody has used for an hour (or all); say how many."""
        gone = 0
        for image in await self._docker.images():
            for name in image.get("RepoTags") or ():
                unused = monotonic() - self._used.get(name, -UNUSED_SECONDS) >= UNUSED_SECONDS
                if name.startswith(f"{self._prefix}/app-") and (unused or all_of_them):
                    await self._docker.remove_image(name)
                    self._used.pop(name, None)
                    self._making.pop(name, None)
                    gone += 1
        for draft in self._folder.glob("layer-*"):
            draft.unlink(missing_ok=True)
        return gone


async def _given(content: bytes) -> AsyncIterator[bytes]:
    yield content


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


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


async def _archive(
    name: str, config: Json, content: AsyncIterator[bytes], size: int
) -> AsyncIterator[bytes]:
    """Give an image archive of which only the topmost layer has its content.

    Docker looks at the digests first and does not read the layers that it has.
    """
    described = json.dumps(config).encode()
    layers = [f"{digest.removeprefix('sha256:')}.tar" for digest in config["rootfs"]["diff_ids"]]
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": layers}]
    for file, raw in (("config.json", described), ("manifest.json", json.dumps(manifest).encode())):
        yield _header(file, len(raw)) + _padded(raw)
    yield _header(layers[-1], size)
    async for piece in content:
        yield piece
    yield bytes(-size % tarfile.BLOCKSIZE) + bytes(2 * tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT)


def _padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % tarfile.BLOCKSIZE)

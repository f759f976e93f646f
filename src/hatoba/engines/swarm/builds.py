"""Images of Dockerfiles, built by the BuildKit that is a part of the Docker Engine."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from hatoba import errors
from hatoba.engines.images import Emit, ImageOrder, ImageParts
from hatoba.engines.swarm import archives, saved
from hatoba.engines.swarm.build_cache import BuildCache
from hatoba.engines.swarm.docker import FULL, DockerHost, failure
from hatoba.engines.swarm.images import Images
from hatoba.engines.swarm.progress import Malformed, Progress

_TRACE, _MADE = "moby.buildkit.trace", "moby.image.id"
_STOPPED = "context canceled"
# What BuildKit begins with before it says why.
_WORDY = (
    "failed to solve with frontend dockerfile.v0: ",
    "failed to solve: ",
    "rpc error: code = Unknown desc = ",
    "failed to create LLB definition: ",
)
_LINE_BYTES = 16 * 1024 * 1024
Json = dict[str, Any]


class DockerfileBuilder:
    """Implements ``engines.images.ImageBuilder``."""

    def __init__(self, docker: DockerHost, images: Images, cache: BuildCache) -> None:
        self._docker = docker
        self._images = images
        self._cache = cache

    async def build(self, order: ImageOrder, folder: Path, emit: Emit) -> ImageParts:
        """Build, streaming output. Raises BuildFailed, DiskFull or Unavailable."""
        with self._images.draft() as draft:
            try:
                async with self._cache.noting():
                    await self._build(order, draft, emit)
                parts = await saved.parts(self._docker, draft, folder)
                # So it need not be loaded when its dynos start.
                known = hashlib.sha256(parts.config).hexdigest()
                await self._docker.name_image(draft, self._images.named(known))
                return parts
            finally:
                await asyncio.shield(self._forget(draft))

    async def _build(self, order: ImageOrder, name: str, emit: Emit) -> None:
        params = {
            "version": "2",
            "t": name,
            "dockerfile": order.dockerfile,
            "target": order.stage or "",
            "buildargs": json.dumps(dict(order.arguments)),
            "labels": json.dumps(self._docker.labels),
            "forcerm": "1",
        }
        headers = {"Content-Type": "application/x-tar"}
        progress = Progress()
        asked = {"params": params, "headers": headers, "data": archives.read(order.context)}
        async with self._docker.asking("build", "POST", **asked) as answer:
            async for line in _lines(answer.content.iter_any()):
                if "error" in line:
                    raise _why(str(line["error"]))
                if line.get("id") == _TRACE:
                    _tell(progress, line, emit)

    async def _forget(self, name: str) -> None:
        with contextlib.suppress(errors.HatobaError):
            await self._docker.remove_image(name)
        with contextlib.suppress(errors.HatobaError, OSError):
            await self._cache.shrink()


def _tell(progress: Progress, line: Json, emit: Emit) -> None:
    try:
        text = progress.feed(base64.b64decode(str(line.get("aux", ""))))
    except Malformed:
        # The lines are for people; the image is what counts.
        return
    if text:
        emit(text)


def _why(said: str) -> errors.HatobaError:
    """Return why a build failed: the disk, Docker being stopped, or else the Dockerfile."""
    if said.rstrip().endswith((FULL, _STOPPED)):
        return failure(said)
    text = " ".join(said.split())
    for words in _WORDY:
        text = text.removeprefix(words)
    return errors.BuildFailed(text.rstrip("."))


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[Json]:
    """Give the objects of JSON that come one a line, however long each is."""
    held = b""
    async for piece in pieces:
        *lines, held = (held + piece).split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)
        if len(held) > _LINE_BYTES:
            raise errors.Unavailable("Docker says something about the build that has no end.")

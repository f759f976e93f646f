"""Images of Dockerfiles, built by the BuildKit that is a part of the Docker Engine."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import hashlib
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from hatoba import errors
from hatoba.engines.images import Emit, ImageOrder, ImageParts
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
_PIECE = 1024 * 1024
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
                parts = await self._taken_out(draft, folder)
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
        asked = {"params": params, "headers": headers, "data": _read(order.context)}
        async with self._docker.asking("build", "POST", **asked) as answer:
            async for line in _lines(answer.content.iter_any()):
                if "error" in line:
                    raise _why(str(line["error"]))
                if line.get("id") == _TRACE:
                    _tell(progress, line, emit)

    async def _taken_out(self, name: str, folder: Path) -> ImageParts:
        """Put the parts of the image into the folder."""
        archive = folder / "image.tar"
        try:
            with archive.open("wb") as file:
                async with self._docker.asking(f"images/{name}/get") as answer:
                    async for piece in answer.content.iter_chunked(_PIECE):
                        await asyncio.to_thread(file.write, piece)
            return await asyncio.to_thread(_unpacked, archive, folder)
        except (tarfile.TarError, ValueError, LookupError) as error:
            raise errors.Unavailable(f"Docker gives the image out damaged: {error}.") from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise errors.DiskFull from error
            raise
        finally:
            archive.unlink(missing_ok=True)

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


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _unpacked(archive: Path, folder: Path) -> ImageParts:
    """Take configuration and layers out of an archive as ``docker save`` writes it."""
    with tarfile.open(archive, mode="r:") as opened:
        [told] = json.loads(_content(opened, "manifest.json"))
        layers = [folder / f"layer-{number}" for number in range(len(told["Layers"]))]
        for name, target in zip(told["Layers"], layers, strict=True):
            _take(opened, name, target)
        return ImageParts(_content(opened, told["Config"]), tuple(layers))


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise LookupError(name)
    return file.read()


def _take(archive: tarfile.TarFile, name: str, target: Path) -> None:
    # The same layer twice is a link from one to the other, which is followed.
    file = archive.extractfile(name)
    if file is None:
        raise LookupError(name)
    with target.open("wb") as written:
        while piece := file.read(_PIECE):
            written.write(piece)

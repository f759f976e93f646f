"""Image archives as ``docker save`` writes them, for Docker to load: streamed, never whole."""

from __future__ import annotations

import asyncio
import json
import tarfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

_PIECE = 1024 * 1024
_ZSTANDARD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Given:
    """An image as its registry has it. ``wanted`` are the digests of its layers' content.

    ``layers`` are their files, plain or compressed.
    """

    name: str
    config: bytes
    wanted: Sequence[str]
    layers: Sequence[Path]


async def topmost(
    name: str, config: dict[str, Any], content: AsyncIterator[bytes], size: int
) -> AsyncIterator[bytes]:
    """Give an image archive of which only the topmost layer has its content.

    Docker looks at the digests first and does not read the layers that it has.
    """
    digests = config["rootfs"]["diff_ids"]
    yield _head(name, json.dumps(config).encode(), digests)
    async for piece in _member(_file(digests[-1]), content, size):
        yield piece
    yield _END


async def whole(given: Given, there: int) -> AsyncIterator[bytes]:
    """Give an image archive without the content of its lowest layers, so many of them.

    Raises ValueError when the layers are not as many as the configuration says.
    """
    yield _head(given.name, given.config, given.wanted)
    pairs = list(zip(given.wanted, given.layers, strict=True))
    for digest, path in dict(pairs[there:]).items():
        async for piece in _layer(digest, path):
            yield piece
    yield _END


async def _layer(digest: str, path: Path) -> AsyncIterator[bytes]:
    size = await asyncio.to_thread(_unpacked_size, path)
    content = read(path) if size is None else _unpacked(path)
    async for piece in _member(_file(digest), content, size or path.stat().st_size):
        yield piece


def _unpacked_size(path: Path) -> int | None:
    """Return the size of what zstandard has packed, which Docker may not know; None otherwise."""
    with path.open("rb") as raw:
        if raw.read(len(_ZSTANDARD)) != _ZSTANDARD:
            return None
        raw.seek(0)
        size = 0
        with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as plain:
            while piece := plain.read(_PIECE):
                size += len(piece)
        return size


async def _unpacked(path: Path) -> AsyncIterator[bytes]:
    with (
        path.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as plain,
    ):
        while piece := await asyncio.to_thread(plain.read, _PIECE):
            yield piece


async def given(content: bytes) -> AsyncIterator[bytes]:
    """Give one piece."""
    yield content


async def read(path: Path) -> AsyncIterator[bytes]:
    """Give a file by pieces."""
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _file(digest: str) -> str:
    return f"{digest.removeprefix('sha256:')}.tar"


def _head(name: str, config: bytes, digests: Sequence[str]) -> bytes:
    layers = [_file(digest) for digest in digests]
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": layers}]
    files = (("config.json", config), ("manifest.json", json.dumps(manifest).encode()))
    return b"".join(_header(file, len(raw)) + _padded(raw) for file, raw in files)


async def _member(name: str, content: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    yield _header(name, size)
    async for piece in content:
        yield piece
    yield bytes(-size % tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT)


def _padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % tarfile.BLOCKSIZE)


_END = bytes(2 * tarfile.BLOCKSIZE)

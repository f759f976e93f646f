"""Stacks as archives: the system that apps are built in and run on instead of the machine's."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import zstandard

from hatoba import errors
from hatoba.kit import process

SUFFIX = ".tar.zst"
_PIECE = 4 * 1024 * 1024


async def unpacked(archive: Path, folder: Path) -> Path:
    """Return the root of the stack, unpacked below ``folder`` unless it is there already.

    Others, and earlier versions of it, are removed. Raises StartupError.
    """
    try:
        found = archive.stat()
    except OSError as error:
        raise errors.StartupError(
            f"The stack {archive} is not there. Build it: hatoba stack build"
        ) from error
    version = folder / f"{found.st_mtime_ns}-{found.st_size}"
    root = version / archive.name.removesuffix(SUFFIX)
    if not root.is_dir():
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        await _unpack(archive, root)
    return root


async def _unpack(archive: Path, root: Path) -> None:
    draft = root.parent / f".{secrets.token_hex(4)}"
    draft.mkdir(parents=True, mode=0o755)
    command = ["tar", "--extract", "--numeric-owner", "--preserve-permissions", "-C", str(draft)]
    try:
        env = {"PATH": os.environ.get("PATH", os.defpath)}
        async for _ in process.stream([*command, "-f", "-"], env=env, stdin=_plain(archive)):
            pass
    except (process.CommandError, zstandard.ZstdError, OSError) as error:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
        raise errors.StartupError(
            f"The stack {archive} can't be unpacked: {error}. Build it anew: hatoba stack build"
        ) from error
    draft.rename(root)


async def _plain(archive: Path) -> AsyncIterator[bytes]:
    with archive.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as plain:
        while piece := await asyncio.to_thread(plain.read, _PIECE):
            yield piece

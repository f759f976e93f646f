"""Source archives that clients put here for a build, or name by a URL to be fetched."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import urllib3

from hatoba import errors
from hatoba.kit.clock import Clock

# Twice the limit of a slug (https://devcenter.heroku.com/articles/limits#slug-size).
MAX_SOURCE = 1024 * 1024 * 1024
LASTS = timedelta(hours=1)
_PIECE = 1024 * 1024
_REDIRECTS = urllib3.Retry(0, redirect=5)
_TIMEOUT = urllib3.Timeout(connect=10, read=60)


class Uploads:
    """A folder of archives, each under an id, that are deleted after a day."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def path(self, upload_id: UUID) -> Path:
        """Return where the archive with that id lies, or would."""
        return self._folder / f"{upload_id}.upload"

    async def put(self, upload_id: UUID, pieces: AsyncIterator[bytes]) -> None:
        """Keep an archive as it comes in. Raises TooLarge or DiskFull, keeping nothing."""
        await asyncio.to_thread(self._tidy)
        draft = self._folder / f".{uuid4()}.upload"
        try:
            size = 0
            with draft.open("xb") as file:
                async for piece in pieces:
                    size += len(piece)
                    _check_size(size)
                    await asyncio.to_thread(file.write, piece)
            draft.replace(self.path(upload_id))
        except OSError as error:
            raise errors.DiskFull from error
        finally:
            draft.unlink(missing_ok=True)

    async def copy(self, upload_id: UUID) -> Path:
        """Return a copy of an archive for a build, which takes it away. Raises NotFound."""
        source = self.path(upload_id)
        if not source.exists():
            raise errors.NotFound("Nothing was uploaded to that source yet.", resource="source")
        return Path(await asyncio.to_thread(shutil.copyfile, source, self.path(uuid4())))

    async def fetch(self, url: str) -> Path:
        """Return a new file with what a http or https URL gives.

        Raises InvalidParams when it gives nothing.
        """
        target = self.path(uuid4())
        try:
            await asyncio.to_thread(_download, url, target)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            target.unlink(missing_ok=True)
            why = str(error)[:200]
            raise errors.InvalidParams(f"The source could not be fetched: {why}.") from error
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target

    def _tidy(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        oldest = (self._clock.now() - timedelta(days=1)).timestamp()
        for path in self._folder.glob("*.upload"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _check_size(size: int) -> None:
    if size > MAX_SOURCE:
        raise errors.TooLarge("A source archive can't exceed 1 GB.")


def _download(url: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    with (
        urllib3.PoolManager(timeout=_TIMEOUT) as pool,
        pool.request("GET", url, preload_content=False, retries=_REDIRECTS) as answer,
        target.open("xb") as file,
    ):
        if answer.status != 200:
            raise errors.InvalidParams(f"The source's URL answers {answer.status}.")
        for piece in answer.stream(_PIECE):
            size += len(piece)
            _check_size(size)
            file.write(piece)


def checksum_problem(path: Path, wanted: str) -> str | None:
    """Return why an archive does not have that checksum (``SHA256:…``), or None if it has."""
    kind, _, digest = wanted.partition(":")
    if kind.upper() != "SHA256" or len(digest) != 64:
        return "A checksum must be of the form SHA256:HEX."
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != digest.lower():
        return f"The source's checksum is SHA256:{actual}, not the one that was given."
    return None

"""Source archives that clients put here for a build, or name by a URL to be fetched."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control import sources
from hatoba.kit.clock import Clock

LASTS = timedelta(hours=1)


class Uploads:
    """A folder of archives, each under an id, that are deleted after a day."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def path(self, upload_id: UUID) -> Path:
        """Return where the archive with that id lies, or would."""
        return self._folder / f"{upload_id}.upload"

    async def put(
        self,
        upload_id: UUID,
        pieces: AsyncIterator[bytes],
        check_size: Callable[[int], None] = sources.check_size,
    ) -> None:
        """Keep an archive as it comes in. Raises TooLarge or DiskFull, keeping nothing."""
        await asyncio.to_thread(self._tidy)
        draft = self._folder / f".{uuid4()}.upload"
        try:
            size = 0
            with draft.open("xb") as file:
                async for piece in pieces:
                    size += len(piece)
                    check_size(size)
                    await asyncio.to_thread(file.write, piece)
            draft.replace(self.path(upload_id))
        except OSError as error:
            raise errors.DiskFull from error
        finally:
            draft.unlink(missing_ok=True)

    def drop(self, upload_id: UUID) -> None:
        """Delete an archive."""
        self.path(upload_id).unlink(missing_ok=True)

    async def copy(self, upload_id: UUID) -> Path:
        """Return a copy of an archive for a build, which takes it away. Raises NotFound."""
        source = self.path(upload_id)
        if not source.exists():
            raise errors.NotFound("Nothing was uploaded to that source yet.", resource="source")
        return Path(await asyncio.to_thread(shutil.copyfile, source, self.path(uuid4())))

    async def fetch(self, url: str) -> Path:
        """Return a new file with what a http or https URL gives; raises as ``sources.fetch``."""
        target = self.path(uuid4())
        await sources.fetch(url, target)
        return target

    def _tidy(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        oldest = (self._clock.now() - timedelta(days=1)).timestamp()
        for path in self._folder.glob("*.upload"):
            # Others may be done with theirs meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

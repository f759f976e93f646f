"""Where dumps are kept: apart from the databases, encrypted, each file whole or absent."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from uuid import UUID

from hatoba import errors
from hatoba.control.backups_cipher import Damaged, Opener, Sealer
from hatoba.control.vault import Vault
from hatoba.kit.files import private_dir, sync_folder

_READ = 1024 * 1024
Progress = Callable[[int], None]
_FULL = (errno.ENOSPC, errno.EDQUOT)
_AWAY = (errno.ENOENT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE)


@dataclass(frozen=True)
class Kept:
    """What was kept of a dump: its bytes and their SHA-256, before encryption."""

    size: int
    checksum: str


class Vessel(Protocol):
    """A place for files that are encrypted already."""

    async def put(self, name: str, file: Path) -> None:
        """Keep the file under the name; it is moved or copied, and lasts when this returns.

        Raises DiskFull or Unavailable, with nothing kept.
        """
        ...

    def get(self, name: str) -> AsyncIterator[bytes]:
        """Give the file in pieces. Raises NotFound when it is not there."""
        ...

    async def delete(self, name: str) -> None:
        """Delete the file, if it is there."""
        ...

    async def names(self) -> set[str]:
        """Return the names of all files that are kept."""
        ...


class BackupFiles:
    """Dumps by the id of their transfer."""

    def __init__(self, folder: Path, vault: Vault, vessel: Vessel | None = None) -> None:
        """``folder`` keeps the files unless there is another ``vessel``, and drafts always."""
        self.folder = private_dir(folder)
        self._drafts = private_dir(folder / "drafts")
        self._vault = vault
        self._vessel = vessel or Folder(folder)

    async def keep(self, dump_id: UUID, dump: AsyncIterator[bytes], progress: Progress) -> Kept:
        """Encrypt and keep a dump; ``progress`` is told its bytes so far.

        Raises DiskFull, Conflict when the folder can't be written to, and whatever the dump
        itself raises, with nothing left behind.
        """
        draft = self._drafts / str(dump_id)
        try:
            kept = await self._write(draft, dump_id, dump, progress)
            await self._vessel.put(str(dump_id), draft)
        except OSError as error:
            if error.errno in _FULL:
                raise errors.DiskFull(
                    "The backup failed: no space is left for backups. Free some, or delete old "
                    "backups (heroku pg:backups:delete), then capture again."
                ) from error
            if error.errno in _AWAY:
                raise errors.Conflict(
                    f"The backup failed: {self.folder} can't be written to "
                    f"({os.strerror(error.errno)})."
                ) from error
            raise
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return kept

    async def _write(
        self, draft: Path, dump_id: UUID, dump: AsyncIterator[bytes], progress: Progress
    ) -> Kept:
        sealer, digest, size = Sealer(self._key(dump_id)), hashlib.sha256(), 0
        # Somebody may have given the backups another disk meanwhile, which is empty.
        private_dir(self._drafts)
        with _private(draft) as file:
            file.write(sealer.header)
            async for data in dump:
                digest.update(data)
                size += len(data)
                await asyncio.to_thread(_write_all, file, list(sealer.feed(data)))
                progress(size)
            await asyncio.to_thread(_end, file, sealer.finish())
        return Kept(size, digest.hexdigest())

    async def read(self, dump_id: UUID) -> AsyncIterator[bytes]:
        """Give a dump in plain pieces, each authentic. Raises Damaged and NotFound."""
        opener = Opener(self._key(dump_id))
        async for data in self._vessel.get(str(dump_id)):
            for piece in opener.feed(data):
                yield piece
        yield opener.finish()

    async def delete(self, dump_id: UUID) -> None:
        """Delete a dump, if it is there."""
        await self._vessel.delete(str(dump_id))

    async def names(self) -> set[str]:
        """Return the ids of all dumps that are kept."""
        return await self._vessel.names()

    def _key(self, dump_id: UUID) -> bytes:
        return self._vault.file_key(f"backup:{dump_id}")


class Folder:
    """Files in a folder of the platform's own disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_dir(folder)

    async def put(self, name: str, file: Path) -> None:
        """Move the file here."""
        file.replace(self._folder / f"{name}.dump")
        await asyncio.to_thread(sync_folder, self._folder)

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Give the file in pieces."""
        path = self._folder / f"{name}.dump"
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise Damaged("The stored backup is not there any more.") from error
        with file:
            while data := await asyncio.to_thread(file.read, _READ):
                yield data

    async def delete(self, name: str) -> None:
        """Delete the file."""
        (self._folder / f"{name}.dump").unlink(missing_ok=True)

    async def names(self) -> set[str]:
        """Look what is there."""
        return {path.stem for path in self._folder.glob("*.dump")}


def _private(path: Path) -> IO[bytes]:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", 0)


def _write_all(file: IO[bytes], pieces: list[bytes]) -> None:
    for piece in pieces:
        _write_whole(file, piece)


def _write_whole(file: IO[bytes], piece: bytes) -> None:
    """Write every byte: an unbuffered file may take a part only, when the disk fills up."""
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]


def _end(file: IO[bytes], last: bytes) -> None:
    _write_whole(file, last)
    os.fsync(file.fileno())

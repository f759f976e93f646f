"""Blobs: files named by the sha256 of their content, and uploads that are to become some.

A blob is whole or absent: it is written beside, synced, and moved into its place. An upload
lasts: what was received stays when the connection, or the daemon, goes away.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import time
from typing import IO, TypeVar
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.kit.files import private_dir, sync_folder, used

# An upload that nothing was added to for so long will not be gone on with.
UPLOAD_SECONDS = 24 * 3600.0
# No client goes on with an upload of which nothing came for so long, when others need its room.
_GIVEN_UP_SECONDS = 600.0
# A blob that was just pushed, or asked for, waits so long to be referred to.
_YOUNG_SECONDS = 3600.0
_PIECE = 1024 * 1024
_T = TypeVar("_T")


class BlobFiles:
    """The blobs of one platform, in a folder. Every method that takes long waits in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._blobs = private_dir(folder / "sha256")
        self._uploads = private_dir(folder / "uploads")
        # Between being found and being kept no blob may be swept away.
        self._sweeping = Lock()
        self._receiving: set[Path] = set()

    def path(self, digest: str) -> Path:
        """Return where the blob lies if it is there."""
        name = digest.removeprefix("sha256:")
        return self._blobs / name[:2] / name

    def size(self, digest: str) -> int | None:
        """Return the blob's size in bytes, None when it is not there."""
        try:
            return self.path(digest).stat().st_size
        except OSError:
            return None

    async def total(self) -> int:
        """Return the bytes that blobs and uploads take on the disk."""
        folders = (self._blobs, self._uploads)
        return sum([await asyncio.to_thread(used, folder) for folder in folders])

    async def missing(self, digests: Iterable[str]) -> set[str]:
        """Return those that are not there; the others stay for the next hour, whoever sweeps."""
        return await asyncio.to_thread(lambda: {one for one in digests if not self._hold(one)})

    def _hold(self, digest: str) -> bool:
        with self._sweeping:
            try:
                os.utime(self.path(digest))
            except OSError:
                return False
            return True

    async def read(self, digest: str) -> bytes:
        """Return a small blob. Raises NotFound."""
        try:
            return await asyncio.to_thread(self.path(digest).read_bytes)
        except OSError as error:
            raise errors.NotFound(f"The blob {digest} is not here.") from error

    async def put(self, data: bytes) -> str:
        """Keep a small blob and return its digest. Raises DiskFull."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        draft = self._uploads / str(uuid4())
        await _told(_write, draft, data)
        await _told(self._keep, draft, digest)
        return digest

    async def take(self, source: Path) -> tuple[str, int]:
        """Keep a copy of a file that lies elsewhere; return digest and size. Raises DiskFull."""
        draft = self._uploads / str(uuid4())
        await _told(_copy, source, draft)
        digest = f"sha256:{await asyncio.to_thread(_hash, draft)}"
        await _told(self._keep, draft, digest)
        return digest, self.path(digest).stat().st_size

    async def begin(self, app_id: UUID) -> str:
        """Begin an upload for an app and return its id. Raises DiskFull."""
        upload = str(uuid4())
        await _told(private_dir, self._uploads / str(app_id))
        await _told(self._upload(app_id, upload).touch)
        return upload

    def received(self, app_id: UUID, upload: str) -> int | None:
        """Return how many bytes of an upload are there, None when there is no such upload."""
        try:
            return self._upload(app_id, upload).stat().st_size
        except OSError:
            return None

    async def receive(
        self, app_id: UUID, upload: str, pieces: AsyncIterator[bytes], most: int
    ) -> int:
        """Add to an upload as it comes; return how many bytes are there then.

        ``most`` are the bytes that the app's uploads may be together. Raises DiskFull or
        RegistryFull, and the upload is gone, Conflict while another request adds to it.
        """
        path = self._upload(app_id, upload)
        if path in self._receiving:
            raise errors.Conflict("Another request is adding to this upload.")
        self._receiving.add(path)
        try:
            async for piece in _gathered(pieces):
                await _told(self._grow, app_id, path, piece, most)
        except (errors.DiskFull, errors.RegistryFull):
            self.cancel(app_id, upload)
            raise
        finally:
            self._receiving.discard(path)
        return path.stat().st_size

    async def finish(self, app_id: UUID, upload: str, digest: str) -> bool:
        """Make the upload the blob of that digest; False, and it is gone, when it is not that."""
        return await _told(self._check_and_keep, self._upload(app_id, upload), digest)

    def cancel(self, app_id: UUID, upload: str) -> None:
        """Forget an upload."""
        self._upload(app_id, upload).unlink(missing_ok=True)

    async def keep_only(self, digests: set[str]) -> int:
        """Delete every other blob but young ones, and uploads of yesterday; say how many blobs."""
        return await asyncio.to_thread(self._sweep, digests)

    def _upload(self, app_id: UUID, upload: str) -> Path:
        return self._uploads / str(app_id) / upload

    def _grow(self, app_id: UUID, path: Path, data: bytes, most: int) -> None:
        if self._coming(app_id) + len(data) > most:
            for other in self._uploads.glob(f"{app_id}/*"):
                if other not in self._receiving:
                    self._drop(other, _GIVEN_UP_SECONDS)
            if self._coming(app_id) + len(data) > most:
                raise errors.RegistryFull
        _append(path, data)

    def _coming(self, app_id: UUID) -> int:
        """Return the bytes of an app's uploads."""
        sizes = (self.received(app_id, path.name) for path in self._uploads.glob(f"{app_id}/*"))
        return sum(size or 0 for size in sizes)

    def _check_and_keep(self, draft: Path, digest: str) -> bool:
        with draft.open("rb+") as file:
            _sync(file)
        if digest != f"sha256:{_hash(draft)}":
            draft.unlink(missing_ok=True)
            return False
        self._keep(draft, digest)
        return True

    def _keep(self, draft: Path, digest: str) -> None:
        path = self.path(digest)
        with self._sweeping:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            os.utime(draft)
            draft.replace(path)
        sync_folder(path.parent)

    def _sweep(self, digests: set[str]) -> int:
        gone = 0
        names = {digest.removeprefix("sha256:") for digest in digests}
        for path in self._blobs.glob("*/*"):
            gone += path.name not in names and self._drop(path, _YOUNG_SECONDS)
        for path in (*self._uploads.glob("*"), *self._uploads.glob("*/*")):
            if path.is_file() and path not in self._receiving:
                self._drop(path, UPLOAD_SECONDS)
        return gone

    def _drop(self, path: Path, seconds: float) -> bool:
        with self._sweeping:
            try:
                if path.stat().st_mtime > time() - seconds:
                    return False
                path.unlink()
            except FileNotFoundError:
                return False
            return True


@contextmanager
def _space() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise errors.DiskFull(
            "No space is left on the platform's disk for this image. What was there before is "
            "as it was. Free some space, then push again."
        ) from error


async def _told(work: Callable[..., _T], *arguments: object) -> _T:
    with _space():
        return await asyncio.to_thread(work, *arguments)


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Gather what comes into larger pieces; what came before the connection broke is one too."""
    held = bytearray()
    try:
        async for piece in pieces:
            held += piece
            if len(held) >= _PIECE:
                yield bytes(held)
                held.clear()
    except ConnectionError:
        if held:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab", buffering=0) as file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) or 0 :]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
            _sync(file)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _copy(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as given, target.open("xb") as file:
            shutil.copyfileobj(given, file, _PIECE)
            _sync(file)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())

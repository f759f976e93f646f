"""The output of builds and releases: files that can be followed while they grow."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import structlog

log = structlog.get_logger("streams")

# https://devcenter.heroku.com/articles/limits#build: 300 MB are kept, cut from the start.
MAX_BYTES = 300 * 1024 * 1024
CUT_BYTES = 150 * 1024 * 1024
# All streams together: the oldest finished ones go beyond it.
ALL_BYTES = 2 * 1024 * 1024 * 1024
_CHUNK = 64 * 1024


class OutputStreams:
    """One file a stream, in one folder. A slow reader never slows the writer.

    ``NAME.done`` marks a finished stream, ``NAME.cut`` holds how many bytes were cut off its
    start: offsets count from the first byte that was ever written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._grown: dict[UUID, set[asyncio.Event]] = defaultdict(set)

    def _path(self, stream_id: UUID) -> Path:
        return self._folder / str(stream_id)

    def _done(self, stream_id: UUID) -> Path:
        return self._folder / f"{stream_id}.done"

    def _cut(self, stream_id: UUID) -> int:
        mark = self._folder / f"{stream_id}.cut"
        return int(mark.read_text()) if mark.exists() else 0

    def append(self, stream_id: UUID, data: bytes) -> None:
        """Add to the stream. A full disk loses the piece and is said in the daemon's log."""
        if not data:
            return
        path = self._path(stream_id)
        try:
            with open(path, "ab", opener=_private) as file:
                file.write(data)
                size = file.tell()
            if size > MAX_BYTES:
                self._shorten(stream_id, size)
        except OSError as error:
            log.warning("a piece of output was lost", stream=str(stream_id), why=str(error))
        self._wake(stream_id)

    def _shorten(self, stream_id: UUID, size: int) -> None:
        path = self._path(stream_id)
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        with path.open("rb") as old, draft.open("wb") as new:
            old.seek(CUT_BYTES)
            while piece := old.read(1024 * 1024):
                new.write(piece)
        (self._folder / f"{stream_id}.cut").write_text(str(self._cut(stream_id) + CUT_BYTES))
        draft.replace(path)
        log.info("output was cut from its start", stream=str(stream_id), size=size)

    def begin(self, stream_id: UUID) -> None:
        """Have the stream be there, so that it can be waited for."""
        self._path(stream_id).touch(mode=0o600)

    def finish(self, stream_id: UUID) -> None:
        """End the stream; ending it again changes nothing."""
        self._path(stream_id).touch(mode=0o600)
        self._done(stream_id).touch(mode=0o600)
        self._wake(stream_id)

    def exists(self, stream_id: UUID) -> bool:
        """Tell whether anything was ever written to the stream."""
        return self._path(stream_id).exists()

    def tail(self, stream_id: UUID, most: int) -> bytes:
        """Return the last bytes of the stream, as far as it has come."""
        try:
            with self._path(stream_id).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - most))
                return file.read()
        except FileNotFoundError:
            return b""

    def reset(self, stream_id: UUID) -> None:
        """Begin the stream anew."""
        for suffix in ("", ".done", ".cut"):
            (self._folder / f"{stream_id}{suffix}").unlink(missing_ok=True)

    def keep_within(self, most: int = ALL_BYTES) -> int:
        """Delete the oldest finished streams until all take at most so many bytes.

        Return how many went. Blocks: call it in a thread.
        """
        found = [mark.with_suffix("") for mark in self._folder.glob("*.done")]
        ended = sorted((p for p in found if p.exists()), key=lambda p: p.stat().st_mtime)
        total = sum(path.stat().st_size for path in self._folder.iterdir())
        gone = 0
        for path in ended:
            if total <= most:
                break
            total -= path.stat().st_size
            self.reset(UUID(path.name))
            gone += 1
        return gone

    def _wake(self, stream_id: UUID) -> None:
        for event in self._grown.get(stream_id, ()):
            event.set()

    async def follow(self, stream_id: UUID, offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the stream from an offset on as it grows; end after its last byte."""
        grown = asyncio.Event()
        self._grown[stream_id].add(grown)
        try:
            while True:
                grown.clear()
                # Read before looking for the mark: what came before it must not be missed.
                done = self._done(stream_id).exists()
                while piece := self._read(stream_id, offset):
                    start, data = piece
                    offset = start + len(data)
                    yield data
                if done:
                    return
                await grown.wait()
        finally:
            self._grown[stream_id].discard(grown)
            if not self._grown[stream_id]:
                del self._grown[stream_id]

    def _read(self, stream_id: UUID, offset: int) -> tuple[int, bytes] | None:
        cut = self._cut(stream_id)
        start = max(offset, cut)
        try:
            with self._path(stream_id).open("rb") as file:
                file.seek(start - cut)
                data = file.read(_CHUNK)
        except FileNotFoundError:
            return None
        return (start, data) if data else None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

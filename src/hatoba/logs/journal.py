"""Remembers up to where the engine's output is stored, so that no kill loses or doubles a line.

Before lines are written, the journal notes where in which app's files they will begin; after,
that they are there. At the next start a note without its confirmation is undone.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

_RECORD = struct.Struct(">Qq16sQQ")
_NOWHERE = -1


@dataclass(frozen=True)
class Unsure:
    """A write that may have been cut off: where it began."""

    app_id: UUID
    first: int
    size: int


class Journal:
    """A file of one fixed record: what is stored, and what is being written."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        raw = os.pread(self._file, _RECORD.size, 0)
        self.stored = 0
        self.unsure: Unsure | None = None
        if len(raw) == _RECORD.size:
            self.stored, coming, app, first, size = _RECORD.unpack(raw)
            if coming != _NOWHERE:
                self.unsure = Unsure(UUID(bytes=app), first, size)

    def begin(self, offset: int, app_id: UUID, place: tuple[int, int]) -> None:
        """Note that the output up to this offset is about to be written there."""
        self._write(self.stored, offset, app_id.bytes, *place)

    def commit(self, offset: int) -> None:
        """Note that the output up to this offset is stored."""
        self.stored = offset
        self._write(offset, _NOWHERE, bytes(16), 0, 0)

    def _write(self, stored: int, coming: int, app: bytes, first: int, size: int) -> None:
        os.pwrite(self._file, _RECORD.pack(stored, coming, app, first, size), 0)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

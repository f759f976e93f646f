"""Beginnings of lines whose end has not come yet, kept so that no kill loses them."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from hatoba.engines.base import Output


class Partials:
    """One small file a beginning: ``DYNO OFFSET``. It counts once the journal has its offset.

    An older beginning of the same dyno is removed only after that, so that a write which is
    undone finds it again.
    """

    def __init__(self, folder: Path, stored: int) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held: dict[UUID, Output] = {}
        for path in sorted(folder.iterdir(), key=lambda p: int(p.name.split("+")[1])):
            output = _read(path)
            if output is None or output.offset > stored:
                path.unlink()
            else:
                self._held[output.dyno_id] = output

    def take(self, dyno_id: UUID) -> Output | None:
        """Return a dyno's beginning; its file stays until ``drop``."""
        return self._held.pop(dyno_id, None)

    def hold(self, output: Output) -> None:
        """Keep a beginning, before the journal is told its offset."""
        self._held[output.dyno_id] = output
        head = f"{output.app_id} {output.name} {output.at.isoformat()}\n".encode()
        path = self._path(output)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, head + output.data)
        finally:
            os.close(descriptor)

    def drop(self, output: Output) -> None:
        """Remove the file of a beginning that has become part of a line."""
        self._path(output).unlink(missing_ok=True)

    def all(self) -> list[Output]:
        """Take every beginning."""
        held, self._held = list(self._held.values()), {}
        return held

    @property
    def waiting(self) -> bool:
        """Whether there is any."""
        return bool(self._held)

    def _path(self, output: Output) -> Path:
        return self._folder / f"{output.dyno_id}+{output.offset}"


def _read(path: Path) -> Output | None:
    dyno, _, offset = path.name.partition("+")
    head, newline, data = path.read_bytes().partition(b"\n")
    words = head.decode(errors="replace").split(" ")
    if not newline or len(words) != 3:
        return None
    return Output(
        app_id=UUID(words[0]),
        dyno_id=UUID(dyno),
        name=words[1],
        at=datetime.fromisoformat(words[2]),
        data=data,
        offset=int(offset),
    )

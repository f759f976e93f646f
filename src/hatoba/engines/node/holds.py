"""Keeps the dynos' pipes open a second time, in hatobad.

A FIFO's content is gone once nobody has it open. While the runner is being restarted a dyno may
end: what it printed last waits here for the new runner.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from uuid import UUID


class Holds:
    """The open pipes, one for each dyno of this engine that has one."""

    def __init__(self, dynos: Path) -> None:
        self._dynos = dynos
        self._held: dict[str, int] = {}

    def take_all(self) -> None:
        """Hold the pipes of all dynos that are there."""
        for path in self._dynos.glob("*/out"):
            self.take(path.parent.name)

    def take(self, dyno_id: UUID | str) -> None:
        """Hold one dyno's pipe; an attached dyno has none."""
        name = str(dyno_id)
        if name not in self._held:
            with contextlib.suppress(OSError):
                self._held[name] = os.open(self._dynos / name / "out", os.O_RDWR | os.O_NONBLOCK)

    def release(self, dyno_id: UUID | str) -> None:
        """Let go of one dyno's pipe."""
        if (descriptor := self._held.pop(str(dyno_id), None)) is not None:
            os.close(descriptor)

    def release_all(self) -> None:
        """Let go of all."""
        for name in list(self._held):
            self.release(name)

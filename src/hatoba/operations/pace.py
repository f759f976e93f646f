"""Time as looking at the world needs it: look, wait a little, look again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

# How long between two looks; the first ones are quick, because most changes are.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5


def _nobody_waits(seconds: float) -> None:
    del seconds


@dataclass(frozen=True)
class Pace:
    """A clock and a way to wait; a test brings its own.

    ``waiting`` is told how many seconds a wait has taken by now; ``every`` is the time between
    two looks in seconds, where somebody has chosen it.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    waiting: Callable[[float], None] = _nobody_waits
    every: float | None = None

    def until(self, look: Callable[[], T], enough: Callable[[T], bool], seconds: float) -> T:
        """Look again and again until it is enough or time is up; return the last look."""
        began = self.monotonic()
        pause = FIRST_PAUSE
        while True:
            seen = look()
            elapsed = self.monotonic() - began
            if enough(seen) or elapsed >= seconds:
                return seen
            self.waiting(elapsed)
            self.sleep(self.every or pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)

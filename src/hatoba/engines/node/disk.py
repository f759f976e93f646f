"""How much dynos keep on the machine's disk, and when that is looked at."""

from __future__ import annotations

# What a dyno may keep there unless somebody says otherwise.
LIMIT = 8 * 1024**3
PERIOD_SECONDS = 10.0
# Looking takes at most this share of a processor, however many files there are.
_SHARE = 0.02


def pause(took: float) -> float:
    """Return how many seconds to wait after a look that took so many."""
    return max(PERIOD_SECONDS, took / _SHARE)

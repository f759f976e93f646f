"""How much dynos keep on the machine's disk, and when that is looked at."""

from __future__ import annotations

import os
from pathlib import Path

# What a dyno may keep there unless somebody says otherwise.
LIMIT = 8 * 1024**3
PERIOD_SECONDS = 10.0
# Looking takes at most this share of a processor, however many files there are.
_SHARE = 0.02


def pause(took: float) -> float:
    """Return how many seconds to wait after a look that took so many."""
    return max(PERIOD_SECONDS, took / _SHARE)


def used(folder: Path) -> int:
    """Return the bytes that a folder takes; what vanishes meanwhile counts nothing."""
    total, waiting = 0, [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    total += _blocks(entry)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
    return total


def _blocks(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except OSError:
        return 0

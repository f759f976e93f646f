"""Waiting between attempts."""

from __future__ import annotations


def backoff(attempt: int, *, first: float, cap: float, factor: float = 2.0) -> float:
    """Return the seconds to wait before attempt ``attempt`` (0 is the first retry)."""
    return min(cap, first * factor ** min(attempt, 32))

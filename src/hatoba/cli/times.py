"""Moments as the official command line shows them."""

from __future__ import annotations

from datetime import UTC, datetime


def ago(moment: str, now: datetime | None = None) -> str:
    """Return ``2026/11/23 14:02:11 +0000 (~ 3m ago)``; only the date after 25 hours."""
    then = datetime.fromisoformat(moment)
    shown = then.astimezone().strftime("%Y/%m/%d %H:%M:%S %z")
    seconds = max(0, int(((now or datetime.now(UTC)) - then).total_seconds()))
    if seconds >= 25 * 3600:
        return shown
    return f"{shown} (~ {short(seconds)} ago)"


def short(seconds: int) -> str:
    """Return ``41s``, ``3m`` or ``2h``."""
    if seconds < 60:
        return f"{seconds}s"
    return f"{seconds // 60}m" if seconds < 3600 else f"{seconds // 3600}h"

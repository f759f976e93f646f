"""Words and numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterable


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return ``1 dyno``, ``2 dynos``."""
    return f"{count} {noun}" if count == 1 else f"{count} {many or noun + 's'}"


def listing(items: Iterable[str], *, last: str = "and") -> str:
    """Return ``a, b and c``."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def size(count: int) -> str:
    """Return bytes as Heroku's build output does: ``512``, ``8.1K``, ``31.4M``."""
    value = float(count)
    for unit in ("", "K", "M", "G"):
        if value < 1024 or unit == "G":
            break
        value /= 1024
    return f"{int(value)}" if not unit else f"{value:.1f}{unit}"

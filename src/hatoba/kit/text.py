"""Words and numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterable


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Return ``1 dyno``, ``2 dynos``, ``1,204 dynos``."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {many or noun + 's'}"


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


class Indent:
    """Indents the lines of a stream, whose pieces may end anywhere in them."""

    def __init__(self, margin: bytes) -> None:
        self._margin = margin
        self._within = False

    def piece(self, data: bytes) -> bytes:
        """Return the piece that came next, with a margin before each line that begins in it."""
        if not data:
            return b""
        begun = b"" if self._within else self._margin
        self._within = not data.endswith(b"\n")
        end = b"" if self._within else b"\n"
        return begun + data.removesuffix(b"\n").replace(b"\n", b"\n" + self._margin) + end

    def end(self) -> bytes:
        """Return what ends a line that was left open."""
        return b"\n" if self._within else b""

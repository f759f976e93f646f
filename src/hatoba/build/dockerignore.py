"""What of a repository is not sent to the builder of images. Pure.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FILE = ".dockerignore"


class Ignored:
    """The patterns of a .dockerignore; ``kept`` are paths that none of them leaves out."""

    def __init__(self, text: str, kept: Sequence[str] = ()) -> None:
        lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
        self._rules = [_rule(line) for line in lines if line and not line.startswith("#")]
        self._kept = frozenset(kept)

    def leaves_out(self, path: str) -> bool:
        """Tell whether a file, by its path with slashes, is left out: the last rule decides."""
        if path in self._kept:
            return False
        out = False
        for pattern, keeps in self._rules:
            if pattern.fullmatch(path):
                out = not keeps
        return out


def _rule(line: str) -> tuple[re.Pattern[str], bool]:
    keeps = line.startswith("!")
    parts = [part for part in line.removeprefix("!").strip().split("/") if part not in ("", ".")]
    # What is below a folder that matches is left out, or kept, with it.
    return re.compile(f"{_expression(parts)}(/.*)?", re.DOTALL), keeps


def _expression(parts: Sequence[str]) -> str:
    found = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            found += ".*" if last else "(.*/)?"
        else:
            found += _words(part) + ("" if last else "/")
    return found


def _words(part: str) -> str:
    """Translate ``*``, ``?``, ``[a-z]`` and backslashes, none of which matches a slash."""
    pieces = re.findall(r"\\.|\[\^?[^\]]+\]|\*+|.", part, re.DOTALL)
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return ".*" if len(piece) > 1 else "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and len(piece) > 1:
        return _choice(piece)
    return re.escape(piece[-1] if piece.startswith("\\") and len(piece) > 1 else piece)


def _choice(piece: str) -> str:
    inner = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    try:
        re.compile(f"[{inner}]")
    except re.error:
        return re.escape(piece)
    return f"[{inner}]"

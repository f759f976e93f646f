"""Log lines in Heroku's format, built by the block and not by the line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from hatoba.logs.base import LogFilter, LogLine

# https://devcenter.heroku.com/articles/limits#logs: a longer line is cut into several.
MAX_LINE = 10_000


def prefix(at: datetime, source: str, dyno: str) -> bytes:
    """Return ``2026-11-23T14:00:00.123456+00:00 app[web.1]: ``."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{moment} {source}[{dyno}]: ".encode()


def block(start: bytes, body: bytes) -> bytes:
    """Return whole lines, each with the prefix; ``body`` is lines without the last newline."""
    text = _clean(body)
    if len(text) > MAX_LINE:
        text = _cut(text)
    return start + text.replace(b"\n", b"\n" + start) + b"\n"


def _clean(body: bytes) -> bytes:
    text = body.replace(b"\r\n", b"\n").rstrip(b"\r") if b"\r" in body else body
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode(errors="replace").encode()
    return text


def _cut(text: bytes) -> bytes:
    lines = text.split(b"\n")
    if max(map(len, lines)) <= MAX_LINE:
        return text
    pieces = (
        line[at : at + MAX_LINE] for line in lines for at in range(0, max(len(line), 1), MAX_LINE)
    )
    return b"\n".join(pieces)


def matches(line: bytes, chosen: LogFilter) -> bool:
    """Tell whether a formatted line is one that the reader wants."""
    begin = line.find(b" ") + 1
    middle, end = line.find(b"[", begin), line.find(b"]: ", begin)
    if middle < 0 or end < middle:
        return False
    source, dyno = line[begin:middle].decode(), line[middle + 1 : end].decode()
    if chosen.source is not None and source != chosen.source:
        return False
    return chosen.dyno is None or chosen.dyno in (dyno, dyno.partition(".")[0])


def pieces(lines: Iterable[LogLine], most: int) -> Iterator[list[LogLine]]:
    """Yield the lines in lists of at most so many."""
    rest = iter(lines)
    while piece := list(islice(rest, most)):
        yield piece

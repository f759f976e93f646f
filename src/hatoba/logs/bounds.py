"""Decides which log files must go, from their names, sizes and ages alone.

A file is named by the id of its first line, so the names tell how many lines follow it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

# All apps' lines together take no more than this, but for what each app is promised.
NODE_BYTES = 4 * 1024**3
# Each app keeps its last lines whatever their age and size, and its last day while there is room.
# https://devcenter.heroku.com/articles/logging#log-history-limits
KEEP_LINES = 1500
_DAY = 24 * 3600.0
KEEP_SECONDS = 7 * _DAY
_APPS = "????????-????-????-????-????????????/*.log"


@dataclass(frozen=True)
class LogFile:
    """A file of an app's lines: the id of its first line, bytes, and when it was last added to."""

    app: UUID
    path: Path
    first: int
    size: int
    changed: float


def scan(folder: Path) -> list[LogFile]:
    """Return the files of all apps, each app's in the folder of its id. Reads the disk."""
    return [found for path in folder.glob(_APPS) if (found := _look(path)) is not None]


def _look(path: Path) -> LogFile | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return LogFile(UUID(path.parent.name), path, int(path.stem), seen.st_size, seen.st_mtime)


def beyond(files: Iterable[LogFile], now: float, *, bound: int = NODE_BYTES) -> list[LogFile]:
    """Return the files to delete; an app's newest, and its last 1,500 lines, are never among them.

    First go those older than a week. If the rest is beyond the bound: those older than a day, the
    oldest first, and then the oldest of whichever app has most.
    """
    files = list(files)
    spare = _spare(files)
    gone = [file for file in spare if now - file.changed > KEEP_SECONDS]
    total = sum(file.size for file in files) - sum(file.size for file in gone)
    old = [file for file in spare if _DAY < now - file.changed <= KEEP_SECONDS]
    old.sort(key=lambda file: file.changed)
    young = [file for file in spare if now - file.changed <= _DAY]
    for file in (*old, *_largest_first(young)):
        if total <= bound:
            break
        gone.append(file)
        total -= file.size
    return gone


def _spare(files: list[LogFile]) -> list[LogFile]:
    """Return the files after which their app has 1,500 lines, not counting its newest file's."""
    by_app: dict[UUID, list[LogFile]] = {}
    for file in sorted(files, key=lambda f: f.first):
        by_app.setdefault(file.app, []).append(file)
    return [
        file
        for of_app in by_app.values()
        for file, following in pairwise(of_app)
        if of_app[-1].first - following.first >= KEEP_LINES
    ]


def _largest_first(files: list[LogFile]) -> list[LogFile]:
    """Order files so that each next one is the oldest of the app that then has most of them.

    With its later files a file weighs what its app has before it goes: sorting by that is it.
    """
    weight: dict[UUID, int] = {}
    weighed = []
    for file in sorted(files, key=lambda f: f.first, reverse=True):
        weight[file.app] = weight.get(file.app, 0) + file.size
        weighed.append((weight[file.app], file))
    return [file for _, file in sorted(weighed, key=lambda pair: pair[0], reverse=True)]

"""What the rest of the platform may ask of the logs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from hatoba.engines.base import Output
from hatoba.router.base import RouterLine


@dataclass(frozen=True)
class LogFilter:
    """Which lines a reader wants: ``source`` app or heroku, ``dyno`` a name or a process type."""

    source: str | None = None
    dyno: str | None = None


@dataclass(frozen=True)
class LogLine:
    """A stored line in Heroku's format, without its newline; ``id`` grows within the app."""

    id: int
    text: bytes


class Logs(Protocol):
    """The node's logs. Appending never waits for readers and never raises for a full disk:

    then the newest lines are kept in memory and a platform line says that lines may be lost.
    """

    def ingest(self, output: Output) -> None:
        """Store what a dyno printed as ``app[web.1]`` lines; the same offset twice counts once."""
        ...

    @property
    def acknowledged(self) -> int:
        """The engine offset up to which output is stored; survives a kill of the process."""
        ...

    def platform(self, app_id: UUID, dyno: str, text: str, *, at: datetime | None = None) -> None:
        """Store a line of the platform: ``heroku[web.1]: State changed from starting to up``."""
        ...

    def event(self, app_id: UUID, text: str, *, at: datetime | None = None) -> None:
        """Store an API line: ``app[api]: Release v3 created by user a@b.example``."""
        ...

    def addon(self, app_id: UUID, name: str, text: str, *, at: datetime | None = None) -> None:
        """Store a line of an add-on's: ``app[postgres.4711]: [DATABASE] [3-1] ERROR: …``."""
        ...

    def router(self, lines: list[RouterLine]) -> None:
        """Store ``heroku[router]`` lines."""
        ...

    def recent(self, app_id: UUID, lines: int, chosen: LogFilter) -> list[LogLine]:
        """Return the last lines that match, oldest first."""
        ...

    def tail(
        self, app_id: UUID, chosen: LogFilter, *, after: int | None
    ) -> AsyncIterator[list[LogLine]]:
        """Yield new lines in batches as they come (after line ``after``, or from now on).

        A reader that falls behind by more than the buffer is told so by an L11 line.
        """
        ...

    def forget(self, app_id: UUID) -> None:
        """Delete an app's lines."""
        ...

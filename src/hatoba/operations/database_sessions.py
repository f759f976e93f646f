"""Ending what goes on in a database: all its sessions, or one query."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import databases
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.kit.text import plural
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Review, Row, Ui
from hatoba.operations.database_world import Activity
from hatoba.operations.databases import DatabaseOperation
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check

# A query that is cancelled ends when it next looks whether it is.
_ENDED_SECONDS = 10.0


class EndSessions(DatabaseOperation):
    """Ends all sessions on a database."""

    name = "pg:killall"

    def review(self) -> Review:
        """Show how many there are."""
        found, version = self.resolve()
        info = databases.info(self.api, found.addon.id)
        return Review(
            title=f"{found.addon.name} on {self.app}: {plural(info.num_connections, 'connection')}",
            kind=Kind.RISKY,
            why="Whatever they are doing is rolled back.",
            before={"connections": info.num_connections},
            after={"connections": 0},
            request={"database": found.addon.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """End them."""
        with ui.progress("Terminating connections for all credentials"):
            databases.end_sessions(self.api, review.request["database"])

    def checks(self, review: Review) -> Iterator[Check]:
        """See that new connections work."""
        del review
        yield database_world.connects(self.api, self.database)


class EndQuery(DatabaseOperation):
    """Ends the query of one session, or the whole session with ``force``."""

    name = "pg:kill"

    def __init__(
        self,
        api: Api,
        app: str,
        database: str | None,
        pid: int,
        *,
        force: bool = False,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, database, pace=pace)
        self._pid = pid
        self._force = force

    def review(self) -> Review:
        """Show what it is doing. Raises ClientError when there is nothing to end."""
        found, version = self.resolve()
        now = self._now()
        if now is None or not (self._force or now.running):
            raise ClientError(f"{self._lacking(now)} See: heroku pg:ps --verbose -a {self.app}")
        after = "ended" if self._force else "cancelled"
        return Review(
            title=f"{found.addon.name} on {self.app}",
            # The query is only a note, which is not kept with a plan.
            rows=(Row("-", str(self._pid), f"{now.state}, {now.user}", after, now.query),),
            kind=Kind.RISKY,
            why="What it did in its transaction is rolled back.",
            before={"pid": self._pid, "user": now.user, "since": now.since},
            after={"pid": self._pid, "is": after},
            request={"database": found.addon.id, "pid": self._pid, "force": self._force},
            version=version,
        )

    def _lacking(self, now: Activity | None) -> str:
        name = self.database.addon.name
        if now is None:
            return f"No session of {name} has the pid {self._pid}."
        return f"{self._pid} runs no query now; --force ends its session."

    def _now(self) -> Activity | None:
        return database_world.activity(self.api, self.database, self._pid)

    def apply(self, review: Review, ui: Ui) -> None:
        """Have the server end it. Raises ClientError when it may not be."""
        what = "session" if self._force else "query of"
        with ui.progress(f"Ending {what} {review.request['pid']}"):
            database_world.end(self.api, self.database, self._pid, session=self._force)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that what was shown goes on no more."""
        before = review.before["since"]
        left = self.pace.until(
            self._now, lambda seen: not self._goes_on(seen, before), _ENDED_SECONDS
        )
        what = f"{'session' if self._force else 'query of'} {self._pid} has ended"
        good = not self._goes_on(left, before)
        yield Check(what, ok=good, seen="" if good else "it goes on: --force ends its session")

    def _goes_on(self, seen: Activity | None, since: str) -> bool:
        """Tell whether it is there, or its query; a pid may be somebody else's by now."""
        if seen is None:
            return False
        return self._force or (seen.running and seen.since == since)

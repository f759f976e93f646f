"""Emptying, promoting and letting go of databases."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, databases
from hatoba.client.api import Api
from hatoba.client.databases import Attachment
from hatoba.client.errors import ClientError
from hatoba.kit.text import plural
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check


class DatabaseOperation(Operation):
    """A change of one database of an app, named as the user names it."""

    def __init__(
        self, api: Api, app: str, database: str | None, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = database
        self.found: Attachment | None = None

    def resolve(self) -> tuple[Attachment, int | None]:
        """Return the database that is meant, and the version of the state of its own app."""
        found = self.found or databases.resolve(self.api, self.app, self._wanted)
        self.found = found
        return found, apps.reviewed(self.api, found.addon.app.name)[1]

    @property
    def database(self) -> Attachment:
        """The database that was reviewed."""
        return self.found or self.resolve()[0]


class Reset(DatabaseOperation):
    """Empties a database; what it held is kept whole for 7 days."""

    name = "pg:reset"

    def __init__(
        self, api: Api, app: str, database: str | None, extensions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(api, app, database)
        self._extensions = extensions

    def review(self) -> Review:
        """Show what is in it."""
        found, version = self.resolve()
        info = databases.info(self.api, found.addon.id)
        size = f"{plural(info.num_tables, 'table')}, {info.num_bytes / 2**20:.1f} MB"
        return Review(
            title=f"{found.url_var} ({found.addon.name}) on {self.app}: {size}",
            rows=(Row("-", "tables", str(info.num_tables), "0"),),
            kind=Kind.DESTRUCTIVE,
            why=f"All data in {found.addon.name} goes; it is kept in the trash for 7 days.",
            before={"database": found.addon.name, "tables": info.num_tables},
            after={"database": found.addon.name, "tables": 0},
            request={"database": found.addon.id, "extensions": list(self._extensions)},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Empty it."""
        with ui.progress(f"Resetting {self.database.addon.name}"):
            databases.reset(self.api, review.request["database"], self._extensions, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect, count the tables, and see that the old content is there to be taken back."""
        yield database_world.connects(self.api, self.database)
        left = database_world.tables(self.api, self.database)
        yield Check("the database has no tables", ok=left == 0, seen=f"{left}" if left else "")
        kept = databases.kept(self.api, review.request["database"])
        until = f"what it held is kept until {kept[0].until}" if kept else "what it held is kept"
        yield Check(until, ok=bool(kept), seen="")

    def undo(self, review: Review) -> str:
        """Return the command that takes the content back."""
        del review
        return f"heroku pg:reset:undo {self.database.name} -a {self.app}"

    def look(self) -> str:
        """Return the command that shows the database."""
        return f"heroku pg:info -a {self.app}"


class UndoReset(DatabaseOperation):
    """Gives a database the content back that it had before its last reset."""

    name = "pg:reset:undo"

    def review(self) -> Review:
        """Show what is there now and what there was."""
        found, version = self.resolve()
        info = databases.info(self.api, found.addon.id)
        kept = databases.kept(self.api, found.addon.id)
        latest = kept[0] if kept else None
        return Review(
            title=f"{found.url_var} ({found.addon.name}) on {self.app}",
            rows=(Row("~", "content", "now", latest.created_at if latest else ""),),
            kind=Kind.RISKY,
            why="The present content is put into the trash in its place.",
            before={"tables": info.num_tables},
            after={"content": latest.created_at if latest else None},
            request={"database": found.addon.id, "entry": latest.id if latest else ""},
            version=version,
            nothing=None
            if latest
            else "Nothing to take back: it was not reset in the last 7 days.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Take it back."""
        wanted = review.request
        with ui.progress(f"Taking back what {self.database.addon.name} held"):
            databases.take_back(self.api, wanted["database"], wanted["entry"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect and count."""
        del review
        yield database_world.connects(self.api, self.database)
        count = database_world.tables(self.api, self.database)
        yield Check(f"the database has {plural(count, 'table')}", ok=True, seen="")

    def undo(self, review: Review) -> str:
        """Return the same command: both contents change places."""
        del review
        return f"heroku pg:reset:undo {self.database.name} -a {self.app}"


class Promote(DatabaseOperation):
    """Makes a database the one behind DATABASE_URL, or behind another attachment's."""

    name = "pg:promote"
    attachment = "DATABASE"

    def __init__(self, api: Api, app: str, database: str | None, *, force: bool = False) -> None:
        super().__init__(api, app, database)
        self._force = force

    @property
    def _var(self) -> str:
        return f"{self.attachment}_URL"

    def _check_available(self, database: Attachment) -> None:
        if self._force:
            return
        state = databases.wait_status(self.api, database.addon.id)
        if state.waiting or state.error:
            raise ClientError(
                f"{database.addon.name} can't be promoted yet: {state.message}.\n"
                f"Wait for it: heroku pg:wait {database.addon.name} -a {self.app}\n"
                "Promote it all the same, and have the app's errors: the same command with --force"
            )

    def review(self) -> Review:
        """Show which database is behind it now. Raises ClientError for one not available yet."""
        found, _ = self.resolve()
        self._check_available(found)
        version = apps.reviewed(self.api, self.app)[1]
        there = databases.attached(self.api, self.app)
        now = next((a for a in there if a.name == self.attachment), None)
        others = [a for a in there if now and a.addon.id == now.addon.id and a is not now]
        same = now is not None and (now.addon.id, now.namespace) == (
            found.addon.id,
            found.namespace,
        )
        before = now.addon.name if now else ""
        return Review(
            title=f"{self.app} {self._var}",
            rows=() if same else (Row("~", self._var, before, found.addon.name),),
            kind=Kind.RISKY,
            why=f"{self.app} is restarted with another database{self._read_only(found)}.",
            before={self._var: before},
            after={self._var: found.addon.name},
            request={
                "addon": found.addon.name,
                "namespace": found.namespace,
                "name": self.attachment,
                "keep": now.addon.name if now and not others else None,
            },
            version=version,
            nothing=f"{found.addon.name} is behind {self._var} already." if same else None,
        )

    def _read_only(self, found: Attachment) -> str:
        """Say that a follower takes no writes, though an app may well want to make some."""
        if databases.info(self.api, found.addon.id).following is None:
            return ""
        return (
            ", which takes no writes while it follows another one "
            f"(heroku pg:unfollow {found.addon.name} -a {self.app})"
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Give the present one another name first, so that it is not lost, then promote."""
        wanted = review.request
        version = review.version
        if wanted["keep"]:
            with ui.progress(f"Ensuring an alternate alias for {wanted['keep']}") as line:
                body = {"addon": wanted["keep"], "app": self.app, "confirm": self.app}
                line.done(databases.attach(self.api, body, version).url_var)
            version = None
        with ui.progress(f"Promoting {wanted['addon']} to {self._var} on {self.app}"):
            body = {"addon": wanted["addon"], "app": self.app, "confirm": self.app}
            body |= {"name": wanted["name"], "namespace": wanted["namespace"]}
            databases.attach(self.api, body, version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect by it, and look at the release."""
        now = databases.resolve(self.api, self.app, self._var)
        right = now.addon.name == review.request["addon"]
        yield Check(f"{self._var} is {now.addon.name}", ok=right, seen="")
        yield database_world.connects(self.api, now)
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that promotes the other one again, or takes a new name away."""
        before, own = review.before[self._var], self.attachment == Promote.attachment
        if not before:
            return None if own else f"heroku addons:detach {self.attachment} -a {self.app}"
        named = "" if own else f" --as {self.attachment}"
        return f"heroku pg:promote {before}{named} -a {self.app}"


class Unfollow(DatabaseOperation):
    """Has a follower follow no more; it takes writes from then on."""

    name = "pg:unfollow"

    def review(self) -> Review:
        """Show whom it follows. Raises ClientError when it follows none."""
        found, version = self.resolve()
        info = databases.info(self.api, found.addon.id)
        if info.following is None:
            raise ClientError(
                f"{found.addon.name} follows no database. See: heroku pg:info -a {self.app}"
            )
        [leader] = databases.known_as(self.api, self.app, [info.following])
        return Review(
            title=f"{found.addon.name} on {self.app}",
            rows=(Row("-", "follows", leader, ""),),
            kind=Kind.RISKY,
            why=f"{found.addon.name} will never follow again, and takes writes of its own.",
            before={"following": info.following},
            after={"following": None},
            request={"database": found.addon.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Let it go."""
        with ui.progress(f"{self.database.addon.name} unfollowing"):
            databases.unfollow(self.api, review.request["database"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that it takes writes."""
        info = databases.info(self.api, review.request["database"])
        yield Check("it follows no database", ok=info.following is None, seen="")
        yield database_world.writable(self.api, self.database)


class ResetStatistics(DatabaseOperation):
    """Counts tables', indexes' and statements' use anew."""

    name = "pg:stats-reset"

    def review(self) -> Review:
        """Say which database."""
        found, version = self.resolve()
        return Review(
            title=f"{found.addon.name} on {self.app}",
            rows=(Row("-", "statistics", "", ""),),
            kind=Kind.RISKY,
            why="What has been counted of its use so far is lost.",
            before={},
            after={},
            request={"database": found.addon.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Reset them."""
        with ui.progress(f"Resetting statistics of {self.database.addon.name}"):
            databases.reset_statistics(self.api, review.request["database"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Look since when the server counts."""
        del review
        yield database_world.counts_anew(self.api, self.database)

"""Linking databases' tables into others, and taking links away."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import database_links, databases
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.kit.text import plural
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Review, Row, Ui
from hatoba.operations.databases import DatabaseOperation
from hatoba.schema.database_links import Link
from hatoba.schema.hatoba import Check


class CreateLink(DatabaseOperation):
    """Makes a database's tables known to another one, in a schema of the link's name."""

    name = "pg:links:create"

    def __init__(self, api: Api, app: str, remote: str, database: str, name: str | None) -> None:
        super().__init__(api, app, database)
        self._remote = remote
        self._name = name
        self.made: Link | None = None

    def review(self) -> Review:
        """Show what would be linked to what."""
        found, version = self.resolve()
        remote = databases.resolve(self.api, self.app, self._remote)
        there = [one.name for one in database_links.listed(self.api, found.addon.id)]
        body = {"target": remote.addon.name, **({"as": self._name} if self._name else {})}
        return Review(
            title=f"{found.addon.name} on {self.app}: {plural(len(there), 'link')}",
            rows=(Row("+", self._name or "link", "", f"the tables of {remote.addon.name}"),),
            kind=Kind.CHANGE,
            before={"links": there},
            after={"links": [*there, self._name or remote.addon.name]},
            request={"database": found.addon.id, "body": body},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Link it."""
        asked = review.request
        text = f"Adding link from {asked['body']['target']} to {self.database.addon.name}"
        with ui.progress(text) as line:
            self.made = database_links.create(
                self.api, asked["database"], asked["body"], review.version
            )
            line.done(f"done, {self.made.name}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Read a row of the first table over the link."""
        there = {
            one.name: one for one in database_links.listed(self.api, review.request["database"])
        }
        if self.made is not None:
            ok = self.made.name in there
            yield Check(f"{self.made.name} is a link", ok=ok, seen="" if ok else "it is not listed")
            yield database_world.reads_link(self.api, self.database, self.made.name)

    def undo(self, review: Review) -> str | None:
        """Return the command that takes it away."""
        del review
        if self.made is None:
            return None
        return f"heroku pg:links:destroy {self.database.name} {self.made.name} -a {self.app}"

    def look(self) -> str:
        """Return the command that lists the links."""
        return f"heroku pg:links {self.database.name} -a {self.app}"


class DestroyLink(DatabaseOperation):
    """Takes a link away, with the views that read over it."""

    name = "pg:links:destroy"

    def __init__(self, api: Api, app: str, database: str, name: str) -> None:
        super().__init__(api, app, database)
        self._name = name

    def review(self) -> Review:
        """Show where it leads. Raises ClientError when there is none of that name."""
        found, version = self.resolve()
        link = self._link(database_links.listed(self.api, found.addon.id))
        return Review(
            title=f"{found.addon.name} on {self.app}",
            rows=(Row("-", link.name, f"the tables of {link.remote.name}", ""),),
            kind=Kind.DESTRUCTIVE,
            why=(
                f"The schema {link.name} goes, with every view that reads it; "
                f"{link.remote.name} itself stays as it is."
            ),
            before={"link": link.name, "remote": link.remote.name},
            after={},
            request={"database": found.addon.id, "link": link.name},
            version=version,
        )

    def _link(self, there: list[Link]) -> Link:
        found = [one for one in there if one.name == self._name]
        found = found or [one for one in there if one.remote.name == self._name]
        if len(found) != 1:
            names = ", ".join(one.name for one in there) or "none"
            raise ClientError(f"There is no link {self._name}. There are: {names}.")
        return found[0]

    def apply(self, review: Review, ui: Ui) -> None:
        """Take it away."""
        asked = review.request
        with ui.progress(f"Destroying link {asked['link']} from {self.database.addon.name}"):
            database_links.destroy(self.api, asked["database"], asked["link"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that neither the link nor its schema is there."""
        name = review.request["link"]
        there = [one.name for one in database_links.listed(self.api, review.request["database"])]
        yield Check(f"there is no link {name}", ok=name not in there, seen="")
        yield database_world.lacks_schema(self.api, self.database, name)

    def undo(self, review: Review) -> str:
        """Return the command that links it again; views have to be made anew."""
        before = review.before
        return (
            f"heroku pg:links:create {before['remote']} {self.database.name} "
            f"--as {before['link']} -a {self.app}"
        )

    def look(self) -> str:
        """Return the command that lists the links."""
        return f"heroku pg:links {self.database.name} -a {self.app}"

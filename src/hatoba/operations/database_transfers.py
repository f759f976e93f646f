"""pg:push and pg:pull: whole databases between this machine and the platform."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote

from psycopg import ProgrammingError, conninfo

from hatoba.client import apps, databases
from hatoba.client.api import Api
from hatoba.client.databases import Attachment
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.kit.secret import masked_url
from hatoba.kit.text import plural
from hatoba.operations import database_rows
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.postgres_programs import programs
from hatoba.schema.hatoba import Check

_LOCAL = ("", "localhost", "127.0.0.1", "::1")


class Outside:
    """A database that is not the platform's: a URL, or the name of one on this machine."""

    def __init__(self, text: str) -> None:
        """Raises UsageError for what is neither."""
        self.url = text if "://" in text else conninfo.make_conninfo(dbname=text)
        self.shown = masked_url(text) if "://" in text else text
        try:
            given = conninfo.conninfo_to_dict(self.url)
        except ProgrammingError as error:
            raise UsageError(f"{self.shown} is no database's URL.") from error
        if not given.get("dbname"):
            raise UsageError(f"{self.shown} names no database.")
        self.local = str(given.get("host") or "") in _LOCAL


class Transfer(Operation):
    """Copies a database into an empty one, in one transaction, and compares the rows."""

    def __init__(
        self, api: Api, app: str, database: str | None, outside: str, excluded: str = ""
    ) -> None:
        super().__init__(api, app)
        self._wanted = database
        self.outside = Outside(outside)
        self._excluded = [name.strip() for name in excluded.split(";") if name.strip()]
        self._sent: Mapping[str, int] = {}
        self._arrived: Mapping[str, int] = {}

    def found(self) -> tuple[Attachment, str]:
        """Return the app's database and its URL."""
        attachment = databases.resolve(self.api, self.app, self._wanted)
        return attachment, databases.url(self.api, attachment)

    def review_of(self, source: str, target: str, rows: Mapping[str, int], *, new: bool) -> Review:
        """Show what goes where."""
        words = f"{plural(len(rows), 'table')}, {plural(sum(rows.values()), 'row')}"
        return Review(
            title=f"{source} to {target}",
            rows=(Row("+", target, "not there yet" if new else "empty", words),),
            kind=Kind.CHANGE,
            before={"tables": 0},
            after={"from": source, "tables": len(rows)},
            request={"source": source, "target": target, "new": new, "excluded": self._excluded},
            version=apps.reviewed(self.api, self.app)[1],
        )

    def carry(self, source: str, target: str) -> None:
        """Dump, restore and count. Raises ClientError, with the target as it was."""
        with (
            tempfile.TemporaryDirectory(prefix="heroku-") as folder,
            database_rows.moment(source) as now,
        ):
            self._sent = now.rows
            tools, path = programs(now.version), Path(folder) / "dump"
            asyncio.run(tools.dump(source, now.snapshot, self._excluded, path))
            with database_rows.moment(target) as there:
                version = there.version
            asyncio.run(tools.restore(path, target, version))
        self._arrived = database_rows.counted(target)

    def checks(self, review: Review) -> Iterator[Check]:
        """Compare the rows of every table with what there was when the copy began."""
        del review
        for name in sorted(set(self._sent) - set(self._arrived)):
            yield Check(f"{name} arrived", ok=False, seen="it is missing")
        wrong = [
            f"{name} has {count:,} rows instead of {self._sent[name]:,}"
            for name, count in self._arrived.items()
            if name in self._sent and count != self._sent[name] and not self._left_out(name)
        ]
        total = sum(self._arrived.values())
        what = f"{plural(len(self._arrived), 'table')} with {plural(total, 'row')} arrived"
        yield Check(what, ok=not wrong, seen="; ".join(wrong))

    def _left_out(self, name: str) -> bool:
        schema, _, table = name.partition(".")
        return name in self._excluded or (schema == "public" and table in self._excluded)


class Push(Transfer):
    """Copies a database of this machine, or at a URL, into an empty one of an app."""

    name = "pg:push"

    def review(self) -> Review:
        """Count what is there. Raises ClientError when the target is not empty."""
        attachment, url = self.found()
        if there := database_rows.counted(url):
            raise ClientError(
                f"{attachment.addon.name} is not empty: it has {plural(len(there), 'table')}. "
                f"Empty it first: heroku pg:reset {attachment.name} -a {self.app}"
            )
        rows = database_rows.counted(self.outside.url)
        return self.review_of(self.outside.shown, attachment.addon.name, rows, new=False)

    def apply(self, review: Review, ui: Ui) -> None:
        """Copy it."""
        _, url = self.found()
        with ui.progress(f"Pushing {review.request['source']} to {review.request['target']}"):
            self.carry(self.outside.url, url)

    def undo(self, review: Review) -> str:
        """Return the command that empties the target again."""
        del review
        return f"heroku pg:reset {self.found()[0].name} -a {self.app}"


class Pull(Transfer):
    """Copies an app's database into a new one of this machine, or an empty one at a URL."""

    name = "pg:pull"

    def review(self) -> Review:
        """Count what is there. Raises ClientError when the target is not empty."""
        attachment, url = self.found()
        new = not database_rows.exists(self.outside.url)
        if new and not self.outside.local:
            raise ClientError(f"{self.outside.shown} does not exist. Create it first.")
        if not new and (there := database_rows.counted(self.outside.url)):
            raise ClientError(
                f"{self.outside.shown} is not empty: it has {plural(len(there), 'table')}. "
                "Pull into another name, or drop it first: dropdb NAME"
            )
        return self.review_of(
            attachment.addon.name, self.outside.shown, database_rows.counted(url), new=new
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the target if it is not there, and copy; what was made goes if that fails."""
        _, url = self.found()
        target, new = self.outside.url, review.request["new"]
        with ui.progress(f"Pulling {review.request['source']} to {review.request['target']}"):
            if new:
                database_rows.create(target)
            try:
                self.carry(url, target)
            except BaseException:
                if new:
                    database_rows.drop(target)
                raise

    def undo(self, review: Review) -> str | None:
        """Return the command that drops what was made."""
        made = review.request["new"] and "://" not in self.outside.shown
        return f"dropdb {quote(self.outside.shown)}" if made else None

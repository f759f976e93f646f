"""Restoring a backup onto a database, and copying one database onto another."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from shlex import quote
from urllib.parse import urlsplit

from hatoba.client import apps, backups, databases
from hatoba.client.api import Api
from hatoba.client.databases import Attachment
from hatoba.errors import UsageError
from hatoba.kit.secret import masked_url
from hatoba.kit.text import plural
from hatoba.operations.backups import verified, wait
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.backups import Transfer
from hatoba.schema.hatoba import Check


class Onto(Operation):
    """Replaces all that is in a database; what it held is backed up, verified, first.

    ``verbose`` has the transfer's log told meanwhile.
    """

    verbose = False

    def __init__(self, api: Api, app: str, target: str | None, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._target = target
        self.made: Transfer | None = None
        self.kept: Transfer | None = None

    @abstractmethod
    def source(self, target: Attachment) -> tuple[str, Json]:
        """Return what is written, in words, and what is sent. Raises ClientError."""

    @abstractmethod
    def begin(self, addon: str, request: Json, version: int | None) -> Transfer:
        """Have the platform begin."""

    def review(self) -> Review:
        """Show what is written over by what."""
        _, version = apps.reviewed(self.api, self.app)
        target = databases.resolve(self.api, self.app, self._target)
        words, request = self.source(target)
        there = databases.info(self.api, target.addon.id)
        shown = f"{target.name} of {self.app} ({target.addon.name})"
        own = target.addon.app.name
        return Review(
            title=shown,
            rows=(Row("~", target.name, plural(there.num_tables, "table"), words),),
            kind=Kind.DESTRUCTIVE,
            why=f"All that is in {shown} is replaced by {words}.",
            before={"database": target.addon.name, "tables": there.num_tables},
            after={"database": target.addon.name, "from": words},
            request={**request, "addon": target.addon.id, "owner": own},
            version=version if own == self.app else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Write it and wait. The platform takes the backup of the target first."""
        owner, addon = review.request["owner"], review.request["addon"]
        before = {one.uuid for one in backups.listed(self.api, owner)}
        begun = self.begin(addon, review.request, review.version)
        doing = f"{self.name}: {begun.from_name} to {begun.to_name} ({begun.name})"
        self.made = wait(self, owner, begun, ui, doing, verbose=self.verbose)
        new = [one for one in backups.listed(self.api, owner) if one.uuid not in before]
        self.kept = next((one for one in new if one.is_backup and one.expires_at), None)

    def checks(self, review: Review) -> Iterator[Check]:
        """Tell what was counted in the target before it was committed, and what was kept."""
        if self.made is None:
            return
        owner = review.request["owner"]
        found = backups.find(self.api, owner, self.made.uuid)
        yield from verified(found, f"onto {found.to_name}")
        if not self.api.target.is_heroku:
            name = self.kept.name if self.kept else ""
            what = "what the database held before is kept, verified"
            yield Check(what, ok=self.kept is not None, seen=name)

    def undo(self, review: Review) -> str | None:
        """Return the command that brings back what the database held."""
        if self.kept is None:
            return None
        target = quote(self._target or "DATABASE_URL")
        return f"heroku pg:backups:restore {self.kept.name} {target} -a {self.app}"

    def look(self) -> str:
        """Return the command that shows the transfers."""
        return f"heroku pg:backups -a {self.app}"


class Restore(Onto):
    """Restores a backup onto a database."""

    name = "pg:backups:restore"

    def __init__(
        self,
        api: Api,
        app: str,
        backup: str | None = None,
        target: str | None = None,
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, target, pace=pace)
        self._backup = backup
        self._url = ""

    def source(self, target: Attachment) -> tuple[str, Json]:
        """Find the backup: b001, other-app::b001, a dump's URL, or the newest good one."""
        del target
        if self._backup and self._backup.startswith(("http://", "https://")):
            self._url = self._backup
            return f"the dump from {_host(self._url)}", {"backup": self._url}
        owner, _, name = (self._backup or "").rpartition("::")
        app = owner or self.app
        found = backups.good(self.api, app, name or None)
        self._url = found.to_url
        return f"backup {found.name} of {app}, {found.created_at}", {"backup": found.uuid}

    def begin(self, addon: str, request: Json, version: int | None) -> Transfer:
        """Have the platform begin."""
        del request
        return backups.restore(self.api, addon, self._url, version)


def _host(url: str) -> str:
    """Return where a URL leads to. Raises UsageError for one that can't be read."""
    try:
        found = urlsplit(url).hostname
    except ValueError:
        found = None
    if not found:
        raise UsageError("The dump's URL can't be understood.")
    return found


class Copy(Onto):
    """Copies a database onto another one."""

    name = "pg:copy"

    def __init__(
        self, api: Api, app: str, source: str, target: str, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, target, pace=pace)
        self._source = source
        self._urls: dict[str, str] = {}

    def review(self) -> Review:
        """Show what is written over by what. Raises UsageError for a target elsewhere."""
        if "://" in (self._target or ""):
            raise UsageError(
                "A copy can be made onto a database of this platform only. To copy out of it, "
                "use heroku pg:pull, or heroku pg:backups:download and pg_restore."
            )
        return super().review()

    def source(self, target: Attachment) -> tuple[str, Json]:
        """Find where the data comes from. Raises UsageError for a database onto itself."""
        to_url = databases.url(self.api, target)
        words, from_url, source_id = self._from()
        if source_id == target.addon.id or from_url == to_url:
            raise UsageError(f"{target.name} can't be copied onto itself.")
        self._urls = {"from_url": from_url, "to_url": to_url}
        return words, {"from_name": words, "to_name": target.name}

    def _from(self) -> tuple[str, str, str | None]:
        given = self._source
        if given.startswith(("postgres://", "postgresql://")):
            return masked_url(given), given, None
        found = databases.resolve(self.api, self.app, given)
        words = f"{found.app.name}::{found.name}"
        return words, databases.url(self.api, found), found.addon.id

    def begin(self, addon: str, request: Json, version: int | None) -> Transfer:
        """Have the platform begin."""
        names = {name: request[name] for name in ("from_name", "to_name")}
        return backups.copy(self.api, addon, {**names, **self._urls}, version)

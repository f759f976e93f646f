"""Bringing a database to a newer version of Postgres, and back."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import database_upgrades as upgrades
from hatoba.client import databases
from hatoba.client.api import Api
from hatoba.kit.text import plural
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Review, Row, Ui
from hatoba.operations.databases import DatabaseOperation
from hatoba.schema.databases import UpgradeStatus
from hatoba.schema.hatoba import Check

# A big database takes as long as its disk does.
_DEADLINE = 3600.0


class UpgradeOperation(DatabaseOperation):
    """One step of an upgrade; ``wanted`` is the major version, None for the newest there is."""

    step = ""
    doing = ""
    kind = Kind.CHANGE
    why = ""

    def __init__(self, api: Api, app: str, database: str | None, wanted: int | None = None) -> None:
        super().__init__(api, app, database)
        self._major = wanted

    def review(self) -> Review:
        """Show the present version."""
        found, version = self.resolve()
        info = databases.info(self.api, found.addon.id)
        now = upgrades.status(self.api, found.addon.id)
        after = self.after(now)
        return Review(
            title=f"{found.addon.name} on {self.app}: {plural(info.num_tables, 'table')}, "
            f"{info.num_bytes / 2**20:.1f} MB",
            rows=(Row("~", "PostgreSQL", info.postgres_version, after),),
            kind=self.kind,
            why=self.why,
            before={"version": info.postgres_version, "tables": info.num_tables},
            after={"version": after},
            request={"database": found.addon.id, "step": self.step, "version": self._major},
            version=version,
        )

    def after(self, now: UpgradeStatus) -> str:
        """Say which version comes."""
        prepared = str(now.version) if now.state == "prepared" else "newest there is"
        return str(self._major) if self._major else prepared

    def apply(self, review: Review, ui: Ui) -> None:
        """Take the step."""
        wanted = review.request
        with ui.progress(f"{self.doing} {self.database.addon.name}"):
            upgrades.step(
                self.api, wanted["database"], self.step, wanted["version"], review.version
            )

    def ended(self, review: Review) -> UpgradeStatus:
        """Wait until it has ended."""
        return self.pace.until(
            lambda: upgrades.status(self.api, review.request["database"]),
            lambda seen: not seen.waiting,
            _DEADLINE,
        )

    def look(self) -> str:
        """Return the command that shows how it went."""
        return f"heroku pg:upgrade:wait {self.database.name} -a {self.app}"


class Prepare(UpgradeOperation):
    """Checks that a database can be upgraded, and notes that it is to be."""

    name = "pg:upgrade:prepare"
    step = "prepare"
    doing = "Preparing the upgrade of"

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        now = upgrades.status(self.api, review.request["database"])
        good = now.state == "prepared"
        yield Check(f"it is prepared for PostgreSQL {now.version}", ok=good, seen=now.message)

    def undo(self, review: Review) -> str:
        """Return the command that cancels it."""
        del review
        return f"heroku pg:upgrade:cancel {self.database.name} -a {self.app}"


class Cancel(UpgradeOperation):
    """Forgets a prepared upgrade."""

    name = "pg:upgrade:cancel"
    step = "cancel"
    doing = "Cancelling the upgrade of"

    def after(self, now: UpgradeStatus) -> str:
        """Say that it stays."""
        del now
        return "stays"

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        now = upgrades.status(self.api, review.request["database"])
        yield Check("it is cancelled", ok=now.state == "canceled", seen=now.message)


class DryRun(UpgradeOperation):
    """Upgrades a copy, and looks whether it has the same tables."""

    name = "pg:upgrade:dryrun"
    step = "dry_run"
    doing = "Trying the upgrade of"

    def checks(self, review: Review) -> Iterator[Check]:
        """Wait for it."""
        now = self.ended(review)
        yield Check(now.message, ok=now.state == "succeeded", seen=now.step)


class Run(UpgradeOperation):
    """Upgrades a database; the data of before is kept for 7 days."""

    name = "pg:upgrade:run"
    step = "run"
    doing = "Starting the upgrade of"
    kind = Kind.RISKY
    why = (
        "Nobody can write to it until it is done; the data of before is kept for 7 days. "
        "Its followers are copied anew."
    )

    def checks(self, review: Review) -> Iterator[Check]:
        """Wait for it, connect as the app does, and count the tables."""
        now = self.ended(review)
        yield Check(now.message, ok=now.state == "succeeded", seen="")
        yield from _whole(self, review)

    def undo(self, review: Review) -> str:
        """Return the command that puts the data of before back in force."""
        del review
        return f"heroku pg:upgrade:undo {self.database.name} -a {self.app}"


class Undo(UpgradeOperation):
    """Puts the data of before an upgrade back in force."""

    name = "pg:upgrade:undo"
    step = "undo"
    doing = "Taking back the upgrade of"
    kind = Kind.RISKY
    why = (
        "What was written since the upgrade is not in it; that is kept for 7 days. "
        "Its followers are copied anew."
    )

    def after(self, now: UpgradeStatus) -> str:
        """Say that it is the former one."""
        del now
        return "as before the upgrade"

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect as the app does, and look at the version."""
        info = databases.info(self.api, review.request["database"])
        before = review.before["version"]
        what = f"it is on PostgreSQL {info.postgres_version} again"
        yield Check(what, ok=info.postgres_version != before, seen="")
        yield database_world.connects(self.api, self.database)
        yield database_world.writable(self.api, self.database)


def _whole(operation: UpgradeOperation, review: Review) -> Iterator[Check]:
    api, database = operation.api, operation.database
    yield database_world.connects(api, database)
    yield database_world.writable(api, database)
    found = database_world.tables(api, database)
    same = found == review.before["tables"]
    yield Check(f"it has {plural(found, 'table')}, as before", ok=same, seen="")

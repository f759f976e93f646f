"""Capturing, cancelling and deleting backups of databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatoba.client import apps, backups, databases
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.kit.text import plural, size
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.backups import Line, Transfer
from hatoba.schema.hatoba import Check

# Whoever waits for a transfer looks for as long as one may take; it goes on without them too.
TRANSFER_DEADLINE = 24 * 3600.0


class TransferFailed(ClientError):
    """A backup, restore or copy failed."""

    id = "transfer_failed"


def counted(counts: Mapping[str, int]) -> str:
    """Say how much was counted: ``3 tables, 1,204 rows``."""
    rows = f"{sum(counts.values()):,} row{'' if sum(counts.values()) == 1 else 's'}"
    return f"{plural(len(counts), 'table')}, {rows}"


def wait(
    operation: Operation, app: str, begun: Transfer, ui: Ui, doing: str, *, verbose: bool = False
) -> Transfer:
    """Wait until an operation's transfer has ended well; ``verbose`` tells its log meanwhile.

    Raises TransferFailed.
    """
    told: set[Line] = set()
    with ui.progress(doing) as line:

        def look() -> Transfer:
            now = backups.find(operation.api, app, begun.uuid, log=verbose)
            for entry in now.logs if verbose else ():
                if entry not in told:
                    told.add(entry)
                    ui.say(f"{entry.created_at} {entry.message}")
            line.status(size(now.processed_bytes) if now.started_at else "pending")
            return now

        done = operation.pace.until(
            look, lambda now: now.finished_at is not None, TRANSFER_DEADLINE
        )
        if not done.succeeded:
            line.done("!")
            why = done.problem or f"See: heroku pg:backups:info {done.name} -a {app}"
            raise TransferFailed(f"{done.name} failed. {why}")
    return done


def verified(done: Transfer, where: str) -> Iterator[Check]:
    """Tell what was counted where a dump was restored."""
    counts = done.counts
    if counts is None:
        yield Check(f"{done.name} has succeeded", ok=bool(done.succeeded), seen="")
        return
    detail = "\n".join(f"{name}: {rows:,}" for name, rows in sorted(counts.items()))
    seen = "\n".join(part for part in (counted(counts), detail) if part)
    yield Check(f"{done.name} was restored {where} and counted", ok=True, seen=seen)


class Capture(Operation):
    """Backs a database up; the backup is good once it was restored and counted.

    ``verbose`` has the transfer's log told meanwhile.
    """

    name = "pg:backups:capture"
    verbose = False

    def __init__(
        self, api: Api, app: str, database: str | None = None, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = database
        self.made: Transfer | None = None

    def review(self) -> Review:
        """Show which database it is."""
        _, version = apps.reviewed(self.api, self.app)
        found = databases.resolve(self.api, self.app, self._wanted)
        return Review(
            title=f"Backup of {found.name} ({found.addon.name})",
            kind=Kind.CHANGE,
            before={"database": found.addon.name},
            after={"database": found.addon.name, "backup": "a new one"},
            request={"addon": found.addon.id, "owner": found.addon.app.name},
            version=version if found.addon.app.name == self.app else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Capture it and wait."""
        owner, addon = review.request["owner"], review.request["addon"]
        begun = backups.capture(self.api, addon, review.version)
        doing = f"Backing up {begun.from_name} to {begun.name}"
        self.made = wait(self, owner, begun, ui, doing, verbose=self.verbose)

    def checks(self, review: Review) -> Iterator[Check]:
        """Tell what the platform counted in the restored copy."""
        if (made := self.made) is None:
            return
        found = backups.find(self.api, review.request["owner"], made.uuid)
        yield Check(
            f"{found.name} is kept", ok=found.processed_bytes > 0, seen=size(found.processed_bytes)
        )
        yield from verified(found, "into a scratch database")

    def look(self) -> str:
        """Return the command that shows the backups."""
        return f"heroku pg:backups -a {self.app}"


class Cancel(Operation):
    """Stops a backup, restore or copy that is going on."""

    name = "pg:backups:cancel"

    def __init__(
        self, api: Api, app: str, transfer: str | None = None, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = transfer

    def review(self) -> Review:
        """Show what is stopped. Raises ClientError when nothing is going on."""
        going_on = [t for t in backups.listed(self.api, self.app) if t.finished_at is None]
        chosen = [t for t in going_on if self._wanted in (None, t.name, t.uuid)]
        if not chosen:
            named = f"{self._wanted} is not going on." if self._wanted else "Nothing is going on."
            raise ClientError(f"{named} See: heroku pg:backups -a {self.app}")
        found = chosen[0]
        return Review(
            title=f"{found.name}: {found.from_name} to {found.to_name}",
            kind=Kind.RISKY,
            why=f"{found.name} is stopped where it is; nothing is written over.",
            before={"transfer": found.name},
            after={"transfer": f"{found.name}, cancelled"},
            request={"transfer": found.uuid},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Stop it."""
        found = backups.find(self.api, self.app, review.request["transfer"])
        with ui.progress(f"Cancelling {found.name}"):
            backups.cancel(self.api, self.app, found)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        found = backups.find(self.api, self.app, review.request["transfer"])
        yield Check(f"{found.name} has ended", ok=found.finished_at is not None, seen=found.state)


class Delete(Operation):
    """Deletes a backup for good."""

    name = "pg:backups:delete"

    def __init__(self, api: Api, app: str, backup: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = backup

    def review(self) -> Review:
        """Show what is deleted, and what is left."""
        _, version = apps.reviewed(self.api, self.app)
        found = backups.named(self.api, self.app, self._wanted)
        left = [
            t.name
            for t in backups.listed(self.api, self.app)
            if t.is_backup and t.succeeded and t.uuid != found.uuid
        ]
        return Review(
            title=f"{found.name} of {found.from_name}, {found.created_at}",
            rows=(Row("-", found.name, size(found.processed_bytes), ""),),
            kind=Kind.DESTRUCTIVE,
            why=f"{found.name} is deleted for good. {_left(left)}",
            before={"backups": [found.name, *left]},
            after={"backups": left},
            request={"transfer": found.uuid},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Delete it."""
        found = backups.named(self.api, self.app, self._wanted)
        with ui.progress(f"Deleting backup {found.name} on {self.app}"):
            backups.delete(self.api, self.app, found, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        left = {one.uuid for one in backups.listed(self.api, self.app)}
        yield Check(f"{self._wanted} is gone", ok=review.request["transfer"] not in left, seen="")


def _left(names: list[str]) -> str:
    if not names:
        return "It is the last good backup of this app."
    return f"{plural(len(names), 'good backup')} will be left."

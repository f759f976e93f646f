"""Attaching databases by a connection pooler."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, databases
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.schema.hatoba import Check

DEFAULT_NAME = "DATABASE_CONNECTION_POOL"


class AttachPooled(Operation):
    """Gives an app a further config var, whose URL leads over the database's pooler."""

    name = "pg:connection-pooling:attach"

    def __init__(self, api: Api, app: str, database: str | None, name: str | None) -> None:
        super().__init__(api, app)
        self._wanted = database
        self._name = name or DEFAULT_NAME
        self.made: databases.Attachment | None = None

    def review(self) -> Review:
        """Show what is attached. Raises UsageError when the name is used."""
        app, version = apps.reviewed(self.api, self.app)
        found = databases.resolve(self.api, app.name, self._wanted)
        there = [one.url_var for one in databases.attached(self.api, app.name)]
        if f"{self._name}_URL" in there:
            raise UsageError(
                f"{self._name} is attached to {app.name} already. Choose another name by --as, "
                f"or detach it: heroku addons:detach {self._name} -a {app.name}"
            )
        return Review(
            title=f"{app.name} databases: {len(there)} attached",
            rows=(Row("+", f"{self._name}_URL", "", f"{found.addon.name} by a pooler"),),
            kind=Kind.CHANGE,
            before={"attachments": there},
            after={"attachments": [*there, f"{self._name}_URL"]},
            request={"addon": found.addon.id, "app": app.name, "name": self._name},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Attach it."""
        asked = dict(review.request)
        addon = asked.pop("addon")
        with ui.progress(f"Enabling Connection Pooling on {self.app}") as line:
            self.made = databases.pool(self.api, addon, asked, review.version)
            line.done(f"done, as {self.made.url_var}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect over the pooler, and look at the release."""
        del review
        if self.made is not None:
            yield database_world.connects(self.api, self.made)
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that detaches it."""
        del review
        return f"heroku addons:detach {self._name} -a {self.app}"

"""Bringing a destroyed database back."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import addons, apps
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import database_world
from hatoba.operations.addons import check_alias, check_unused
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check


class RestoreAddon(Operation):
    """Brings a destroyed database back as it was, and attaches it to its app."""

    name = "addons:restore"

    def __init__(
        self, api: Api, app: str, addon: str, *, alias: str | None = None, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = addon
        self._alias = alias

    def review(self) -> Review:
        """Show what comes back. Raises UsageError when it is not in the trash, or can't be so."""
        check_alias(self._alias)
        app, version = apps.reviewed(self.api, self.app)
        there = addons.trash(self.api, app.name)
        found = [one for one in there if self._wanted in (one.name, one.id)]
        if not found:
            raise UsageError(
                f"{self._wanted} is not in the trash of {app.name}. "
                f"See: heroku addons:trash -a {app.name}"
            )
        if self._alias:
            check_unused(self.api, app.name, self._alias)
        one = found[-1]
        note = f"as {self._alias}_URL" if self._alias else ""
        return Review(
            title=f"{app.name} add-on {one.name} ({one.plan})",
            rows=(Row("+", one.name, "in the trash", one.plan, note),),
            kind=Kind.CHANGE,
            before={"trash": [each.name for each in there]},
            after={"addon": one.name, "plan": one.plan},
            request={"addon": one.id, "name": self._alias},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Bring it back."""
        with ui.progress(f"Restoring {review.after['addon']} on {self.app}") as line:
            back = addons.restore(
                self.api,
                self.app,
                review.request["addon"],
                name=review.request["name"],
                version=review.version,
            )
            line.done(f"done, as {', '.join(back.config_vars)}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect as the app does, and look at the release that has it."""
        now = addons.find(self.api, self.app, review.request["addon"])
        good = now.state == "provisioned"
        yield Check(f"{now.name} is {now.state}", ok=good, seen=now.provision_message or "")
        for attachment in database_world.of(self.api, self.app, now):
            yield database_world.connects(self.api, attachment)
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that destroys it again."""
        return f"heroku addons:destroy {review.after['addon']} -a {self.app}"

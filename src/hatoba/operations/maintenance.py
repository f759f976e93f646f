"""Maintenance mode on and off."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, dynos
from hatoba.client.api import Api
from hatoba.kit.text import plural
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check

_WORDS = {True: "on", False: "off"}


class Maintenance(Operation):
    """Puts the maintenance page before an app, or takes it away."""

    def __init__(self, api: Api, app: str, *, on: bool, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self.name = f"maintenance:{_WORDS[on]}"
        self._on = on

    def review(self) -> Review:
        """Show who would be interrupted."""
        app, version = apps.reviewed(self.api, self.app)
        web = sum(d.type == "web" and d.state == "up" for d in dynos.listed(self.api, self.app))
        serving = "is in maintenance" if app.maintenance else "is serving"
        before, after = _WORDS[app.maintenance], _WORDS[self._on]
        return Review(
            title=f"{app.name} {serving} ({plural(web, 'web dyno')} up).",
            rows=(Row("~", "maintenance", before, after),) if before != after else (),
            kind=Kind.RISKY if self._on else Kind.CHANGE,
            why="Visitors will see the maintenance page.",
            before={"maintenance": app.maintenance},
            after={"maintenance": self._on},
            request={"maintenance": self._on},
            version=version,
            nothing=f"Maintenance mode is already {after}." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set the flag."""
        with ui.progress(f"{'Enabling' if self._on else 'Disabling'} maintenance mode"):
            apps.update(self.api, self.app, review.request, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the flag back and ask the router as a visitor."""
        app = apps.find(self.api, self.app)
        good = app.maintenance is self._on
        yield Check(f"maintenance is {_WORDS[app.maintenance]}", ok=good, seen="")
        yield world.maintenance_served(app, on=self._on, pace=self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that turns it back."""
        return f"heroku maintenance:{_WORDS[not self._on]} -a {self.app}"

"""Creating and renaming apps."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, checks, teams
from hatoba.client.api import Api
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App


class Create(Operation):
    """Makes an app; without a name the platform thinks of one."""

    name = "apps:create"

    def __init__(
        self,
        api: Api,
        app: str | None,
        *,
        stack: str | None = None,
        region: str | None = None,
        team: str | None = None,
    ) -> None:
        super().__init__(api, app or "")
        self._request = {"name": app, "stack": stack, "region": region, "team": team}
        self.made: App | None = None

    def review(self) -> Review:
        """Show what is made; nothing is there yet. Raises UnknownTeam."""
        teams.check(self.api, self._request["team"])
        return Review(
            title="New app",
            kind=Kind.CHANGE,
            before={},
            after={k: v for k, v in self._request.items() if v},
            request=self._request,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the app."""
        del review
        where = f" in {self._request['team']}" if self._request["team"] else ""
        with ui.progress(f"Creating {self.app or 'app'}{where}") as line:
            self.made = self._create()
            line.done(self._done(self.made))
        self.app = self.made.name

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the app back."""
        found = apps.exists(self.api, self.app)
        yield Check(f"{self.app} is there", ok=found, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that takes the app away."""
        return f"heroku apps:destroy -a {self.app}"

    def _create(self) -> App:
        wanted = self._request
        more = {"stack": wanted["stack"], "region": wanted["region"]}
        if wanted["team"] is None:
            return apps.create(self.api, wanted["name"], **more)
        return teams.create_app(self.api, wanted["team"], wanted["name"], **more)

    def _done(self, app: App) -> str:
        parts = ["done" if self._request["name"] else f"done, {app.name}"]
        parts += [f"region is {app.region.name}"] if self._request["region"] else []
        return ", ".join([*parts, f"stack is {app.stack.name}"])


class Rename(Operation):
    """Gives an app another name, and with it another address."""

    name = "apps:rename"

    def __init__(self, api: Api, app: str, new: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._old = app
        self._new = new
        self.made: App | None = None

    def review(self) -> Review:
        """Show both names."""
        app, version = apps.reviewed(self.api, self._old)
        same = app.name == self._new
        checks.name(self.api, app.name, self._new)
        return Review(
            title=f"{app.name} name",
            rows=() if same else (Row("~", "name", app.name, self._new),),
            kind=Kind.RISKY,
            why=f"{app.web_url} stops working, and so do other people's git remotes.",
            before={"name": app.name},
            after={"name": self._new},
            request={"name": self._new},
            version=version,
            nothing="That is its name already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Rename the app."""
        with ui.progress(f"Renaming {self._old} to {self._new}"):
            self.made = apps.update(self.api, self._old, review.request, review.version)
        self.app = self.made.name

    def checks(self, review: Review) -> Iterator[Check]:
        """Look for the app under its new name, and at its new address if it serves."""
        found = apps.exists(self.api, self._new)
        yield Check(f"{self._new} is there", ok=found, seen="")
        wanted = world.quantities(self.api, self._new)
        if wanted.get("web"):
            yield world.web_answers(apps.find(self.api, self._new), self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that gives the old name back."""
        return f"heroku apps:rename {self._old} -a {self._new}"

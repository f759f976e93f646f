"""Putting add-ons on other plans, and giving them other names."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import addons, apps, databases
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import database_world
from hatoba.operations import key_values as key_value_world
from hatoba.operations.addons_create import check_plan
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.addons import Addon
from hatoba.schema.hatoba import Check


class ChangePlan(Operation):
    """Puts an add-on on another plan of its service; ``plan`` with or without the service."""

    name = "addons:upgrade"

    def __init__(
        self, api: Api, app: str, addon: str, plan: str, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = addon
        self._plan = plan

    def review(self) -> Review:
        """Show the plan that it is on. Raises UsageError for a plan of another service."""
        app, version = apps.reviewed(self.api, self.app)
        found = addons.find(self.api, app.name, self._wanted)
        service = found.addon_service.name
        plan = self._plan if ":" in self._plan else f"{service}:{self._plan}"
        if plan.partition(":")[0] != service:
            raise UsageError(f"{found.name} is of {service}, which {plan} is no plan of.")
        check_plan(self.api, plan)
        same = plan == found.plan.name
        return Review(
            title=f"{found.name} on {app.name}",
            rows=() if same else (Row("~", "plan", found.plan.name, plan),),
            kind=Kind.CHANGE,
            before={"addon": found.name, "plan": found.plan.name},
            after={"addon": found.name, "plan": plan},
            request={"addon": found.name, "plan": plan},
            version=version,
            nothing=f"{found.name} is on {plan} already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Change it."""
        name, plan = review.request["addon"], review.request["plan"]
        with ui.progress(f"Changing {name} on {self.app} from {review.before['plan']} to {plan}"):
            addons.upgrade(self.api, self.app, name, plan, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and see that it works."""
        now = addons.find(self.api, self.app, review.request["addon"])
        good = now.plan.name == review.request["plan"]
        yield Check(
            f"{now.name} is on {now.plan.name}",
            ok=good,
            seen="" if good else now.provision_message or "the other plan is yet to come",
        )
        yield from works(self.api, self.app, now, self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that puts it back."""
        before = review.before
        return f"heroku addons:downgrade {before['addon']} {before['plan']} -a {self.app}"


class RenameAddon(Operation):
    """Gives an add-on another name; config vars stay as they are."""

    name = "addons:rename"

    def __init__(
        self, api: Api, app: str, addon: str, name: str, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = addon
        self._name = name

    def review(self) -> Review:
        """Show both names."""
        app, version = apps.reviewed(self.api, self.app)
        found = addons.find(self.api, app.name, self._wanted)
        return Review(
            title=f"{found.name} on {app.name}",
            rows=(Row("~", "name", found.name, self._name),),
            kind=Kind.CHANGE,
            before={"name": found.name},
            after={"name": self._name},
            request={"addon": found.id, "name": self._name},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Rename it."""
        with ui.progress(f"Renaming {review.before['name']} to {self._name}"):
            addons.rename(self.api, self.app, review.before["name"], self._name, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Find it by its new name."""
        now = addons.find(self.api, self.app, self._name)
        yield Check(f"it is called {now.name}", ok=now.id == review.request["addon"], seen="")

    def undo(self, review: Review) -> str:
        """Return the command that gives it its name back."""
        return f"heroku addons:rename {self._name} {review.before['name']} -a {self.app}"


def works(api: Api, app: str, addon: Addon, pace: Pace) -> Iterator[Check]:
    """See that an add-on does what it is for."""
    if addon.addon_service.name == databases.SERVICE:
        for attachment in database_world.of(api, app, addon):
            yield database_world.connects(api, attachment)
    yield from key_value_world.of_created(api, addon, pace)

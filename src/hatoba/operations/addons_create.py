"""Making add-ons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hatoba.client import addons, apps, databases
from hatoba.client.api import Api
from hatoba.client.errors import ApiError
from hatoba.errors import UsageError
from hatoba.operations import database_origin, database_world
from hatoba.operations import key_values as key_value_world
from hatoba.operations.addons import (
    MADE_DEADLINE,
    attaching,
    check_alias,
    message,
    named,
    overwritten,
    replacing,
)
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.pace import Pace
from hatoba.schema.addons import Addon
from hatoba.schema.hatoba import Check


@dataclass(frozen=True)
class Order:
    """An add-on to be made; ``alias`` is the name of its attachment.

    ``replace`` says that it was agreed to beforehand that it takes the place of what is there.
    """

    plan: str
    name: str | None = None
    alias: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False

    @property
    def body(self) -> Json:
        """The order as the Platform API has it."""
        attachment = {"name": self.alias} if self.alias else {}
        given: Json = {"plan": {"name": self.plan}, "attachment": attachment}
        given["config"] = dict(self.options)
        return {**given, "name": self.name} if self.name else given


class CreateAddon(Operation):
    """Makes an add-on for an app, in the place of what has its attachment's name there."""

    name = "addons:create"

    def __init__(self, api: Api, app: str, order: Order, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._order = order
        self._replaced: databases.Attachment | None = None
        self.made: Addon | None = None

    def review(self) -> Review:
        """Show the add-ons that there are. Raises UsageError for what can't be made."""
        check_alias(self._order.alias)
        check_plan(self.api, self._order.plan)
        app, version = apps.reviewed(self.api, self.app)
        there = [a.name for a in addons.listed(self.api, app.name)]
        why = self._in_the_way(app.name)
        return Review(
            title=f"{app.name} add-ons: {len(there)}",
            rows=(self._row(),),
            kind=Kind.RISKY if why else Kind.CHANGE,
            why=why,
            before={"addons": there},
            after={"addons": [*there, self._order.name or self._order.plan]},
            request=self._order.body
            | ({"confirm": app.name} if why or self._order.replace else {}),
            version=version,
        )

    def _in_the_way(self, app: str) -> str:
        """Return what is lost to the attachment's name, or nothing."""
        alias = self._order.alias
        if alias is None:
            return ""
        self._replaced = named(addons.attachments(self.api, app), alias)
        if self._replaced:
            return replacing(self._replaced)
        why = overwritten(self.api, app, alias)
        return f"{why}: it is overwritten." if why else ""

    def _row(self) -> Row:
        named = f"as {self._order.alias}_URL" if self._order.alias else ""
        origin = database_origin.told(self._order.options)
        note = ", ".join(words for words in (named, origin) if words)
        if old := self._replaced:
            return Row("~", old.url_var, old.addon.name, self._order.plan, origin)
        return Row("+", self._order.plan, "", "", note)

    def apply(self, review: Review, ui: Ui) -> None:
        """Make it."""
        text = f"Creating {self._order.plan} on {self.app}"
        with ui.progress(text) as line:
            self.made = addons.create(self.api, self.app, review.request, review.version)
            line.done(_created(self.made))

    def checks(self, review: Review) -> Iterator[Check]:
        """Wait until it is made, connect to it, and look at the release."""
        del review
        if (made := self.made) is None:
            return
        now = self.pace.until(
            lambda: addons.found(self.api, self.app, made.name),
            lambda seen: seen is None or seen.state != "provisioning",
            MADE_DEADLINE,
        )
        if now is None:
            yield Check(f"{made.name} is provisioned", ok=False, seen="it could not be made")
            return
        good = now.state == "provisioned"
        yield Check(f"{now.name} is {now.state}", ok=good, seen="" if good else message(now))
        for attachment in database_world.of(self.api, self.app, now):
            yield database_world.connects(self.api, attachment)
        if good:
            yield from database_origin.checks(self.api, self.app, now, self._order.options)
        yield from key_value_world.of_created(self.api, now, self.pace)
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that destroys it, or attaches what had its attachment's name."""
        del review
        if self.made is None:
            return None
        if self._replaced:
            return f"{attaching(self._replaced)} --confirm {self.app}"
        return f"heroku addons:destroy {self.made.name} -a {self.app}"


def check_plan(api: Api, wanted: str) -> None:
    """Raise UsageError for a service or plan that is not offered; the plan may be left out."""
    service, _, plan = wanted.partition(":")
    try:
        offered = {one.name for one in addons.plans(api, service)}
    except ApiError as error:
        if error.status != 404:
            raise
        raise UsageError(
            f"There is no add-on service {service}. See: heroku addons:services"
        ) from error
    if plan and wanted not in offered:
        raise UsageError(f"{service} has no plan {plan}. See: heroku addons:plans {service}")


def _created(made: Addon) -> str:
    names = ", ".join(made.config_vars)
    said = message(made)
    return f"done, {made.name}{f' as {names}' if names else ''}{f'. {said}' if said else ''}"

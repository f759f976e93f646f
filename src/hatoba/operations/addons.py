"""Attaching add-ons to further apps, detaching and destroying them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hatoba.client import addons, apps, config, databases
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import database_world
from hatoba.operations import key_values as key_value_world
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.pace import Pace
from hatoba.schema.addons import Addon
from hatoba.schema.hatoba import Check

# A copy of a big database takes as long as its disk does.
MADE_DEADLINE = 600.0
# The Platform API's pattern.
_ALIAS = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


def check_alias(name: str | None) -> None:
    """Raise UsageError for what can't be the name of an attachment."""
    if name is not None and not _ALIAS.fullmatch(name):
        raise UsageError(
            f"{name} can't be the name of an attachment: it must begin with a letter, have only "
            "letters, digits and underscores, and be at most 64 long."
        )


def named(there: Sequence[databases.Attachment], alias: str | None) -> databases.Attachment | None:
    """Return the attachment of that name."""
    return next((one for one in there if one.name == alias), None)


def overwritten(api: Api, app: str, alias: str) -> str:
    """Say which config var of the app's own is in the way of an attachment's name, or nothing."""
    url = f"{alias}_URL"
    return f"{url} is a config var of {app} already" if url in config.fingerprints(api, app) else ""


def check_unused(api: Api, app: str, alias: str) -> None:
    """Raise UsageError for a name that an attachment or config var of the app has."""
    if one := named(addons.attachments(api, app), alias):
        raise UsageError(f"{alias} is the name of {one.addon.name} on {app}. Choose another.")
    if why := overwritten(api, app, alias):
        raise UsageError(f"{why}. Choose another name.")


def _fate(left: Addon) -> str:
    why = message(left) or "its provider has yet to let go"
    return f"the app has done with it, and it is {left.state}: {why} This goes on by itself."


def message(addon: Addon) -> str:
    """Return what an add-on's provider has to say, if anything."""
    return addon.provision_message or ""


class DestroyAddon(Operation):
    """Destroys an add-on; a Hatoba keeps what it held for some days."""

    name = "addons:destroy"

    def __init__(
        self, api: Api, app: str, addon: str, *, force: bool = False, wait: bool = False
    ) -> None:
        super().__init__(api, app)
        self._wanted = addon
        self._force = force
        self._wait = wait
        self._kept: Addon | None = None
        self._alias = ""

    def review(self) -> Review:
        """Show what goes, and which apps have it."""
        app, version = apps.reviewed(self.api, self.app)
        found = addons.find(self.api, app.name, self._wanted)
        there = addons.of_addon(self.api, found.id)
        made = found.addon_service.name == databases.SERVICE and found.state == "provisioned"
        trash = made and not self.api.target.is_heroku
        self._kept = found if trash else None
        self._alias = next((f"--as {a.name} " for a in there if a.app.name == app.name), "")
        names = [f"{a.app.name}::{a.url_var}" for a in there]
        return Review(
            title=f"{app.name} add-on {found.name} ({found.plan.name})",
            rows=tuple(Row("-", name, "attached", "") for name in names),
            kind=Kind.DESTRUCTIVE,
            why=self._loss(found),
            before={"addon": found.name, "plan": found.plan.name, "attachments": names},
            after={},
            request={"addon": found.name, "force": self._force},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Destroy it."""
        name = review.request["addon"]
        with ui.progress(f"Destroying {name} on {self.app}"):
            addons.destroy(self.api, self.app, name, force=self._force, version=review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look whether it is gone, and at the release without it."""
        name = review.request["addon"]
        left = self.pace.until(
            lambda: addons.found(self.api, self.app, name),
            lambda seen: seen is None,
            MADE_DEADLINE if self._wait else 0.0,
        )
        yield Check(f"{name} is gone", ok=left is None, seen=_fate(left) if left else "")
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that brings it back, where there is a trash."""
        if self._kept is None:
            return None
        return f"heroku addons:restore {self._kept.name} {self._alias}-a {self.app}"

    def _loss(self, addon: Addon) -> str:
        if self._kept is None:
            return f"{addon.name} and all its data go for good."
        return (
            f"{addon.name} and all its data go. For 7 days it can be brought back: "
            "heroku addons:restore"
        )


class AttachAddon(Operation):
    """Attaches an add-on to an app, under a name of its own."""

    name = "addons:attach"

    def __init__(
        self,
        api: Api,
        app: str,
        addon: str,
        *,
        alias: str | None = None,
        credential: str | None = None,
    ) -> None:
        super().__init__(api, app)
        self._addon = addon
        self._alias = alias
        self._credential = credential
        self._replaced: databases.Attachment | None = None
        self.made: databases.Attachment | None = None

    def review(self) -> Review:
        """Show the attachments that there are, and which one it takes the place of.

        Raises UsageError for a name that can't be, and ApiError when there is no such add-on.
        """
        check_alias(self._alias)
        app, version = apps.reviewed(self.api, self.app)
        self._addon = addons.resolve(self.api, app.name, self._addon).name
        there = addons.attachments(self.api, app.name)
        self._replaced = named(there, self._alias)
        kept = [a.url_var for a in there if a != self._replaced]
        same = self._is_so(self._replaced)
        return Review(
            title=f"{app.name} attachments: {len(there)}",
            rows=() if same else self._rows(),
            kind=Kind.RISKY if self._replaced else Kind.CHANGE,
            why=replacing(self._replaced) if self._replaced else "",
            before={"attachments": [a.url_var for a in there]},
            after={"attachments": [*kept, self._alias or self._addon]},
            request=self._body(app.name),
            version=version,
            nothing=f"{self._addon} is attached as {self._alias} already." if same else None,
        )

    def _is_so(self, there: databases.Attachment | None) -> bool:
        """Tell whether an attachment of that name is the one that is wanted."""
        wanted = self._addon, self._credential or "default"
        return there is not None and (there.addon.name, there.credential) == wanted

    def _rows(self) -> tuple[Row, ...]:
        note = self._credential or ""
        if old := self._replaced:
            return (Row("~", old.url_var, old.addon.name, self._addon, note),)
        return (Row("+", self._addon, "", self._alias or "", note),)

    def _body(self, app: str) -> Json:
        namespace = f"credential:{self._credential}" if self._credential else None
        body: Json = {"addon": {"name": self._addon}, "app": {"name": app}, "name": self._alias}
        body["namespace"] = namespace
        return {**body, "confirm": app} if self._replaced else body

    def apply(self, review: Review, ui: Ui) -> None:
        """Attach it."""
        with ui.progress(f"Attaching {self._addon} to {self.app}") as line:
            self.made = databases.attach(self.api, review.request, review.version)
            line.done(f"done, as {self.made.url_var}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Connect by the new config var, and look at the release."""
        del review
        if self.made is not None:
            yield from self._works(self.made)
        yield from on_new_release(self.api, self.app, self.pace)

    def _works(self, made: databases.Attachment) -> Iterator[Check]:
        addon = addons.find(self.api, made.addon.app.name, made.addon.name)
        if addon.addon_service.name == databases.SERVICE:
            yield database_world.connects(self.api, made)
        yield from key_value_world.of_created(self.api, addon, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that detaches it, or attaches what had its name."""
        del review
        if self._replaced:
            return f"{attaching(self._replaced)} --confirm {self.app}"
        return f"heroku addons:detach {self.made.name} -a {self.app}" if self.made else None


def replacing(old: databases.Attachment) -> str:
    """Say what is lost when another attachment takes the place of one."""
    return f"{old.url_var} will not be that of {old.addon.name} any more."


def attaching(one: databases.Attachment) -> str:
    """Return the command that makes an attachment."""
    if one.credential.startswith("connection-pooling:"):
        return (
            f"heroku pg:connection-pooling:attach {one.addon.name} --as {one.name} "
            f"-a {one.app.name}"
        )
    credential = "" if one.credential == "default" else f" --credential {one.credential}"
    return f"heroku addons:attach {one.addon.name} --as {one.name}{credential} -a {one.app.name}"


class DetachAddon(Operation):
    """Takes an add-on away from an app."""

    name = "addons:detach"

    def __init__(self, api: Api, app: str, attachment: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = attachment.upper().removesuffix("_URL")
        self._gone: databases.Attachment | None = None

    def review(self) -> Review:
        """Show which one goes. Raises UsageError when there is none of that name."""
        app, version = apps.reviewed(self.api, self.app)
        there = addons.attachments(self.api, app.name)
        gone = next((a for a in there if a.name == self._wanted), None)
        if gone is None:
            names = ", ".join(a.name for a in there) or "none"
            raise UsageError(
                f"{app.name} has no attachment {self._wanted}. Its attachments: {names}."
            )
        self._gone = gone
        return Review(
            title=f"{app.name} attachments: {len(there)}",
            rows=(Row("-", gone.url_var, gone.addon.name, ""),),
            kind=Kind.RISKY,
            why=f"{gone.url_var} will be unset and {app.name} restarted.",
            before={"attachments": [a.url_var for a in there]},
            after={"attachments": [a.url_var for a in there if a.id != gone.id]},
            request={"attachment": gone.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Detach it."""
        with ui.progress(f"Detaching {self._wanted} from {self.app}"):
            addons.detach(self.api, review.request["attachment"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back, and look at the release."""
        left = {a.id for a in addons.attachments(self.api, self.app)}
        yield Check("detached", ok=review.request["attachment"] not in left, seen="")
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that attaches it again."""
        del review
        return attaching(self._gone) if self._gone else None

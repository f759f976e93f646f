"""Changing key-value stores: settings, passwords, which one REDIS_URL is."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from hatoba.client import addons, apps, databases, key_values
from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.config import on_new_release
from hatoba.operations.pace import Pace
from hatoba.schema.addons import Addon
from hatoba.schema.hatoba import Check
from hatoba.schema.key_values import Settings

_ANSWER_DEADLINE = 30.0


def answers(api: Api, addon: Addon, pace: Pace) -> Check:
    """Check that a store answers by the password that apps have."""
    found = pace.until(
        lambda: key_values.waiting(api, addon.id),
        lambda seen: not seen.waiting,
        _ANSWER_DEADLINE,
    )
    good = not found.waiting
    return Check(f"{addon.name} answers", ok=good, seen="" if good else found.message)


# By what option of its command each setting is given.
_OPTIONS = {
    "maxmemory_policy": "--policy",
    "timeout": "--seconds",
    "notify_keyspace_events": "--config",
}


class KeyValueOperation(Operation):
    """A change of one store, named or the app's only one."""

    def __init__(self, api: Api, app: str, wanted: str | None, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self.addon = key_values.pick(api, app, wanted)

    def look(self) -> str:
        """Return the command that shows the store."""
        return f"heroku redis:info {self.addon.name} -a {self.app}"


class Configure(KeyValueOperation):
    """Changes one setting of a store."""

    def __init__(
        self,
        api: Api,
        app: str,
        wanted: str | None,
        setting: tuple[str, str | int],
        *,
        command: str,
    ) -> None:
        super().__init__(api, app, wanted)
        self.name = command
        self._setting, self._value = setting

    def review(self) -> Review:
        """Show what is set now."""
        version = apps.reviewed(self.api, self.app)[1]
        now = self._now(key_values.settings(self.api, self.addon.id))
        same = now == self._value
        before, after = str(now), str(self._value)
        return Review(
            title=f"{self.addon.name} on {self.app}",
            rows=() if same else (Row("~", self._setting, before or "off", after or "off"),),
            kind=Kind.CHANGE,
            before={self._setting: now},
            after={self._setting: self._value},
            request={self._setting: self._value},
            version=version,
            nothing=f"{self._setting} is {before or 'off'} already." if same else None,
        )

    def _now(self, found: Settings) -> object:
        return getattr(found, self._setting)["value"]

    def apply(self, review: Review, ui: Ui) -> None:
        """Set it."""
        with ui.progress(f"Setting {self._setting} of {self.addon.name}"):
            key_values.configure(self.api, self.addon.id, review.request, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        now = self._now(key_values.settings(self.api, self.addon.id))
        yield Check(f"{self._setting} is {now or 'off'}", ok=now == self._value, seen="")
        yield answers(self.api, self.addon, self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that sets what was set before."""
        option = f"{_OPTIONS[self._setting]} {quote(str(review.before[self._setting]))}"
        return f"heroku {self.name} {self.addon.name} {option} -a {self.app}"


class Rotate(KeyValueOperation):
    """Gives a store another password, and every app that has it the new URL."""

    name = "redis:credentials:reset"

    def __init__(self, api: Api, app: str, wanted: str | None) -> None:
        super().__init__(api, app, wanted)
        self._before = ""

    def review(self) -> Review:
        """Show which config vars change."""
        version = apps.reviewed(self.api, self.app)[1]
        self._before = key_values.info(self.api, self.addon.id).resource_url or ""
        there = addons.of_addon(self.api, self.addon.id)
        names = [f"{a.app.name}::{a.url_var}" for a in there]
        return Review(
            title=f"{self.addon.name} on {self.app}",
            rows=tuple(Row("~", name, "••••", "••••", "new password") for name in names),
            kind=Kind.RISKY,
            why="Every session ends, and whoever has the old password by other means than the "
            "config var is shut out.",
            before={"config_vars": names},
            after={"config_vars": names},
            request={"addon": self.addon.name},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Rotate it."""
        with ui.progress(f"Resetting credentials for {self.addon.name}"):
            key_values.rotate(self.api, self.addon.id, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that the URL is another one and the store answers by it."""
        del review
        now = key_values.info(self.api, self.addon.id).resource_url or ""
        yield Check("the password is another one", ok=now != self._before, seen="")
        yield answers(self.api, self.addon, self.pace)
        yield from on_new_release(self.api, self.app, self.pace)


class Promote(KeyValueOperation):
    """Makes a store the one behind REDIS_URL, or behind another attachment's."""

    name = "redis:promote"
    attachment = "REDIS"

    @property
    def _var(self) -> str:
        return f"{self.attachment}_URL"

    def review(self) -> Review:
        """Show which store is behind it now."""
        version = apps.reviewed(self.api, self.app)[1]
        there = addons.attachments(self.api, self.app)
        now = next((a for a in there if a.name == self.attachment), None)
        before = now.addon.name if now else ""
        others = [a for a in there if now and a.addon.id == now.addon.id and a is not now]
        same = before == self.addon.name
        return Review(
            title=f"{self.app} {self._var}",
            rows=() if same else (Row("~", self._var, before, self.addon.name),),
            kind=Kind.RISKY,
            why=f"{self.app} is restarted with another key-value store.",
            before={self._var: before},
            after={self._var: self.addon.name},
            request={
                "addon": self.addon.name,
                "name": self.attachment,
                "keep": before if before and not others else None,
            },
            version=version,
            nothing=f"{self.addon.name} is behind {self._var} already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Give the present one another name first, so that it is not lost, then promote."""
        wanted, version = review.request, review.version
        body: Json = {"app": self.app, "confirm": self.app}
        if wanted["keep"]:
            with ui.progress(f"Ensuring an alternate alias for {wanted['keep']}") as line:
                kept = {**body, "addon": wanted["keep"]}
                line.done(databases.attach(self.api, kept, version).url_var)
            version = None
        with ui.progress(f"Promoting {wanted['addon']} to {self._var} on {self.app}"):
            promoted = {**body, "addon": wanted["addon"], "name": wanted["name"]}
            databases.attach(self.api, promoted, version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and look at the release."""
        there = {a.name: a.addon.name for a in addons.attachments(self.api, self.app)}
        now = there.get(self.attachment, "nothing")
        yield Check(f"{self._var} is {now}", ok=now == review.request["addon"], seen="")
        yield answers(self.api, self.addon, self.pace)
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that promotes the other one again, or takes a new name away."""
        before, own = review.before[self._var], self.attachment == Promote.attachment
        if not before:
            return None if own else f"heroku addons:detach {self.attachment} -a {self.app}"
        named = "" if own else f" --as {self.attachment}"
        return f"heroku redis:promote {before}{named} -a {self.app}"


class ResetStatistics(KeyValueOperation):
    """Has a store count anew."""

    name = "redis:stats-reset"

    def review(self) -> Review:
        """Say which one."""
        return Review(
            title=f"{self.addon.name} on {self.app}",
            rows=(Row("-", "statistics", "", ""),),
            kind=Kind.RISKY,
            why="What the store has counted so far is lost.",
            before={},
            after={},
            request={"addon": self.addon.name},
            version=apps.reviewed(self.api, self.app)[1],
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Reset it."""
        with ui.progress(f"Resetting stats on {review.request['addon']}"):
            key_values.reset_statistics(self.api, self.addon.id)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that it answers."""
        del review
        yield answers(self.api, self.addon, self.pace)


class Upgrade(KeyValueOperation):
    """Has a store run a newer version, with what it holds."""

    name = "redis:upgrade"

    def __init__(self, api: Api, app: str, wanted: str | None, version: str) -> None:
        super().__init__(api, app, wanted)
        self._wanted = version

    def review(self) -> Review:
        """Show which version it runs now."""
        version = apps.reviewed(self.api, self.app)[1]
        now = key_values.info(self.api, self.addon.id).version
        there = f"{now}.".startswith(f"{self._wanted}.")
        return Review(
            title=f"{self.addon.name} on {self.app}",
            rows=() if there else (Row("~", "version", now, self._wanted),),
            kind=Kind.RISKY,
            why="Its clients are cut off while it restarts. This can't be undone.",
            before={"version": now},
            after={"version": self._wanted},
            request={"addon": self.addon.name, "version": self._wanted},
            version=version,
            nothing=f"{self.addon.name} runs Valkey {now} already." if there else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Upgrade it."""
        text = f"Requesting upgrade of {self.addon.name} to {self._wanted}"
        with ui.progress(text) as line:
            done = key_values.upgrade(self.api, self.addon.id, self._wanted, review.version)
            line.done(done.message)

    def checks(self, review: Review) -> Iterator[Check]:
        """Ask it which version it runs."""
        del review
        now = key_values.info(self.api, self.addon.id).version
        yield Check(f"it runs Valkey {now}", ok=f"{now}.".startswith(f"{self._wanted}."), seen="")
        yield answers(self.api, self.addon, self.pace)


def of_created(api: Api, made: Addon, pace: Pace) -> Iterator[Check]:
    """Check a new add-on if it is a key-value store."""
    if made.addon_service.name != key_values.SERVICE:
        return
    try:
        yield answers(api, made, pace)
    except (ApiError, ClientError) as error:
        yield Check(f"{made.name} answers", ok=False, seen=error.message)

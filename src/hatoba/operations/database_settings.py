"""Changing a setting of a database's server."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import database_settings
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import database_world
from hatoba.operations.base import Kind, Review, Row, Ui
from hatoba.operations.databases import DatabaseOperation
from hatoba.schema.databases import Setting
from hatoba.schema.hatoba import Check

Value = str | bool | int
# What the server calls by another name: it has a library loaded, or it doesn't.
_LIBRARY = "auto_explain"
_SWITCH = {"on": True, "true": True, "off": False, "false": False}


class ChangeSetting(DatabaseOperation):
    """Puts a setting in force, at once and without a restart."""

    def __init__(
        self, api: Api, app: str, database: str | None, setting: str, value: str, *, command: str
    ) -> None:
        super().__init__(api, app, database)
        self.name = command
        self._setting, self._given = setting, value

    def review(self) -> Review:
        """Show what is set now. Raises UsageError for what is no value of it."""
        found, version = self.resolve()
        now = database_settings.listed(self.api, found.addon.id)[self._setting]
        wanted = parsed(self._given, now)
        before, after = shown(now.value), shown(wanted)
        return Review(
            title=f"{found.addon.name} on {self.app}",
            rows=(Row("~", _dashed(self._setting), before, after),),
            kind=Kind.CHANGE,
            before={self._setting: now.value},
            after={self._setting: wanted},
            request={"database": found.addon.id, "setting": {self._setting: wanted}},
            version=version,
            nothing=f"{_dashed(self._setting)} is {after} already." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set it."""
        wanted = review.request
        with ui.progress(f"Setting {_dashed(self._setting)} of {self.database.addon.name}"):
            database_settings.change(
                self.api, wanted["database"], wanted["setting"], review.version
            )

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and ask the server itself in a session of the app's."""
        wanted = review.after[self._setting]
        now = database_settings.listed(self.api, review.request["database"])[self._setting]
        yield Check(f"read back: {shown(now.value)}", ok=now.value == wanted, seen="")
        if self._setting != _LIBRARY and not self._setting.startswith(f"{_LIBRARY}."):
            yield database_world.in_force(self.api, self.database, self._setting, shown(wanted))

    def undo(self, review: Review) -> str:
        """Return the command that sets what was set before."""
        before = shown(review.before[self._setting])
        return f"heroku {self.name} {self.database.name} {before} -a {self.app}"


def parsed(text: str, setting: Setting) -> Value:
    """Return what somebody typed as a value of the setting. Raises UsageError; pure."""
    default = setting.default
    if isinstance(default, bool):
        if (switch := _SWITCH.get(text.lower())) is None:
            raise UsageError(f"{text} is neither on nor off.")
        return switch
    if isinstance(default, int):
        if not text.removeprefix("-").isdecimal():
            raise UsageError(f"{text} is not a whole number of milliseconds.")
        return int(text)
    if text not in setting.values:
        raise UsageError(f"{text} is none of: {', '.join(setting.values)}.")
    return text


def shown(value: Value | None) -> str:
    """Return a value as people type it; pure."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _dashed(setting: str) -> str:
    return setting.replace("_", "-")

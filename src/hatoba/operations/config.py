"""Setting and unsetting config vars. Values are compared by fingerprint, never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatoba.client import apps, checks, config, releases
from hatoba.client.api import Api
from hatoba.client.config import mark
from hatoba.kit.text import listing
from hatoba.operations import world
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check


class SetConfig(Operation):
    """Sets config vars; a value that is there already with the same content is left alone."""

    name = "config:set"

    def __init__(
        self,
        api: Api,
        app: str,
        values: Mapping[str, str],
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._values = dict(values)
        self._wanted: dict[str, str] = {}
        self._release: int | None = None

    def review(self) -> Review:
        """Show names with fingerprints from what to what."""
        _, version = apps.reviewed(self.api, self.app)
        self._release = _current(self.api, self.app)
        checks.config_vars(self.api, self.app, self._values)
        now = config.fingerprints(self.api, self.app)
        self._wanted = config.expected(self.api, self.app, self._values)
        overwritten = [n for n, digits in self._wanted.items() if now.get(n, digits) != digits]
        changed = [n for n, digits in self._wanted.items() if now.get(n) != digits]
        return Review(
            title=_title(self.app, self._release),
            rows=tuple(_set_row(n, now.get(n), digits) for n, digits in self._wanted.items()),
            kind=Kind.RISKY if overwritten else Kind.CHANGE,
            why=_overwrites(overwritten),
            before=_marks(now, self._wanted),
            after={n: mark(digits) for n, digits in self._wanted.items()},
            request={"values": self._values},
            version=version,
            nothing=None if changed else "Nothing to change: every value is already so.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Set all of them in one release."""
        text = f"Setting {', '.join(self._values)} and restarting {self.app}"
        with ui.progress(text) as line:
            config.change(self.api, self.app, self._values, review.version)
            line.done(_done(self.api, self.app))

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the fingerprints back, then look at the release and its dynos."""
        now = config.fingerprints(self.api, self.app)
        wrong = [n for n, digits in self._wanted.items() if now.get(n) != digits]
        yield Check("read back: all as given", not wrong, f"not {listing(wrong)}" if wrong else "")
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to the release before."""
        del review
        return _undo(self.app, self._release)


class UnsetConfig(Operation):
    """Unsets config vars."""

    name = "config:unset"

    def __init__(
        self, api: Api, app: str, names: tuple[str, ...], *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._names = names
        self._release: int | None = None

    def review(self) -> Review:
        """Show which names go away."""
        _, version = apps.reviewed(self.api, self.app)
        self._release = _current(self.api, self.app)
        now = config.fingerprints(self.api, self.app)
        there = [n for n in self._names if n in now]
        checks.config_vars(self.api, self.app, dict.fromkeys(there))
        return Review(
            title=_title(self.app, self._release),
            rows=tuple(Row("-", n, mark(now[n]), "") for n in there),
            kind=Kind.RISKY,
            why=f"{listing(there)} will be removed.",
            before=_marks(now, self._names),
            after={},
            request={"names": list(there)},
            version=version,
            nothing=None if there else f"Nothing to change: {listing(self._names)} is not set.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Unset all of them in one release."""
        names = review.request["names"]
        with ui.progress(f"Unsetting {', '.join(names)} and restarting {self.app}") as line:
            config.change(self.api, self.app, dict.fromkeys(names), review.version)
            line.done(_done(self.api, self.app))

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the names back, then look at the release and its dynos."""
        now = config.fingerprints(self.api, self.app)
        left = [n for n in self._names if n in now]
        text = f"read back: {listing(self._names)} not set"
        yield Check(text, not left, f"still set: {listing(left)}" if left else "")
        yield from on_new_release(self.api, self.app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to the release before."""
        del review
        return _undo(self.app, self._release)


def on_new_release(api: Api, app: str, pace: Pace) -> Iterator[Check]:
    """Check that the newest release is current and every wanted dyno runs it."""
    newest = next(iter(releases.latest(api, app, 1)), None)
    if newest is None:
        return
    current = world.release_current(api, app, newest.version, pace)
    yield current
    if not current.ok:
        return
    expected = world.Expected(world.quantities(api, app), release=newest.version)
    if expected.quantities:
        yield from world.running(api, apps.find(api, app), expected, pace)


def _current(api: Api, app: str) -> int | None:
    release = releases.current(api, app)
    return release.version if release else None


def _title(app: str, version: int | None) -> str:
    return f"{app} config vars{f' (release v{version})' if version else ''}"


def _set_row(name: str, before: str | None, after: str) -> Row:
    if before is None:
        return Row("+", name, "", mark(after))
    return Row(" " if before == after else "~", name, mark(before), mark(after))


def _overwrites(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} exists and will be overwritten."
    return f"{listing(names)} exist and will be overwritten." if names else ""


def _marks(now: Mapping[str, str], names: Mapping[str, str] | tuple[str, ...]) -> Json:
    return {n: mark(now[n]) for n in names if n in now}


def _done(api: Api, app: str) -> str:
    newest = next(iter(releases.latest(api, app, 1)), None)
    return f"done, v{newest.version}" if newest else "done"


def _undo(app: str, version: int | None) -> str | None:
    return f"heroku rollback v{version} -a {app}" if version else None

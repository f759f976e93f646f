"""Rolling back to an earlier release."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import addons, apps, config, releases
from hatoba.client.api import Api
from hatoba.client.config import mark
from hatoba.client.errors import ClientError
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Release


class Rollback(Operation):
    """Makes a new release of an old one's code and config vars."""

    name = "rollback"

    def __init__(
        self, api: Api, app: str, identity: str | None, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._identity = identity
        self._before: int | None = None
        self._made: int | None = None

    def review(self) -> Review:
        """Show both releases and how their config vars differ."""
        _, version = apps.reviewed(self.api, self.app)
        current = releases.current(self.api, self.app)
        target = self._target(current)
        self._before = current.version if current else None
        same = current is not None and current.id == target.id
        return Review(
            title=f"{self.app} release",
            rows=(self._row(current, target), *self._config(current, target)),
            kind=Kind.RISKY,
            why=f"Code and config vars of v{target.version} replace what runs now.",
            before={"release": _words(current)},
            after={"release": _words(target)},
            request={"release": target.id},
            version=version,
            nothing=f"v{target.version} is what runs already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the release."""
        with ui.progress(f"Rolling back {self.app} to {review.after['release']}") as line:
            made = releases.rollback(self.api, self.app, review.request["release"], review.version)
            self._made = made.version
            line.done(f"done, v{made.version}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the new release, its dynos and the app."""
        version = self._made or self._before
        if version is None:
            return
        current = world.release_current(self.api, self.app, version, self.pace)
        yield current
        if current.ok:
            expected = world.Expected(world.quantities(self.api, self.app), release=version)
            app = apps.find(self.api, self.app)
            yield from world.running(self.api, app, expected, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to what ran before."""
        return f"heroku rollback v{self._before} -a {self.app}" if self._before else None

    def look(self) -> str:
        """Return the command that shows the release command's output."""
        return f"heroku releases:output -a {self.app}"

    def _target(self, current: Release | None) -> Release:
        if self._identity:
            return releases.find(self.api, self.app, self._identity)
        newest = current.version if current else 0
        earlier = [
            r
            for r in releases.latest(self.api, self.app, 50)
            if r.eligible_for_rollback and r.version < newest
        ]
        if not earlier:
            raise ClientError(f"No eligible release found for {self.app} to roll back to.")
        return earlier[0]

    def _row(self, current: Release | None, target: Release) -> Row:
        return Row("~", "release", _words(current), _words(target))

    def _config(self, current: Release | None, target: Release) -> Iterator[Row]:
        """Give the config vars that the rollback changes, by fingerprint."""
        if current is None:
            return
        now = config.of_release(self.api, self.app, str(current.version))
        then = config.of_release(self.api, self.app, str(target.version))
        # Add-ons keep the config vars that they have today.
        kept = {name for one in addons.attachments(self.api, self.app) for name in one.config_vars}
        for name in sorted((now.keys() | then.keys()) - kept):
            before, after = now.get(name), then.get(name)
            if before != after:
                sign = "+" if before is None else "-" if after is None else "~"
                yield Row(sign, name, _marked(before), _marked(after))


def _words(release: Release | None) -> str:
    return f"v{release.version} ({release.description})" if release else "none"


def _marked(digits: str | None) -> str:
    return "" if digits is None else mark(digits)

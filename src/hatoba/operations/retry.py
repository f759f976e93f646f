"""Trying the newest release again: its release command, then its dynos."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hatoba.client import apps, releases, streams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Release

RELEASE_TYPE = "release"


class Retry(Operation):
    """Makes a release of the newest one's code again, so that its release command runs again."""

    name = "releases:retry"

    def __init__(
        self, api: Api, app: str, show: Callable[[bytes], None], *, pace: Pace | None = None
    ) -> None:
        """``show`` is given the release command's output as it comes."""
        super().__init__(api, app, pace=pace)
        self._show = show
        self._newest: Release | None = None
        self._made: Release | None = None

    def review(self) -> Review:
        """Show what is tried again. Raises ClientError where there is nothing to try."""
        _, version = apps.reviewed(self.api, self.app)
        newest = self._newest = releases.find_or_latest(self.api, self.app, None)
        if newest is None or newest.slug is None:
            raise ClientError(f"No release with code found for {self.app}. See: heroku releases")
        slug = releases.slug(self.api, self.app, newest.slug.id)
        if RELEASE_TYPE not in slug.process_types:
            raise ClientError(
                "App must have a release-phase command to use this command. "
                "Add a line release: COMMAND to the Procfile."
            )
        return Review(
            title=f"{self.app} release",
            rows=(Row("~", f"v{newest.version}", newest.status, "tried again"),),
            kind=Kind.RISKY,
            why="The release command runs again, and the dynos are replaced when it succeeds.",
            before={"release": newest.version, "status": newest.status},
            after={"retry": newest.version},
            request={"slug": newest.slug.id, "release": newest.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the release and show its command's output."""
        assert self._newest is not None  # noqa: S101 reviewed before
        text = f"Retry of v{self._newest.version}: {self._newest.description}"
        with ui.progress(f"Retrying v{self._newest.version} on {self.app}") as line:
            made = releases.create(self.api, self.app, review.request["slug"], text, review.version)
            self._made = made
            line.done(f"done, v{made.version}")
        if made.output_stream_url:
            ui.say("Running release command...")
            for piece in streams.release_output(self.api, made.output_stream_url):
                self._show(piece)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the new release and its dynos."""
        if self._made is None:
            return
        version = self._made.version
        current = world.release_current(self.api, self.app, version, self.pace)
        yield current
        if current.ok:
            expected = world.Expected(world.quantities(self.api, self.app), release=version)
            yield from world.running(self.api, apps.find(self.api, self.app), expected, self.pace)

    def look(self) -> str:
        """Return the command that shows the release command's output."""
        return f"heroku releases:output -a {self.app}"

"""Building from an archive, stopping a build, dropping what builds keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hatoba.client import apps, builds, releases, streams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Build

PENDING = "pending"


class BuildArchive(Operation):
    """Builds an archive, a file here or a URL, and releases it: as a push does."""

    name = "builds:create"

    def __init__(
        self,
        api: Api,
        app: str,
        archive: Path | str,
        show: Callable[[bytes], None],
        *,
        version: str | None = None,
        pace: Pace | None = None,
    ) -> None:
        """``show`` is given the build's output as it comes; ``version`` names the source."""
        super().__init__(api, app, pace=pace)
        self._archive = archive
        self._show = show
        self._version = version
        self._made: Build | None = None
        self._before: int | None = None

    def review(self) -> Review:
        """Show what is built in place of what."""
        _, version = apps.reviewed(self.api, self.app)
        current = releases.current(self.api, self.app)
        self._before = current.version if current else None
        before = f"v{current.version} ({current.description})" if current else "nothing"
        after = self._version or "a build of this source"
        return Review(
            title=f"{self.app} build",
            rows=(Row("~", "code", before, after),),
            kind=Kind.CHANGE,
            before={"release": before},
            after={"source": str(self._archive), "version": self._version},
            request={"source": str(self._archive), "version": self._version},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Upload, build and show the output to its end. Raises ClientError for a failed build."""
        url = self._uploaded(ui) if isinstance(self._archive, Path) else self._archive
        made = builds.create(self.api, self.app, url, self._version, review.version)
        for piece in streams.output(self.api, made.output_stream_url):
            self._show(piece)
        ended = self.pace.until(
            lambda: builds.find(self.api, self.app, made.id),
            lambda build: build.status != PENDING,
            world.DYNOS_DEADLINE,
        )
        if ended.status != "succeeded":
            raise ClientError(
                f"The build {ended.status}; {self.app} runs on as before. "
                f"Its output: heroku builds:output {made.id} -a {self.app}"
            )
        self._made = ended

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the new release, its dynos and the app."""
        if self._made is None or self._made.release is None:
            yield Check("the build made a release", ok=False, seen="none")
            return
        release = releases.find(self.api, self.app, self._made.release.id)
        current = world.release_current(self.api, self.app, release.version, self.pace)
        yield current
        if current.ok:
            wanted = world.quantities(self.api, self.app)
            expected = world.Expected(wanted, release=release.version)
            yield from world.running(self.api, apps.find(self.api, self.app), expected, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to what ran before."""
        return f"heroku rollback v{self._before} -a {self.app}" if self._before else None

    def _uploaded(self, ui: Ui) -> str:
        assert isinstance(self._archive, Path)  # noqa: S101 asked before
        with ui.progress("Uploading source"):
            return builds.upload(self.api, self.app, self._archive)


class CancelBuild(Operation):
    """Stops a build that is under way."""

    name = "builds:cancel"

    def __init__(self, api: Api, app: str, build_id: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._build_id = build_id

    def review(self) -> Review:
        """Show which build is stopped."""
        _, version = apps.reviewed(self.api, self.app)
        found = builds.find(self.api, self.app, self._build_id)
        ended = found.status != PENDING
        return Review(
            title=f"{self.app} build",
            rows=(Row("-", found.id, found.status, "canceled"),),
            kind=Kind.RISKY,
            why="The build is interrupted; nothing of it is released.",
            before={"status": found.status},
            after={"status": "canceled"},
            request={"build": found.id},
            version=version,
            nothing=f"The build has {found.status} already." if ended else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Stop it."""
        with ui.progress(f"Stopping build {self._build_id} on {self.app}"):
            builds.cancel(self.api, self.app, self._build_id)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look whether it has ended without a release."""
        if review.nothing:
            return
        ended = self.pace.until(
            lambda: builds.find(self.api, self.app, self._build_id),
            lambda build: build.status != PENDING,
            world.DYNOS_DEADLINE,
        )
        ok = ended.release is None and ended.status != PENDING
        seen = "" if ok else f"it is {ended.status}"
        yield Check("the build has ended without a release", ok, seen)


class DropBuildCache(Operation):
    """Drops what earlier builds kept for later ones."""

    name = "builds:cache:purge"

    def review(self) -> Review:
        """Show what the next build will do without."""
        _, version = apps.reviewed(self.api, self.app)
        return Review(
            title=f"{self.app} build cache",
            rows=(Row("-", "cache", "kept", "empty"),),
            kind=Kind.RISKY,
            why="The next build fetches every dependency anew.",
            before={"cache": "kept"},
            after={"cache": "empty"},
            request={},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Drop it."""
        with ui.progress(f"Purging the build cache of {self.app}"):
            builds.drop_cache(self.api, self.app)

    def checks(self, review: Review) -> Iterator[Check]:
        """Nothing of a cache can be seen from outside."""
        return iter(())

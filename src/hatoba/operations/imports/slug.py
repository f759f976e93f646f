"""Code that is in no git: the slug that runs there is taken over as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hatoba.client import apps, images, releases, slugs
from hatoba.client.api import Api
from hatoba.client.errors import ApiError
from hatoba.kit.text import size as as_text
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.consent import Consent
from hatoba.operations.imports.source import SourceApp
from hatoba.operations.imports.steps import State, Step
from hatoba.operations.perform import perform
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Slug


@dataclass(frozen=True)
class SlugCode:
    """The way of an app's code by its current slug."""

    there: Api
    here: Api

    def step(self, source: SourceApp, app: str) -> Step:
        """Look at both current slugs; one that was taken over before is told by its release."""
        what = f"code of {source.name}"
        found = self._current(source.name)
        if found is None:
            return Step(
                what,
                State.NO_COUNTERPART,
                "is in that platform's git neither, nor in a slug that you may fetch: "
                "push it yourself: git push heroku main",
            )
        note = f"slug {found.id[:8]} of {found.stack.name}, {as_text(found.size or 0)}"
        if self._taken(app, found):
            return Step(what, State.THERE, note)
        given = Consent(yes=True, confirm=app)
        return Step(
            what,
            State.TO_DO,
            note,
            lambda ui: perform(TakeSlug(self.there, self.here, app, found), ui, given).verified,
        )

    def _current(self, name: str) -> Slug | None:
        """Return the slug that runs there, None where there is none or it may not be seen."""
        try:
            release = releases.current(self.there, name)
            if release is None or release.slug is None:
                return None
            found = releases.slug(self.there, name, release.slug.id)
        except ApiError as error:
            if error.status in (403, 404):
                return None
            raise
        # A slug of images has no archive.
        return found if found.stack.name != images.STACK else None

    def _taken(self, app: str, found: Slug) -> bool:
        try:
            latest = releases.latest(self.here, app, 200)
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        running = next((one.slug for one in latest if one.current), None)
        before = [one.slug for one in latest if one.description == description(found)]
        return running is not None and running in before


def description(found: Slug) -> str:
    """Return how the release of a slug from elsewhere is described."""
    return f"Import slug {found.id[:8]}"


class TakeSlug(Operation):
    """Fetches a slug from one platform, and releases it on another."""

    name = "import"

    def __init__(self, there: Api, here: Api, app: str, slug: Slug) -> None:
        super().__init__(here, app)
        self._there = there
        self._slug = slug
        self._before: int | None = None
        self._made: int | None = None

    def review(self) -> Review:
        """Show what runs in place of what."""
        _, version = apps.reviewed(self.api, self.app)
        current = releases.current(self.api, self.app)
        self._before = current.version if current else None
        before = f"v{current.version} ({current.description})" if current else "nothing"
        after = f"slug {self._slug.id[:8]} of {self._there.target.api_url}"
        return Review(
            title=f"{self.app} code",
            rows=(Row("~", "code", before, after),),
            kind=Kind.RISKY,
            why=f"It replaces what runs as {self.app}.",
            before={"release": before},
            after={"slug": self._slug.id, "from": self._there.target.api_url},
            request={"slug": self._slug.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Fetch it, put it here and release it."""
        with tempfile.TemporaryDirectory(prefix="hatoba-import-") as folder:
            archive = Path(folder) / "slug.tgz"
            with ui.progress(f"Fetching slug {self._slug.id[:8]}"):
                slugs.fetch(self._there, self._slug, archive)
            with ui.progress(f"Putting it to {self.app}"):
                made = slugs.create(
                    self.api,
                    self.app,
                    self._slug.process_types,
                    commit=self._slug.commit,
                    description=self._slug.buildpack_provided_description,
                )
                slugs.put(self.api, made, archive)
        with ui.progress(f"Releasing it on {self.app}") as line:
            text = description(self._slug)
            release = releases.create(self.api, self.app, made.id, text, review.version)
            self._made = release.version
            line.done(f"done, v{release.version}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the new release, its dynos and the app."""
        if self._made is None:
            return
        current = world.release_current(self.api, self.app, self._made, self.pace)
        yield current
        if current.ok:
            expected = world.Expected(world.quantities(self.api, self.app), release=self._made)
            yield from world.running(self.api, apps.find(self.api, self.app), expected, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that goes back to what ran before."""
        return f"heroku rollback v{self._before} -a {self.app}" if self._before else None

"""Promoting what an app runs to other apps of its pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hatoba.client import apps, pipelines, releases
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations import world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.operations.pipelines import coupled
from hatoba.schema.hatoba import Check
from hatoba.schema.pipelines import Coupling
from hatoba.schema.platform import App, Release, Slug

# In the order in which the official command line shows them.
_ORDER = ("development", "review", "staging", "production")
# What comes after review is staging, as at Heroku.
_NEXT = {"review": "staging", "development": "staging", "staging": "production"}


@dataclass(frozen=True)
class Member:
    """An app with what it runs; ``slug`` is None for one without code.

    ``version`` is that of the state that was looked at, where it matters and the platform has any.
    """

    app: App
    stage: str
    release: Release | None
    slug: Slug | None
    version: int | None = None

    @property
    def words(self) -> str:
        """Say what it runs: ``v12 1a2b3c4d``."""
        if self.release is None or self.slug is None:
            return "no code"
        return f"v{self.release.version} {_short(self.slug)}"

    def runs(self, slug: Slug | None) -> bool:
        """Tell whether it runs the same code."""
        return self.slug is not None and slug is not None and _content(self.slug) == _content(slug)


def member(api: Api, app: App, stage: str) -> Member:
    """Look what an app runs."""
    release = releases.current(api, app.name)
    slug = None
    if release is not None and release.slug is not None:
        slug = pipelines.slug(api, app.name, release.slug.id)
    return Member(app, stage, release, slug)


def downstream(api: Api, source: Coupling, name: str) -> list[Member]:
    """Return the apps at the stage after an app's. Raises UsageError when there is none."""
    following = _NEXT.get(source.stage)
    if following is None:
        raise UsageError(f"Cannot promote {name} from '{source.stage}' stage")
    found = [one for one in members(api, source.pipeline.id) if one.stage == following]
    if not found:
        raise UsageError(
            f"Cannot promote from {name} as there are no downstream apps in {following} stage"
        )
    return found


def following(there: Sequence[Member], source: Member) -> list[Member]:
    """Return the apps at the stage after one's, none for one at the last."""
    return [one for one in there if one.stage == _NEXT.get(source.stage)]


def members(api: Api, pipeline_id: str) -> list[Member]:
    """Return the apps of a pipeline that the account may see, in the order of their stages."""
    there = pipelines.couplings(api, pipeline_id)
    seen = pipelines.apps_of(api, there)
    found = [member(api, seen[one.app.id], one.stage) for one in there if one.app.id in seen]
    return sorted(found, key=lambda one: (_rank(one.stage), one.app.name))


def _rank(stage: str) -> int:
    return _ORDER.index(stage) if stage in _ORDER else -1


class Promote(Operation):
    """Releases an app's slug on other apps of its pipeline, each with its own config vars.

    ``to`` are names or ids of apps; without any they are those of the next stage.
    """

    name = "pipelines:promote"

    def __init__(
        self, api: Api, app: str, to: Sequence[str] = (), *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._to = to
        self._source: Member | None = None
        self._targets: list[Member] = []
        self._versions: dict[str, int] = {}

    def review(self) -> Review:
        """Show what runs where, and what will."""
        app, version = apps.reviewed(self.api, self.app)
        place = coupled(self.api, self.app)
        source = self._source = member(self.api, app, place.stage)
        if source.slug is None:
            raise ClientError(
                f"{app.name} has nothing to promote: no code was deployed to it. "
                "Deploy it: git push heroku main"
            )
        self._targets = [self._looked_at(one) for one in self._chosen(place, app)]
        rows = [Row("~", one.app.name, one.words, _short(source.slug)) for one in self._targets]
        names = [one.app.name for one in self._targets]
        same = all(one.runs(source.slug) for one in self._targets)
        return Review(
            title=f"{app.name} ({place.stage} of {place.pipeline.name}) runs {source.words}.",
            rows=() if same else tuple(rows),
            kind=Kind.RISKY,
            why=f"The code of {app.name} replaces that of {' and '.join(names)}.",
            before={one.app.name: one.words for one in self._targets},
            after={name: _short(source.slug) for name in names},
            request={
                "pipeline": place.pipeline.id,
                "source": app.id,
                "targets": {one.app.id: one.version for one in self._targets},
            },
            version=version,
            nothing="All of them run that already." if same else None,
        )

    def _looked_at(self, one: Member) -> Member:
        """Look at a target again, at its state's version first: that is what is reviewed."""
        app, version = apps.reviewed(self.api, one.app.name)
        return replace(member(self.api, app, one.stage), version=version)

    def _chosen(self, place: Coupling, app: App) -> list[Member]:
        if not self._to:
            return downstream(self.api, place, app.name)
        there = members(self.api, place.pipeline.id)
        by_name = {key: one for one in there for key in (one.app.name, one.app.id)}
        for name in self._to:
            if name in (app.name, app.id):
                raise UsageError(f"Cannot promote from an app to itself: {name}.")
            if name not in by_name:
                raise UsageError(f"{name} is not in the pipeline {place.pipeline.name}.")
        return [by_name[name] for name in dict.fromkeys(self._to)]

    def apply(self, review: Review, ui: Ui) -> None:
        """Ask for the releases, which are made all or none."""
        sent = review.request
        names = ", ".join(one.app.name for one in self._targets)
        with ui.progress(f"Promoting {self.app} to {names}") as line:
            made = pipelines.promote(
                self.api, sent["pipeline"], sent["source"], sent["targets"], review.version
            )
            for target in pipelines.promotion_targets(self.api, made.id):
                if target.release is not None:
                    found = releases.find(self.api, target.app.id, target.release.id)
                    self._versions[target.app.id] = found.version
            line.done(f"done, {self._released()}")

    def _released(self) -> str:
        made = [(one.app.name, self._versions.get(one.app.id)) for one in self._targets]
        return ", ".join(f"{name} v{version}" for name, version in made if version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at each app: its release, that release's content, its dynos, its answer."""
        for one in self._targets:
            version = self._versions.get(one.app.id)
            if version is None:
                version = one.release.version if one.release else 0
            yield from self._arrived(one.app, version)

    def _arrived(self, app: App, version: int) -> Iterator[Check]:
        current = world.release_current(self.api, app.name, version, self.pace)
        yield Check(f"{app.name}: {current.what}", ok=current.ok, seen=current.seen)
        if not current.ok or self._source is None or self._source.slug is None:
            return
        now = member(self.api, app, "")
        same = now.runs(self._source.slug)
        yield Check(f"{app.name} has the code of {self.app}", ok=same, seen="")
        expected = world.Expected(world.quantities(self.api, app.name), release=version)
        yield from world.running(self.api, app, expected, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the commands that go back to what ran before."""
        del review
        back = [
            f"heroku rollback v{one.release.version} -a {one.app.name}"
            for one in self._targets
            if one.release is not None and one.slug is not None
        ]
        return "; ".join(back) or None

    def look(self) -> str:
        """Return the command that shows a release command's output."""
        name = self._targets[0].app.name if self._targets else self.app
        return f"heroku releases:output -a {name}"


def _short(slug: Slug) -> str:
    return slug.commit[:8] if slug.commit else _content(slug)[-8:]


def _content(slug: Slug) -> str:
    """Return what is the same for slugs of the same content; old ones have no checksum."""
    return slug.checksum or slug.id

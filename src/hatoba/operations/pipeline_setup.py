"""Connecting pipelines to repositories, and setting them up with their apps."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, pipelines, review_apps, setups, teams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.operations.pipelines import OnPipeline
from hatoba.operations.setups import Source, failure, follow, new_app, serving
from hatoba.schema.hatoba import Check
from hatoba.schema.pipelines import Pipeline

STAGING_SUFFIX = "-staging"


class Connect(OnPipeline):
    """Connects a pipeline to a repository elsewhere, which review apps then come from."""

    name = "pipelines:connect"

    def __init__(self, api: Api, pipeline: Pipeline, url: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, pipeline, pace=pace)
        self._url = url
        self._connected = ""

    def review(self) -> Review:
        """Show the repository of now; the URL may hold a password and is not shown."""
        now = review_apps.repository(self.api, self.pipeline.id)
        before = now.full_name if now else ""
        sign = "~" if now else "+"
        return Review(
            title=f"Repository of {self.pipeline.name}",
            rows=(Row(sign, "repository", before, "the one that is named"),),
            kind=Kind.RISKY if now and now.app is None else Kind.CHANGE,
            why=f"Branches come from the new repository instead of {before}.",
            before={"repository": before},
            after={"repository": "named"},
            request={"id": self.pipeline.id, "url": self._url},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Connect it; the platform looks whether it answers."""
        with ui.progress("Linking to repo"):
            made = review_apps.connect(self.api, review.request["id"], review.request["url"])
        self._connected = made.full_name

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        now = review_apps.repository(self.api, self.pipeline.id)
        good = now is not None and now.app is None and now.full_name == self._connected
        yield Check(f"branches come from {self._connected}", ok=good, seen="")

    def look(self) -> str:
        """Return the command that shows the pipeline's review apps."""
        return f"heroku reviewapps -p {self.pipeline.name}"


class SetUpPipeline(Operation):
    """Makes a pipeline with an app at staging and one in production, both as app.json says."""

    name = "pipelines:setup"

    def __init__(
        self,
        api: Api,
        name: str,
        source: Source,
        *,
        repository: str | None = None,
        team: str | None = None,
    ) -> None:
        super().__init__(api, name)
        self._source = source
        self._repository = repository
        self._team = team
        self.apps = {"production": name, "staging": f"{name}{STAGING_SUFFIX}"}

    def review(self) -> Review:
        """Show what is made; nothing may be there yet."""
        teams.check(self.api, self._team)
        for name in self.apps.values():
            if apps.exists(self.api, name):
                raise ClientError(f"There is an app {name} already. Choose another name.")
        rows = [Row("+", "pipeline", "", self.app)]
        rows += [Row("+", name, "", stage) for stage, name in self.apps.items()]
        rows += [Row("+", "team", "", self._team)] if self._team else []
        return Review(
            title=f"New pipeline {self.app} from {self._source.named}",
            rows=tuple(rows),
            kind=Kind.CHANGE,
            before={},
            after={"pipeline": self.app, **self.apps},
            request={"name": self.app, "source": self._source.named, "team": self._team},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the pipeline, then both apps side by side."""
        del review
        url = self._source.url or ""
        if self._source.archive is not None:
            with ui.progress("Sending the source"):
                url = setups.upload(self.api, self._source.archive)
        with ui.progress("Creating pipeline"):
            made = pipelines.create(self.api, self.app, self._team)
        try:
            if self._repository is not None:
                with ui.progress("Linking to repo"):
                    review_apps.connect(self.api, made.id, self._repository)
            begun = [setups.create(self.api, body) for body in self._bodies(made, url)]
        except ClientError:
            self._forget(made)
            raise
        for one in begun:
            ui.say(f"Setting up {one.app.name}...")
            if problem := failure(follow(self.api, one, ui, self.pace)):
                raise ClientError(problem)

    def _forget(self, made: Pipeline) -> None:
        if not pipelines.couplings(self.api, made.id):
            pipelines.destroy(self.api, made.id)

    def _bodies(self, made: Pipeline, url: str) -> Iterator[Json]:
        for stage, name in self.apps.items():
            yield {
                "source_blob": {"url": url, "version": self._source.version},
                "app": new_app(name, self._team),
                "pipeline_coupling": {"pipeline": made.id, "stage": stage},
            }

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at both apps."""
        del review
        for stage, name in self.apps.items():
            place = pipelines.coupling_of(self.api, name)
            good = place is not None and place.stage == stage
            yield Check(f"{name} is at {stage}", ok=good, seen="")
            yield from serving(self.api, apps.find(self.api, name), self.pace)

    def look(self) -> str:
        """Return the command that shows the pipeline."""
        return f"heroku pipelines:info {self.app}"

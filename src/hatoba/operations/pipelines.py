"""Making, changing and destroying pipelines, and putting apps into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatoba.client import apps, pipelines, teams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.kit.text import plural
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.pipelines import Coupling, Pipeline


class Couple(Operation):
    """Puts an app into a pipeline; without the pipeline's id one of that name is made first.

    ``team`` is whose the new pipeline is to be, None for the account's own.
    """

    team: str | None = None

    def __init__(
        self,
        api: Api,
        app: str,
        stage: str,
        pipeline: Pipeline | str,
        *,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, pace=pace)
        new = isinstance(pipeline, str)
        self.name = "pipelines:create" if new else "pipelines:add"
        self._pipeline = None if isinstance(pipeline, str) else pipeline
        self._called = pipeline if isinstance(pipeline, str) else pipeline.name
        self._stage = stage

    def review(self) -> Review:
        """Show where the app is now."""
        app, version = apps.reviewed(self.api, self.app)
        teams.check(self.api, self.team)
        there = pipelines.coupling_of(self.api, self.app)
        if there is not None:
            raise ClientError(
                f"{app.name} is already in the pipeline {there.pipeline.name}, at {there.stage}. "
                f"Take it out first: heroku pipelines:remove -a {app.name}"
            )
        made = (
            ()
            if self._pipeline
            else (Row("+", f"pipeline {self._called}", "", "", self.team or ""),)
        )
        return Review(
            title=f"{app.name} is in no pipeline.",
            rows=(*made, Row("+", app.name, "", f"{self._called}, {self._stage}")),
            kind=Kind.CHANGE,
            before={"pipeline": None},
            after={"pipeline": self._called, "stage": self._stage},
            request={
                "app": app.id,
                "pipeline": self._called,
                "stage": self._stage,
                "team": self.team,
            },
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Make the pipeline where it is new, and put the app into it."""
        made = None
        if self._pipeline is None:
            with ui.progress(f"Creating {self._called} pipeline"):
                made = self._pipeline = pipelines.create(self.api, self._called, self.team)
        with ui.progress(f"Adding {self.app} to {self._called} pipeline as {self._stage}"):
            try:
                pipelines.couple(self.api, self._pipeline.id, self.app, self._stage, review.version)
            except ClientError:
                if made is not None:
                    pipelines.destroy(self.api, made.id)
                raise

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        yield _placed(self.api, self.app, self._called, self._stage)

    def undo(self, review: Review) -> str:
        """Return the command that takes the app out, or forgets the new pipeline."""
        del review
        if self.name == "pipelines:create":
            return f"heroku pipelines:destroy {self._called}"
        return f"heroku pipelines:remove -a {self.app}"

    def look(self) -> str:
        """Return the command that shows the pipeline."""
        return f"heroku pipelines:info {self._called}"


class Move(Operation):
    """Puts an app at another stage of its pipeline, or with None takes it out."""

    def __init__(self, api: Api, app: str, stage: str | None, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self.name = "pipelines:update" if stage else "pipelines:remove"
        self._stage = stage
        self._found: Coupling | None = None

    def review(self) -> Review:
        """Show where it is now."""
        app, version = apps.reviewed(self.api, self.app)
        found = self._found = coupled(self.api, self.app)
        called = found.pipeline.name
        after = f"{called}, {self._stage}" if self._stage else ""
        same = found.stage == self._stage
        sign = "~" if self._stage else "-"
        return Review(
            title=f"{app.name} is in the pipeline {called}, at {found.stage}.",
            rows=() if same else (Row(sign, app.name, f"{called}, {found.stage}", after),),
            kind=Kind.CHANGE,
            before={"pipeline": called, "stage": found.stage},
            after={"pipeline": called if self._stage else None, "stage": self._stage},
            request={"id": found.id, "stage": self._stage},
            version=version,
            nothing=f"{app.name} is at {found.stage} already." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Move it, or take it out."""
        coupling_id = review.request["id"]
        if self._stage is None:
            with ui.progress(f"Removing {self.app}"):
                pipelines.uncouple(self.api, coupling_id, review.version)
        else:
            with ui.progress(f"Changing {self.app} to {self._stage}"):
                pipelines.move(self.api, coupling_id, self._stage, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        called = review.before["pipeline"]
        if self._stage is not None:
            yield _placed(self.api, self.app, called, self._stage)
            return
        left = pipelines.coupling_of(self.api, self.app)
        yield Check(f"{self.app} is in no pipeline", ok=left is None, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that puts it back."""
        called, stage = review.before["pipeline"], review.before["stage"]
        if self._stage is None:
            return f"heroku pipelines:add {called} -s {stage} -a {self.app}"
        return f"heroku pipelines:update -s {stage} -a {self.app}"


class OnPipeline(Operation):
    """A change of a whole pipeline. Its receipt is kept with one of its apps."""

    def __init__(self, api: Api, pipeline: Pipeline, *, pace: Pace | None = None) -> None:
        super().__init__(api, pipeline.name, pace=pace)
        self.pipeline = pipeline
        self._members = sorted(
            app.name
            for app in pipelines.apps_of(api, pipelines.couplings(api, pipeline.id)).values()
        )

    @property
    def ledger(self) -> str | None:
        """An app of the pipeline; without apps it is a change of the account's."""
        return self._members[0] if self._members else None

    @property
    def members(self) -> Sequence[str]:
        """The names of its apps, as far as the account may see them."""
        return self._members

    def look(self) -> str:
        """Return the command that shows what there is."""
        return "heroku pipelines"


class Rename(OnPipeline):
    """Gives a pipeline another name."""

    name = "pipelines:rename"

    def __init__(self, api: Api, pipeline: Pipeline, to: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, pipeline, pace=pace)
        self._to = to

    def review(self) -> Review:
        """Show both names."""
        now = pipelines.find(self.api, self.pipeline.id).name
        same = now == self._to
        return Review(
            title=f"Pipeline {now}: {_counted(self.members)}",
            rows=() if same else (Row("~", "name", now, self._to),),
            nothing="That is its name already." if same else None,
            kind=Kind.CHANGE,
            before={"name": now},
            after={"name": self._to},
            request={"id": self.pipeline.id, "name": self._to},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Rename it."""
        with ui.progress(f"Renaming {review.before['name']} pipeline to {self._to}"):
            pipelines.rename(self.api, self.pipeline.id, self._to)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        now = pipelines.find(self.api, self.pipeline.id).name
        yield Check(f"the pipeline is called {now}", ok=now == self._to, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that gives it its name back."""
        return f"heroku pipelines:rename {self._to} {review.before['name']}"


class Destroy(OnPipeline):
    """Forgets a pipeline; its apps go on as they are."""

    name = "pipelines:destroy"

    def review(self) -> Review:
        """Show which apps it holds together."""
        there = pipelines.find(self.api, self.pipeline.id)
        return Review(
            title=f"Pipeline {there.name}: {_counted(self.members)}",
            kind=Kind.DESTRUCTIVE,
            why="The pipeline is forgotten, its apps go on as they are.",
            before={"name": there.name, "apps": list(self.members)},
            after={},
            request={"id": there.id},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Forget it."""
        with ui.progress(f"Destroying {self.pipeline.name} pipeline"):
            pipelines.destroy(self.api, review.request["id"])

    def checks(self, review: Review) -> Iterator[Check]:
        """See that it is gone and its apps are not."""
        left = {one.id for one in pipelines.listed(self.api)}
        gone = review.request["id"] not in left
        yield Check(f"{self.pipeline.name} is gone", ok=gone, seen="")
        missing = [name for name in self.members if not apps.exists(self.api, name)]
        yield Check("its apps are there", ok=not missing, seen=", ".join(missing))


class Transfer(OnPipeline):
    """Gives a pipeline and the apps in it to another account."""

    name = "pipelines:transfer"

    def __init__(self, api: Api, pipeline: Pipeline, to: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, pipeline, pace=pace)
        self._to = to

    def review(self) -> Review:
        """Show what goes with it."""
        there = pipelines.find(self.api, self.pipeline.id)
        mine = apps.account(self.api)
        return Review(
            title=f"Pipeline {there.name}: {_counted(self.members)}",
            rows=(Row("~", "owner", mine.email, self._to),),
            kind=Kind.DESTRUCTIVE,
            why=f"The pipeline and those of its apps that are yours go to {self._to}: "
            "you go on working on the apps, but can't take them back.",
            before={"owner": there.owner.id},
            after={"owner": self._to},
            request={"id": there.id, "owner": self._to},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Give it away."""
        with ui.progress(f"Transferring {self.pipeline.name} pipeline to {self._to}"):
            pipelines.transfer(self.api, review.request["id"], review.request["owner"])

    def checks(self, review: Review) -> Iterator[Check]:
        """See who has its apps now."""
        del review
        for name in self.members:
            owner = apps.find(self.api, name).owner.email
            good = owner == self._to
            yield Check(f"{name} belongs to {self._to}", ok=good, seen="" if good else owner)


def coupled(api: Api, app: str) -> Coupling:
    """Return an app's place in its pipeline. Raises UsageError when it is in none."""
    found = pipelines.coupling_of(api, app)
    if found is None:
        raise UsageError(
            f"{app} is in no pipeline. Put it into one: heroku pipelines:add PIPELINE -a {app}"
        )
    return found


def _placed(api: Api, app: str, called: str, stage: str) -> Check:
    found = pipelines.coupling_of(api, app)
    good = found is not None and (found.pipeline.name, found.stage) == (called, stage)
    return Check(f"{app} is in {called}, at {stage}", ok=good, seen="")


def _counted(names: Sequence[str]) -> str:
    return f"{plural(len(names), 'app')}{': ' if names else ''}{', '.join(names)}."

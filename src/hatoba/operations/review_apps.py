"""Making and destroying review apps, and how a pipeline wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote
from typing import Any

from hatoba.client import apps, review_apps, setups
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.operations.pipelines import OnPipeline
from hatoba.operations.setups import DEADLINE, Source, follow, serving
from hatoba.schema.hatoba import Check
from hatoba.schema.pipelines import Pipeline
from hatoba.schema.review_apps import ReviewApp

# As the Platform API calls what is shown, in the order in which it is shown.
SETTINGS = {
    "automatic_review_apps": "made when a branch is pushed",
    "destroy_stale_apps": "destroyed when nobody pushes",
    "stale_days": "days until then",
    "wait_for_ci": "made once tests have passed",
    "base_name": "names begin with",
}

_FLAGS = {
    "automatic_review_apps": "--autodeploy",
    "destroy_stale_apps": "--autodestroy",
    "wait_for_ci": "--wait-for-ci",
}
_VALUES = {"stale_days": "--stale-days", "base_name": "--base-name"}


class Create(OnPipeline):
    """Makes a review app for a branch, of the pipeline's repository or of a source."""

    name = "reviewapps:create"

    def __init__(
        self,
        api: Api,
        pipeline: Pipeline,
        branch: str,
        *,
        source: Source | None = None,
        pr_number: int | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, pipeline, pace=pace)
        self._branch = branch
        self._source = source
        self._pr_number = pr_number
        self.made: ReviewApp | None = None

    @property
    def ledger(self) -> str | None:
        """The new app."""
        return self.app if self.made and self.made.app else super().ledger

    def review(self) -> Review:
        """Look for the branch."""
        where = self._source.named if self._source else self._commit()
        return Review(
            title=f"New review app of {self.pipeline.name} for {self._branch} ({where})",
            kind=Kind.CHANGE,
            before={},
            after={"pipeline": self.pipeline.name, "branch": self._branch},
            request={"pipeline": self.pipeline.id, "branch": self._branch, "source": where},
        )

    def _commit(self) -> str:
        repository = review_apps.repository(self.api, self.pipeline.id)
        if repository is None:
            raise ClientError(
                f"{self.pipeline.name} has no repository. Push to one of its apps, or: "
                f"heroku pipelines:connect {self.pipeline.name} --repo URL"
            )
        found = review_apps.branch(self.api, self.pipeline.id, self._branch)
        if found is None:
            raise ClientError(f"The branch {self._branch} doesn't exist in {repository.full_name}.")
        return f"{found.commit.sha[:8]} of {repository.full_name}"

    def apply(self, review: Review, ui: Ui) -> None:
        """Have it made, and follow that to its end."""
        del review
        body: Json = {"branch": self._branch, "pipeline": self.pipeline.id}
        body["source_blob"] = {"url": "resolve", "version": None}
        if self._source is not None:
            url = self._source.url
            if self._source.archive is not None:
                with ui.progress("Sending the source"):
                    url = setups.upload(self.api, self._source.archive)
            body["source_blob"] = {"url": url, "version": self._source.version}
        if self._pr_number is not None:
            body["pr_number"] = self._pr_number
        made = self.made = review_apps.create(self.api, body)
        self.made = wait(self.api, made, ui, self.pace)
        if problem := failure(self.made):
            raise ClientError(problem)
        if self.made is not None and self.made.app is not None:
            self.app = apps.find(self.api, self.made.app.id).name

    def checks(self, review: Review) -> Iterator[Check]:
        """Look at the app: its release, its dynos, its answer."""
        del review
        yield from serving(self.api, apps.find(self.api, self.app), self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that takes it away."""
        del review
        return f"heroku reviewapps:destroy {self._branch} -p {self.pipeline.name}"


class Destroy(Operation):
    """Destroys a review app; its app goes to the trash."""

    name = "reviewapps:destroy"

    def __init__(
        self, api: Api, pipeline: Pipeline, one: ReviewApp, *, pace: Pace | None = None
    ) -> None:
        found = apps.find(api, one.app.id) if one.app else None
        super().__init__(api, found.name if found else one.branch, pace=pace)
        self._pipeline = pipeline
        self._one = one
        self._app_id = found.id if found else None

    @property
    def ledger(self) -> str | None:
        """The app, also once it is in the trash."""
        return self._app_id

    def review(self) -> Review:
        """Show what goes."""
        one = review_apps.find(self.api, self._one.id)
        if one is None:
            raise ClientError(f"The review app of {self._one.branch} is gone already.")
        where = "The app goes to the trash, from which it can be restored for 7 days."
        return Review(
            title=f"Review app {self.app} of {self._pipeline.name}, branch {one.branch}",
            kind=Kind.DESTRUCTIVE,
            why=where if self._app_id else "It is forgotten.",
            before={"status": one.status, "branch": one.branch},
            after={},
            request={"id": one.id},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Destroy it, and wait until it is gone."""
        with ui.progress(f"Destroying {self.app}"):
            review_apps.destroy(self.api, review.request["id"])
            self.pace.until(self._left, lambda seen: seen is None, DEADLINE)

    def _left(self) -> ReviewApp | None:
        return review_apps.find(self.api, self._one.id)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that it is gone."""
        del review
        yield Check(f"{self._one.branch} has no review app", ok=self._left() is None, seen="")
        if self._app_id is not None:
            yield Check(f"{self.app} is gone", ok=not apps.exists(self.api, self.app), seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that brings the app back."""
        del review
        return f"heroku apps:restore {self.app}" if self._app_id else None


class Configure(OnPipeline):
    """Changes how a pipeline wants its review apps; None wants none any more."""

    def __init__(
        self,
        api: Api,
        pipeline: Pipeline,
        changes: Mapping[str, Any] | None,
        *,
        enables: bool = True,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, pipeline, pace=pace)
        self.name = "reviewapps:enable" if enables else "reviewapps:disable"
        self._changes = changes

    def review(self) -> Review:
        """Show what is wanted now, and what will be."""
        before = self._settings()
        after = None if self._changes is None else {**(before or _NONE), **self._changes}
        return Review(
            title=f"Review apps of {self.pipeline.name}: {_enabled(before)}",
            rows=tuple(self._rows(before, after)),
            kind=Kind.CHANGE,
            before={"settings": before},
            after={"settings": after},
            request={"id": self.pipeline.id, "changes": dict(self._changes or {})},
            nothing="That is how it is already." if before == after else None,
        )

    def _rows(self, before: Json | None, after: Json | None) -> Iterator[Row]:
        if _enabled(before) != _enabled(after):
            yield Row("~", "review apps", _enabled(before), _enabled(after))
        unseen = self._unseen(after)
        for key, words in SETTINGS.items():
            now, then = _shown(before or _NONE, key), _shown(after or _NONE, key)
            if now != then:
                yield Row("~", words, now, then, unseen.get(key, ""))

    def _unseen(self, after: Json | None) -> dict[str, str]:
        """Say what won't happen by itself, since nobody tells this platform of pushes elsewhere."""
        there = review_apps.repository(self.api, self.pipeline.id)
        if not after or not after["automatic_review_apps"] or there is None or there.app:
            return {}
        how = f"heroku reviewapps:create -p {self.pipeline.name} -b BRANCH"
        return {
            "automatic_review_apps": f"but pushes to {there.full_name} are not seen here: {how}"
        }

    def _settings(self) -> Json | None:
        found = review_apps.config(self.api, self.pipeline.id)
        return {key: getattr(found, key) for key in SETTINGS} if found else None

    def apply(self, review: Review, ui: Ui) -> None:
        """Configure the pipeline."""
        with ui.progress("Configuring pipeline"):
            if self._changes is None:
                review_apps.disable(self.api, review.request["id"])
            else:
                review_apps.configure(self.api, review.request["id"], review.request["changes"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        now = self._settings()
        wanted = review.after.get("settings") if review.nothing is None else now
        yield Check("the settings are as wanted", ok=now == wanted, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that switches it off or on again, not one for single settings."""
        before, after = review.before["settings"], review.after["settings"]
        pipeline = f"-p {quote(self.pipeline.name)}"
        if before is None:
            return f"heroku reviewapps:disable {pipeline}"
        if after is not None:
            return None
        flags = [f"{flag} " for key, flag in _FLAGS.items() if before[key]]
        values = [
            f"{flag} {quote(str(before[key]))} " for key, flag in _VALUES.items() if before[key]
        ]
        return f"heroku reviewapps:enable {''.join([*flags, *values])}{pipeline}"

    def look(self) -> str:
        """Return the command that shows the settings."""
        return f"heroku reviewapps -p {self.pipeline.name}"


def _enabled(settings: Json | None) -> str:
    return "not enabled" if settings is None else "enabled"


_NONE: Json = {
    "automatic_review_apps": False,
    "destroy_stale_apps": False,
    "stale_days": 5,
    "wait_for_ci": False,
    "base_name": None,
}


def _shown(settings: Json, key: str) -> str:
    value = settings[key]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def wait(api: Api, one: ReviewApp, ui: Ui, pace: Pace) -> ReviewApp | None:
    """Follow a review app until it is there, errored or gone; its build is shown."""
    now = pace.until(
        lambda: review_apps.find(api, one.id),
        lambda seen: seen is None or seen.status != "pending",
        DEADLINE,
    )
    if now is not None and now.status == "creating" and now.app_setup is not None:
        follow(api, setups.find(api, now.app_setup.id), ui, pace)
    return pace.until(
        lambda: review_apps.find(api, one.id),
        lambda seen: seen is None or seen.status not in ("pending", "creating", "deleting"),
        DEADLINE,
    )


def failure(one: ReviewApp | None) -> str | None:
    """Return why there is no review app, None when there is."""
    if one is None:
        return "The review app is gone."
    if one.status == "created":
        return None
    kept = f"\nThe app is kept: heroku logs -a {one.app.id}" if one.app else ""
    return f"The review app of {one.branch} is {one.status}: {one.message or 'no reason'}{kept}"

"""Scheduled jobs: added, changed, removed, run at once."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from hatoba.client import apps, scheduler
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.scheduler import Job, Run

# A run may take a day; who watches it has less patience.
RUN_DEADLINE = 3600.0


def rhythm(every: str | None, at: str | None) -> str:
    """Return what was asked for in words."""
    return " ".join(word for word in (f"every {every}" if every else "", at or "") if word)


def flags(job: Job) -> str:
    """Return the options that make a job run as this one does."""
    at = f" --at {job.at}" if job.at else ""
    return f"--every {job.every}{at} --size {job.size}"


class SchedulerOperation(Operation):
    """A change of an app's jobs; ``look`` shows them."""

    def look(self) -> str:
        """Return the command that shows the jobs."""
        return f"heroku scheduler -a {self.app}"


class AddJob(SchedulerOperation):
    """Has a command run every 10 minutes, hour or day."""

    name = "scheduler:add"

    def __init__(self, api: Api, app: str, wanted: Json, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        if not wanted["every"]:
            raise UsageError(
                "Say how often it runs: --every 10m, --every hour --at :30 "
                "or --every day --at 02:30."
            )
        self._wanted = wanted
        self.made: Job | None = None

    def review(self) -> Review:
        """Show the jobs that there are."""
        app, version = apps.reviewed(self.api, self.app)
        there = [job.command for job in scheduler.listed(self.api, app.name)]
        command, when = self._wanted["command"], rhythm(self._wanted["every"], self._wanted["at"])
        return Review(
            title=f"{app.name} scheduled jobs: {len(there)}",
            rows=(Row("+", command, "", when),),
            kind=Kind.CHANGE,
            before={"jobs": there},
            after={"jobs": [*there, command]},
            request=self._wanted,
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Add it."""
        with ui.progress(f"Scheduling {self._wanted['command']} on {self.app}") as line:
            self.made = scheduler.add(self.api, self.app, review.request, review.version)
            line.done(f"done, job {self.made.number}, {self.made.schedule}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, with the moment of the first run."""
        del review
        if self.made is not None:
            yield scheduled(scheduler.find(self.api, self.app, self.made.id))

    def undo(self, review: Review) -> str | None:
        """Return the command that removes it."""
        del review
        return f"heroku scheduler:remove {self.made.number} -a {self.app}" if self.made else None


def scheduled(job: Job) -> Check:
    """Say when a job runs next."""
    return Check(f"job {job.number} runs {job.schedule}", ok=True, seen=f"next {job.next_at}")


class UpdateJob(SchedulerOperation):
    """Changes a job's command, size or rhythm."""

    name = "scheduler:update"

    def __init__(
        self, api: Api, app: str, job: str, wanted: Json, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._job = job
        self._wanted = {name: value for name, value in wanted.items() if value is not None}
        if not self._wanted:
            raise UsageError("Say what is to change: --command, --every, --at or --size.")

    def review(self) -> Review:
        """Show what it is, and what it would be."""
        app, version = apps.reviewed(self.api, self.app)
        job = scheduler.find(self.api, app.name, self._job)
        before = {name: getattr(job, name) for name in self._wanted}
        changed = {n: v for n, v in self._wanted.items() if str(before[n]).lower() != v.lower()}
        rows = [Row("~", name, str(before[name]), value) for name, value in changed.items()]
        return Review(
            title=f"{app.name} job {job.number}: {job.command}, {job.schedule}",
            rows=tuple(rows),
            kind=Kind.RISKY,
            why=f"Job {job.number} will run otherwise than it does.",
            before={**before, "command": job.command, "flags": flags(job)},
            after={**before, **changed},
            request={"job": job.id, "number": job.number, "body": self._wanted},
            version=version,
            nothing=None if changed else "Nothing to change: that is how it runs.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Change it."""
        wanted = review.request
        with ui.progress(f"Changing job {wanted['number']} of {self.app}"):
            scheduler.update(self.api, self.app, wanted["job"], wanted["body"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        yield scheduled(scheduler.find(self.api, self.app, review.request["job"]))

    def undo(self, review: Review) -> str:
        """Return the command that changes it back."""
        number, before = review.request["number"], review.before
        command = f"--command {quote(before['command'])} {before['flags']}"
        return f"heroku scheduler:update {number} {command} -a {self.app}"


class RemoveJob(SchedulerOperation):
    """Lets a job run no more."""

    name = "scheduler:remove"

    def __init__(self, api: Api, app: str, job: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._job = job

    def review(self) -> Review:
        """Show which one goes."""
        app, version = apps.reviewed(self.api, self.app)
        job = scheduler.find(self.api, app.name, self._job)
        return Review(
            title=f"{app.name} job {job.number}",
            rows=(Row("-", job.command, job.schedule, ""),),
            kind=Kind.RISKY,
            why=f"{job.command} no longer runs {job.schedule}.",
            before={"job": job.number, "command": job.command, "flags": flags(job)},
            after={},
            request={"job": job.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove it."""
        with ui.progress(f"Removing job {review.before['job']} of {self.app}"):
            scheduler.remove(self.api, self.app, review.request["job"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        left = {job.id for job in scheduler.listed(self.api, self.app)}
        yield Check("the job is gone", ok=review.request["job"] not in left, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that adds it again."""
        before = review.before
        return f"heroku scheduler:add {quote(before['command'])} {before['flags']} -a {self.app}"


class RunJob(SchedulerOperation):
    """Runs a job once more, now, and waits for its end."""

    name = "scheduler:run"

    def __init__(self, api: Api, app: str, job: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._job = job
        self.begun: Run | None = None

    def review(self) -> Review:
        """Show what runs."""
        app, version = apps.reviewed(self.api, self.app)
        job = scheduler.find(self.api, app.name, self._job)
        return Review(
            title=f"{app.name} job {job.number}: {job.command}",
            kind=Kind.CHANGE,
            before={},
            after={"ran": job.command},
            request={"job": job.id, "number": job.number},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Begin it."""
        with ui.progress(f"Running job {review.request['number']} of {self.app}") as line:
            job = review.request["job"]
            self.begun = scheduler.run(self.api, self.app, job, review.version)
            line.done(self.begun.dyno or self.begun.state)

    def checks(self, review: Review) -> Iterator[Check]:
        """Wait for its end, and look how it went."""
        if self.begun is None:
            return
        ended = self.pace.until(
            lambda: self._run(review.request["job"]),
            lambda seen: seen is None or seen.state != "running",
            RUN_DEADLINE,
        )
        good = ended is not None and ended.state == "succeeded"
        seen = "" if good else (ended.problem or ended.state if ended else "it was forgotten")
        yield Check("the run succeeded", ok=good, seen=seen)

    def _run(self, job: str) -> Run | None:
        found = scheduler.runs(self.api, self.app, job)
        return next((one for one in found if self.begun and one.id == self.begun.id), None)

    def look(self) -> str:
        """Return the command that shows what it said."""
        dyno = f" -d {self.begun.dyno}" if self.begun and self.begun.dyno else ""
        return f"heroku logs -n 50{dyno} -a {self.app}"

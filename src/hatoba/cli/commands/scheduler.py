"""scheduler: an app's scheduled jobs and their runs."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.cli.times import ago
from hatoba.client import scheduler
from hatoba.schema.scheduler import Run

_SHOWN_RUNS = 10


@command("scheduler", "heroku scheduler -a harbour")
def listing(session: Session, app: str) -> int:
    """List an app's scheduled jobs; exit code 1 when one went wrong the last time."""
    found = scheduler.listed(session.api, app)
    failing = [job for job in found if job.problem]
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.say(
            f"{app} has no scheduled jobs. Add one: "
            f"heroku scheduler:add COMMAND --every day --at 02:30 -a {app}"
        )
    else:
        rows = [
            (str(j.number), j.command, j.size, j.schedule, j.next_at, "failed" if j.problem else "")
            for j in found
        ]
        session.out.table(rows, ("Job", "Command", "Size", "Runs", "Next", ""))
    for job in failing:
        session.out.warn(f"Job {job.number}: {job.problem}")
    return 1 if failing else 0


@command("scheduler:info", "heroku scheduler:info 1 -a harbour")
@click.argument("job")
def info(session: Session, app: str, job: str) -> None:
    """Show a job and its latest runs."""
    found = scheduler.find(session.api, app, job)
    runs = scheduler.runs(session.api, app, found.id)
    if session.json:
        session.out.json({**msgspec.to_builtins(found), "runs": msgspec.to_builtins(runs)})
        return
    session.out.header(f"Job {found.number} of {app}")
    fields = {"Command": found.command, "Size": found.size, "Runs": found.schedule}
    session.out.fields({**fields, "Next": found.next_at, "Problem": found.problem or "none"})
    if runs:
        session.out.say()
        rows = [_row(run) for run in runs[:_SHOWN_RUNS]]
        session.out.table(rows, ("Due", "State", "Dyno", "Exit", "Ended"))


def _row(run: Run) -> tuple[str, str, str, str, str]:
    status = "" if run.exit_status is None else str(run.exit_status)
    ended = ago(run.finished_at) if run.finished_at else ""
    return run.due_at, run.state, run.dyno or "", status, ended

"""Scheduled jobs and their runs as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import app_named, moment
from hatoba.model.app import App
from hatoba.model.scheduled_job import Job, Run
from hatoba.schema import scheduler as wire


def job(one: Job, app: App) -> wire.Job:
    """Return a job."""
    return wire.Job(
        id=str(one.id),
        number=one.number,
        app=app_named(app),
        command=one.command,
        size=one.size,
        every=one.rhythm.every.value,
        at=one.rhythm.at,
        schedule=one.rhythm.words,
        next_at=moment(one.next_at),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
        problem=one.problem,
    )


def run(one: Run) -> wire.Run:
    """Return a run."""
    return wire.Run(
        id=str(one.id),
        due_at=moment(one.due_at),
        state=one.state.value,
        dyno=one.dyno,
        exit_status=one.exit_status,
        problem=one.problem,
        started_at=moment(one.started_at),
        finished_at=moment(one.finished_at) if one.finished_at else None,
    )

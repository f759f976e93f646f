"""Scheduled jobs and their runs. Heroku has no API of its own for them."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Named


class Job(msgspec.Struct, frozen=True):
    """A command that runs ``every`` 10m, hour or day ``at`` a time in UTC.

    ``problem`` says what went wrong the last time, until it has gone well again.
    """

    id: str
    number: int
    app: Named
    command: str
    size: str
    every: str
    at: str | None
    schedule: str
    next_at: str
    created_at: str
    updated_at: str
    problem: str | None = None


class Run(msgspec.Struct, frozen=True):
    """One run of a job. ``state`` is running, succeeded, failed or missed."""

    id: str
    due_at: str
    state: str
    dyno: str | None
    exit_status: int | None
    problem: str | None
    started_at: str
    finished_at: str | None

"""Scheduled jobs and their runs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

scheduled_jobs = sa.Table(
    "scheduled_jobs",
    metadata,
    identity(),
    reference("addon_id", "addons.id"),
    reference("app_id", "apps.id"),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    sa.Column("every", sa.Text, nullable=False),
    sa.Column("hour", sa.Integer, nullable=False),
    sa.Column("minute", sa.Integer, nullable=False),
    moment("next_at"),
    sa.Column("problem", sa.Text),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("uq_scheduled_jobs_number", "addon_id", "number", unique=True),
    sa.Index("ix_scheduled_jobs_next", "next_at"),
)

scheduled_runs = sa.Table(
    "scheduled_runs",
    metadata,
    identity(),
    reference("job_id", "scheduled_jobs.id"),
    moment("due_at"),
    sa.Column("state", sa.Text, nullable=False),
    # The dyno's row goes when it has ended; the run is remembered.
    sa.Column("dyno_id", UUID(as_uuid=True), unique=True),
    sa.Column("dyno", sa.Text),
    sa.Column("exit_status", sa.Integer),
    sa.Column("problem", sa.Text),
    moment("started_at"),
    moment("finished_at", nullable=True),
    # Each moment has its run once, whatever happens in between.
    sa.Index("uq_scheduled_runs_due", "job_id", "due_at", unique=True),
)

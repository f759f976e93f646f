"""Scheduled jobs and their runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def _identity() -> sa.Column[object]:
    made = sa.text("gen_random_uuid()")
    return sa.Column("id", UUID(as_uuid=True), primary_key=True, server_default=made)


def _reference(name: str, target: str) -> sa.Column[object]:
    there = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, UUID(as_uuid=True), there, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    default = None if nullable else _NOW
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, nullable=nullable, server_default=default)


def upgrade() -> None:
    op.create_table(
        "scheduled_jobs",
        _identity(),
        _reference("addon_id", "addons.id"),
        _reference("app_id", "apps.id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("size", sa.Text, nullable=False),
        sa.Column("every", sa.Text, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("minute", sa.Integer, nullable=False),
        _moment("next_at"),
        sa.Column("problem", sa.Text),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index(
        "uq_scheduled_jobs_number", "scheduled_jobs", ["addon_id", "number"], unique=True
    )
    op.create_index("ix_scheduled_jobs_next", "scheduled_jobs", ["next_at"])
    op.create_table(
        "scheduled_runs",
        _identity(),
        _reference("job_id", "scheduled_jobs.id"),
        _moment("due_at"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("dyno_id", UUID(as_uuid=True), unique=True),
        sa.Column("dyno", sa.Text),
        sa.Column("exit_status", sa.Integer),
        sa.Column("problem", sa.Text),
        _moment("started_at"),
        _moment("finished_at", nullable=True),
    )
    op.create_index("uq_scheduled_runs_due", "scheduled_runs", ["job_id", "due_at"], unique=True)


def downgrade() -> None:
    op.drop_table("scheduled_runs")
    op.drop_table("scheduled_jobs")

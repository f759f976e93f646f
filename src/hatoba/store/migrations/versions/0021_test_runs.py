"""Test runs and their cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_UUID = postgresql.UUID(as_uuid=True)


def _identity() -> sa.Column[object]:
    return sa.Column("id", _UUID, primary_key=True, server_default=sa.text("gen_random_uuid()"))


def _reference(table: str, name: str, target: str) -> sa.Column[object]:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, _UUID, key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    )


def upgrade() -> None:
    op.create_table(
        "test_runs",
        _identity(),
        _reference("test_runs", "pipeline_id", "pipelines.id"),
        _reference("test_runs", "account_id", "accounts.id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("commit", sa.Text, nullable=False),
        sa.Column("commit_message", sa.Text, nullable=False),
        sa.Column("debug", sa.Boolean, nullable=False),
        sa.Column("clear_cache", sa.Boolean, nullable=False),
        sa.Column("for_review", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("error_state", sa.Text),
        sa.Column("exit_code", sa.Integer),
        sa.Column("app_id", _UUID),
        sa.Column("setup_id", _UUID, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("pipeline_id", "number", name="uq_test_runs_pipeline_id"),
    )
    op.create_table(
        "test_cases",
        _identity(),
        _reference("test_cases", "test_run_id", "test_runs.id"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.Column("directive", sa.Text, nullable=False),
        sa.Column("diagnostic", sa.Text, nullable=False),
        _moment("created_at"),
    )
    op.create_index("ix_test_cases_test_run", "test_cases", ["test_run_id", "position"])


def downgrade() -> None:
    op.drop_table("test_cases")
    op.drop_table("test_runs")

"""Test runs and their cases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

test_runs = sa.Table(
    "test_runs",
    metadata,
    identity(),
    reference("pipeline_id", "pipelines.id"),
    reference("account_id", "accounts.id"),
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
    sa.Column("app_id", UUID(as_uuid=True)),
    sa.Column("setup_id", UUID(as_uuid=True), nullable=False),
    # Where the source is, sealed: the address may be its own credential.
    sa.Column("source", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("pipeline_id", "number"),
)

test_cases = sa.Table(
    "test_cases",
    metadata,
    identity(),
    reference("test_run_id", "test_runs.id"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("directive", sa.Text, nullable=False),
    sa.Column("diagnostic", sa.Text, nullable=False),
    moment("created_at"),
    sa.Index("ix_test_cases_test_run", "test_run_id", "position"),
)

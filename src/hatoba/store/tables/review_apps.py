"""Review apps, how pipelines want them, and what they share: repository and config vars."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference


def _pipeline() -> sa.Column[object]:
    key = sa.ForeignKey("pipelines.id", ondelete="CASCADE")
    return sa.Column("pipeline_id", UUID(as_uuid=True), key, primary_key=True)


pipeline_config_vars = sa.Table(
    "pipeline_config_vars",
    metadata,
    _pipeline(),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

pipeline_repositories = sa.Table(
    "pipeline_repositories",
    metadata,
    _pipeline(),
    # A URL may have a password in it.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    moment("created_at"),
)

review_app_configs = sa.Table(
    "review_app_configs",
    metadata,
    _pipeline(),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("destroy_stale", sa.Boolean, nullable=False),
    sa.Column("stale_days", sa.Integer, nullable=False),
    sa.Column("wait_for_ci", sa.Boolean, nullable=False),
    sa.Column("base_name", sa.Text),
)

review_apps = sa.Table(
    "review_apps",
    metadata,
    identity(),
    reference("pipeline_id", "pipelines.id"),
    reference("account_id", "accounts.id"),
    sa.Column("branch", sa.Text, nullable=False),
    sa.Column("pr_number", sa.Integer),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("app_id", UUID(as_uuid=True)),
    sa.Column("former_app_id", UUID(as_uuid=True)),
    sa.Column("setup_id", UUID(as_uuid=True), nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    # Where its source is and the config vars it was given, sealed.
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("message", sa.Text),
    sa.Column("warned", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("touched_at"),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("pipeline_id", "branch"),
    sa.Index("ix_review_apps_app", "app_id"),
)
